"""The report: one HTML file that opens offline, and holds its pictures and its style."""

import html
import json
from itertools import product

from synthem.report.blocks import Html, as_html, section, slug, table, word
from synthem.report.style import CSS
from synthem.report.text import EMPTY, NOTHING_HERE, PARTS

# The browser loads nothing else, whatever file names of others have put into the page.
POLICY = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'"
SIZES = ("shape", "voxel_size_nm")
CHECK_COLUMNS = ("volume", "part", "source", "shape", "type", "voxel_size_nm", "found", "problem")


def build_page(sections, *, title, verdict):
    """The whole report. `sections` {key of PARTS: [content, ...]}; an empty part gets one line instead."""
    unknown = set(sections) - set(PARTS)
    if unknown:
        raise KeyError(f"unknown parts of the report: {sorted(unknown)}")
    parts = {"The verdict": section("The verdict", verdict)}
    for key, (heading, lead) in PARTS.items():
        content = [Html(f'<p class="lead">{html.escape(lead)}</p>'), *sections.get(key, ())]
        if not sections.get(key):  # what would be explained is not there
            content = [Html(f'<p class="empty">{html.escape(EMPTY.get(key, NOTHING_HERE))}</p>')]
        parts[heading] = section(heading, *content)
    return document(title, parts)


def document(title, parts):
    """`parts` {heading: Html of a section} as a complete HTML page with a table of contents."""
    links = "\n".join(f'<li><a href="#{slug(heading)}">{html.escape(heading)}</a></li>' for heading in parts)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{html.escape(title)}</title>
<style>{CSS}</style>
</head>
<body>
<div class="page">
<header><p class="brand">Synthem report</p><h1>{html.escape(title)}</h1></header>
<nav aria-label="Contents"><ol>
{links}
</ol></nav>
<main>
{"".join(parts.values())}
</main>
</div>
</body>
</html>
"""


def check_table(rows):
    """Rows of CHECK_COLUMNS as a table in which those with a problem stand out."""
    rows = [row | {"problem": f"✗ {row['problem']}" if row.get("problem") else "✓ none"} for row in rows]
    # A shape is one word: it does not break at the end of a line.
    for row, key in product(rows, SIZES):
        row[key] = str(row.get(key, "")).replace(" x ", "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}")
    columns = [key for key in CHECK_COLUMNS if any(key in row for row in rows)]
    return table(rows, columns, bad=lambda row: row["problem"].startswith("✗"))


def facts(values, *, caption=""):
    """{name: number or text} as a table of two columns."""
    return table([{"what": word(key), "value": value} for key, value in values.items()], caption=caption)


def provenance_parts(provenance):
    """A provenance dict as content: flat parts as tables, nested ones as they stand in the file."""
    content = []
    for key, value in provenance.items():
        content.append(Html(f"<h3>{html.escape(word(key))}</h3>"))
        if isinstance(value, dict) and not any(isinstance(item, dict | list) for item in value.values()):
            content.append(facts(value))
        elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            content.append(table(value))
        elif isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
            content.append(as_html(", ".join(map(str, value))))
        elif isinstance(value, dict | list):
            text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
            content.append(Html(f'<pre tabindex="0">{html.escape(text)}</pre>'))
        else:
            content.append(as_html(value))
    return content
