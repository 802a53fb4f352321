"""Where the project lies, and the public data beside it."""

from pathlib import Path

PROJECT = Path(__file__).parents[2]
LIBRARY = PROJECT / "workflow_scripts"  # on the path of every script
PUBLIC_DATA = PROJECT.parent / "shared/data"
