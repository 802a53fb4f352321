"""Sections, pictures, tables and numbers of the report as HTML.

Whatever is not `Html` is text and is escaped: a file name may hold `<script>`.
"""

import html
import math
import re

from synthem.report.pictures import data_uri, embedded
from synthem.report.text import NO_REASON, NOT_APPLICABLE, NOTHING_HERE, REASONS, TOO_LARGE, VERDICTS, WORDS
from synthem.storage.naming import labels_text

SIGNED = ("difference", "low", "high")  # of differences
LARGEST_VIDEO = 3_000_000  # bytes: the page stays light enough to be mailed


class Html(str):
    """Text that is HTML already."""


def as_html(content):
    """Html as it is; any other text as an escaped paragraph."""
    return content if isinstance(content, Html) else Html(f"<p>{html.escape(str(content))}</p>")


def slug(title):
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "section"


def section(title, *content):
    body = "\n".join(as_html(part) for part in content)
    return Html(f'<section id="{slug(title)}">\n<h2>{html.escape(title)}</h2>\n{body}\n</section>\n')


def figure(png_bytes, caption, alt, *, title=None):
    """A picture within the page, with a caption and the text `alt` for screen readers."""
    uri, width, height = embedded(png_bytes)  # with its size, the page does not jump while it opens
    heading = f"<h3>{html.escape(title)}</h3>" if title else ""
    return Html(
        f'<figure>{heading}<div class="scroll" tabindex="0"><img src="{uri}" '
        f'width="{width}" height="{height}" alt="{html.escape(alt)}"></div>'
        f"<figcaption>{html.escape(caption)}</figcaption></figure>"
    )


def video(path, caption, *, title):
    """An animated PNG or an MP4 file in the page, shut until a reader opens it; a large one is only named."""
    heading, data = html.escape(title), path.read_bytes()
    if len(data) > LARGEST_VIDEO:
        return Html(f"<h3>{heading}</h3>{as_html(TOO_LARGE.format(path))}")
    if path.suffix == ".png":
        shown = figure(data, caption, f"video: {title}")
    else:
        moving = f'<video controls loop muted src="{data_uri("video/mp4", data)}"></video>'
        shown = f"<figure>{moving}<figcaption>{html.escape(caption)}</figcaption></figure>"
    return Html(f"<details><summary>{heading}</summary>{shown}</details>")


def folded(title, content, opened=False):
    """Html that stands behind its title until a reader opens it."""
    summary = f"<summary>{html.escape(title)}</summary>"
    return Html(f"<details{' open' * opened}>{summary}{content}</details>")


def table(rows, columns=None, *, caption="", bad=lambda row: False):
    """`rows` (dicts) as a table of `columns`, by default all; undefined cells have words."""
    columns = list(columns or dict.fromkeys(key for row in rows for key in row))
    if not rows:
        return Html(f'<p class="empty">{NOTHING_HERE}</p>')
    heads = "".join(f'<th scope="col"{numeric(rows, key)}>{html.escape(word(key))}</th>' for key in columns)
    body = ""
    for row in rows:
        tone = ' class="bad"' if bad(row) else ""
        body += f"<tr{tone}>{''.join(cell(key, row.get(key)) for key in columns)}</tr>\n"
    head = f"<caption><span>{html.escape(caption)}</span></caption>" if caption else ""
    return Html(
        f'<div class="sheet"><div class="scroll" tabindex="0"><table>{head}<thead><tr>{heads}</tr></thead>\n'
        f"<tbody>{body}</tbody></table></div>{undefined_note(rows, columns)}</div>"
    )


def undefined_note(rows, columns):
    """Why numbers are undefined, where the table has no column `reason`."""
    lacking = [key for key in columns if any(is_missing(row.get(key)) for row in rows)]
    reasons = dict.fromkeys(REASONS.get(key, NO_REASON) for key in lacking if key not in NOT_APPLICABLE)
    if not reasons or "reason" in columns:
        return ""
    return f'<p class="note">Undefined: {html.escape("; ".join(reasons))}.</p>'


def cell(key, value):
    if key == "reason" and is_missing(value):
        return "<td></td>"
    if is_missing(value):
        return f'<td class="missing">{"–" if key in NOT_APPLICABLE else "undefined"}</td>'
    if key == "verdict" and value in VERDICTS:
        return f"<td>{badge(value)}</td>"
    if key == "metric":
        value = word(value)
    if key == "budget":
        return f"<td>{labels_text(value)}</td>"
    if isinstance(value, Html):
        return f'<td class="n">{value}</td>'
    if isinstance(value, bool):
        return f"<td>{'yes' if value else 'no'}</td>"
    if isinstance(value, int | float):
        return f'<td class="n">{number_text(value, signed=key in SIGNED)}</td>'
    if isinstance(value, list | tuple):
        value = " × ".join(f"{item:g}" if isinstance(item, float) else str(item) for item in value)
    # A path may break after a slash, and nowhere else.
    return f'<td class="text">{html.escape(str(value)).replace("/", "/<wbr>")}</td>'


def numeric(rows, key):
    values = [row.get(key) for row in rows]
    found = [value for value in values if not is_missing(value)]
    return ' class="n"' if all(isinstance(value, int | float | Html) for value in found) else ""


def word(key):
    return WORDS.get(key, str(key).replace("_", " "))


def is_missing(value):
    return value is None or (isinstance(value, float) and math.isnan(value))


def number_text(value, *, signed=False):
    """3 decimals, 1 from 100 on, 2 digits where all these would be zeros; with a true minus sign."""
    if is_missing(value):
        return "undefined"
    if isinstance(value, int):
        return str(value).replace("-", "−")
    sign = "+" if signed else ""
    form = ".2g" if 0 < abs(value) < 0.0005 else ".3f" if abs(value) < 100 else ".1f"
    return format(value, sign + form).replace("-", "−")


def percent(fraction):
    return f"{100 * fraction:.3g} %"


def badge(verdict):
    symbol = f'<span class="symbol" aria-hidden="true">{VERDICTS[verdict][0]}</span>'
    return f'<span class="badge {slug(verdict)}">{symbol}{verdict}</span>'
