"""Templates of the report, filled in.

What is not Html already is escaped: a file name may hold `<script>`.
"""

from contextlib import contextmanager
from functools import cache
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, TemplateError

from synthem.errors import SynthemError
from synthem.report.styling import KEY, TEMPLATES

_own = []  # files of a lab, which stand in the place of the templates of their names


class Html(str):
    """Text that is HTML already."""

    def __html__(self):
        return self


def use_templates(files):
    """Fill in a lab's own templates of one folder, from now on; what it has no file for is the project's.

    The project's are `synthem/NAME` for these: `{% include "synthem/style.css" %}`.
    """
    _own[:] = map(Path, files)
    _environment.cache_clear()


@cache
def _environment():
    ours = FileSystemLoader(TEMPLATES)
    theirs = [FileSystemLoader(folder) for folder in sorted({file.parent for file in _own})]
    return Environment(
        loader=ChoiceLoader([*theirs, ours, PrefixLoader({"synthem": ours})]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@contextmanager
def _filled_in():
    """An error of a lab's own templates is one of its files, not of the program."""
    try:
        yield
    # The last two: a macro that is missing, or called otherwise.
    except (TemplateError, AttributeError, TypeError) as error:
        if not _own:
            raise
        place = f"{getattr(error, 'filename', None) or _own[0].parent}"
        line = f"line {error.lineno}: " if getattr(error, "lineno", None) else ""
        raise SynthemError(
            "DATA_FORMAT",
            place,
            f"no template that can be filled in: {line}{error}",
            expected=f"what the file of its name in {TEMPLATES} has: its macros, with their arguments",
            fix=f"correct it, or leave {KEY} empty",
        ) from error


def page(title, parts):
    """Parts (`blocks.Part`) as a whole HTML page with its contents; one without content is left out."""
    parts = [part for part in parts if part.content]
    with _filled_in():
        return _environment().get_template("page.html").render(title=title, parts=parts)


def block(name, /, **values):
    """Html of a macro of blocks.html."""
    with _filled_in():
        return Html(getattr(_environment().get_template("blocks.html").module, name)(**values))


def together(parts):
    """Html of several pieces, one below the other; text among them becomes a paragraph."""
    return block("together", parts=list(parts))
