"""Hashes of code as it is now; the workflow keeps one `Code` for all of its scripts."""

from pathlib import Path

from synthem.storage.code import Code


def code_hash(file, beside=()):
    """The hash of a file and of what it reaches in its own folder, as they are now."""
    return Code(Path(file).parent).hash(Path(file).name, beside)
