"""Where the templates of the report lie: those of the project, and a lab's own in their place."""

from pathlib import Path

from synthem.config.messages import reference_error
from synthem.storage.naming import count_text

TEMPLATES = Path(__file__).with_name("templates")
KEY = "report.templates"


def templates_in(folder):
    """The files of a lab's folder, at least one of them by the name of a template; [] without a folder."""
    if not folder:
        return []
    own = [
        file for file in sorted(Path(folder).glob("[!.]*")) if file.is_file() and not file.name.endswith("~")
    ]
    known = sorted(file.name for file in TEMPLATES.iterdir())
    if not {file.name for file in own} & set(known):
        found = f"`{folder}` has {count_text(len(own), 'file')}, and none in the place of a template"
        raise reference_error(
            KEY, found, f"one of {', '.join(known)}", "put one there, or leave the key empty"
        )
    return own
