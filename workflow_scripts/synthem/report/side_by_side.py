"""Several targets on one page: the answer of each, with a link to its report."""

import html

from synthem.report.blocks import Html, section
from synthem.report.page import document
from synthem.report.text import SIDE_BY_SIDE
from synthem.report.verdict import headline_of, verdict_matrix


def overview(found, *, structure):
    """{target: (rows of comparison.csv, verdict.json)} -> the page as text."""
    parts = {}
    for target, (comparisons, answer) in found.items():
        symbol, tone, words, _ = headline_of(comparisons, answer)
        mark = f'<span class="symbol" aria-hidden="true">{symbol}</span><strong>{html.escape(words)}</strong>'
        link = f'<p><a href="{html.escape(target)}/index.html">The report of {html.escape(target)}</a></p>'
        table = verdict_matrix(comparisons, answer) if comparisons else ""
        parts[target] = section(target, Html(f'<p class="answer {tone}">{mark}</p>{link}{table}'))
    lead = Html(f'<p class="lead">{html.escape(SIDE_BY_SIDE)}</p>')
    title = f"{structure} in {len(found)} volumes"
    return document(title, {"Side by side": section("Side by side", lead)} | parts)
