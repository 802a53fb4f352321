"""Pictures, tables and numbers of the report as HTML: what stands in them. How they look is in templates/."""

import math
import re
from typing import NamedTuple

from synthem.comparison.p_values import SMALL, p_text
from synthem.report.pictures import data_uri, embedded
from synthem.report.rendering import Html, block
from synthem.report.text import NO_REASON, NOT_APPLICABLE, REASONS, TOO_LARGE, VERDICTS, WORDS
from synthem.storage.naming import labels_text

PS = ("p", "p_adjusted", "p_equivalence")
SIGNED = ("difference", "low", "high")  # of differences
LARGEST_VIDEO = 3_000_000  # bytes: the page stays light enough to be mailed


class Part(NamedTuple):
    """A section of a page; `opened`: it stands open, or is folded away behind its heading."""

    heading: str
    content: list  # Html, or text that becomes a paragraph
    lead: str = ""
    opened: bool = True

    @property
    def anchor(self):
        return slug(self.heading)


def slug(title):
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "section"


def figure(png_bytes, caption, alt, *, title=None):
    """A picture within the page, with a caption and the text `alt` for screen readers."""
    uri, width, height = embedded(png_bytes)  # with its size, the page does not jump while it opens
    return block("figure", uri=uri, width=width, height=height, caption=caption, alt=alt, title=title)


def video(path, caption, *, title):
    """An animated PNG or an MP4 file in the page, shut until a reader opens it; a large one is only named."""
    data = path.read_bytes()
    if len(data) > LARGEST_VIDEO:
        return Html(block("heading", text=title) + block("together", parts=[TOO_LARGE.format(path)]))
    if path.suffix == ".png":
        shown = figure(data, caption, f"video: {title}")
    else:
        shown = block("film", uri=data_uri("video/mp4", data), caption=caption)
    return folded(title, shown)


def folded(title, content, opened=False):
    """Html that stands behind its title until a reader opens it."""
    return block("folded", title=title, content=content, opened=opened)


def sentence_list(sentences):
    """Sentences as a list; names in `...` look like names."""
    return block("sentences", lines=list(sentences))


def table(rows, columns=None, *, caption="", bad=lambda row: False, links=(), terms=()):
    """`rows` (dicts) as a table of `columns`, by default all; undefined cells have words; no rows, no table.

    links {text of a cell: where it leads}; terms {words: what they mean}, below the table.
    """
    if not rows:
        return Html()
    columns = list(columns or dict.fromkeys(key for row in rows for key in row))
    terms, links = dict(terms), dict(links)
    heads = [
        {"text": word(key), "kind": numeric(rows, key), "title": terms.get(word(key), "")} for key in columns
    ]
    lines = [{"bad": bad(row), "cells": [cell(key, row.get(key), links) for key in columns]} for row in rows]
    note = undefined_note(rows, columns)
    return block("table", heads=heads, rows=lines, caption=caption, note=note, terms=terms)


def undefined_note(rows, columns):
    """Why numbers are undefined, where the table has no column `reason`."""
    lacking = [key for key in columns if any(is_missing(row.get(key)) for row in rows)]
    reasons = dict.fromkeys(REASONS.get(key, NO_REASON) for key in lacking if key not in NOT_APPLICABLE)
    return "" if "reason" in columns else "; ".join(reasons)


def cell(key, value, links):
    """{content, kind, link} of a cell; kind: how it looks."""
    kind, content = _cell(key, value)
    link = links.get(value, "") if isinstance(value, str) else ""
    return {"kind": kind, "content": content, "link": link}


def _cell(key, value):
    if is_missing(value):
        if key == "reason":
            return "", ""
        return "missing", "–" if key in NOT_APPLICABLE else "undefined"
    if key == "verdict" and value in VERDICTS:
        return "", badge(value)
    if key == "metric":
        value = word(value)
    if key == "budget":
        return "", labels_text(value)
    if isinstance(value, Html):
        return "n", value
    if isinstance(value, bool):
        return "", "yes" if value else "no"
    if key in PS and value < SMALL:
        return "n", p_text(value)
    if isinstance(value, int | float):
        return "n", number_text(value, signed=key in SIGNED)
    if key == "changes":
        return "text", block("lines", texts=value)
    if isinstance(value, list | tuple):
        value = " × ".join(f"{item:g}" if isinstance(item, float) else str(item) for item in value)
    return "text", block("path", text=str(value))


def numeric(rows, key):
    found = [row.get(key) for row in rows if not is_missing(row.get(key))]
    return "n" if all(isinstance(value, int | float | Html) for value in found) else ""


def word(key):
    return WORDS.get(key, str(key).replace("_", " "))


def is_missing(value):
    return value is None or (isinstance(value, float) and math.isnan(value))


def number_text(value, *, signed=False, like=None):
    """3 decimals, 1 from 100 on, 2 digits where all these would be zeros; with a true minus sign.

    like: the value that decides, where several stand together.
    """
    if is_missing(value):
        return "undefined"
    if isinstance(value, int):
        return str(value).replace("-", "−")
    sign = "+" if signed else ""
    size = abs(value if like is None else like)
    form = ".2g" if 0 < size < 0.0005 else ".3f" if size < 100 else ".1f"
    return format(value, sign + form).replace("-", "−")


def badge(verdict):
    return block("badge", verdict=verdict, symbol=VERDICTS[verdict][0], tone=slug(verdict))
