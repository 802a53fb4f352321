"""Templates of the report, filled in.

What is not Html already is escaped: a file name may hold `<script>`.
"""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).with_name("templates")


class Html(str):
    """Text that is HTML already."""

    def __html__(self):
        return self


@cache
def _environment():
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(title, parts):
    """Parts (`blocks.Part`) as a whole HTML page with its contents; one without content is left out."""
    parts = [part for part in parts if part.content]
    return _environment().get_template("page.html").render(title=title, parts=parts)


def block(name, /, **values):
    """Html of a macro of blocks.html."""
    return Html(getattr(_environment().get_template("blocks.html").module, name)(**values))


def together(parts):
    """Html of several pieces, one below the other; text among them becomes a paragraph."""
    return block("together", parts=list(parts))
