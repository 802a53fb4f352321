"""Several targets on one page: the answer of all as one, and that of each with a link to its report."""

import html

from synthem.report.blocks import Html, section
from synthem.report.page import document
from synthem.report.text import SIDE_BY_SIDE, TOGETHER
from synthem.report.verdict import headline_of, verdict_matrix


def overview(found, together, *, structure):
    """{target: (rows of comparison.csv, verdict.json)}, and the same of all targets as one -> the page."""
    lead, about = (Html(f'<p class="lead">{html.escape(text)}</p>') for text in (SIDE_BY_SIDE, TOGETHER))
    parts = {"Side by side": section("Side by side", lead)}
    if together[0]:
        parts["All as one"] = section("All as one", Html(about + _answer(*together)))
    for target, (comparisons, answer) in found.items():
        link = f'<p><a href="{html.escape(target)}/index.html">The report of {html.escape(target)}</a></p>'
        parts[target] = section(target, Html(_answer(comparisons, answer, link)))
    return document(f"{structure} in {len(found)} volumes", parts)


def _answer(comparisons, answer, link=""):
    symbol, tone, words, _ = headline_of(comparisons, answer)
    mark = f'<span class="symbol" aria-hidden="true">{symbol}</span><strong>{html.escape(words)}</strong>'
    table = verdict_matrix(comparisons, answer) if comparisons else ""
    return f'<p class="answer {tone}">{mark}</p>{link}{table}'
