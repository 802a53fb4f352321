"""Several targets on one page: the answer of all as one, and that of each with a link to its report."""

from synthem.report.blocks import Part
from synthem.report.opening import headline_of
from synthem.report.rendering import block, page
from synthem.report.text import SIDE_BY_SIDE, TOGETHER
from synthem.report.verdict import verdict_matrix


def overview(found, together, *, structure):
    """{target: (rows of comparison.csv, verdict.json)}, and the same of all targets as one -> the page."""
    parts = [Part("Side by side", [SIDE_BY_SIDE])]
    if together[0]:
        parts.append(Part("All as one", _answer(*together), TOGETHER))
    for target, (comparisons, answer) in found.items():
        link = block("link", to=f"{target}/index.html", text=f"The report of {target}")
        parts.append(Part(target, [*_answer(comparisons, answer), link]))
    return page(f"{structure} in {len(found)} volumes", parts)


def _answer(comparisons, answer):
    symbol, tone, words, _ = headline_of(comparisons, answer)
    shown = [block("answer", symbol=symbol, words=words, tone=tone)]
    return [*shown, verdict_matrix(comparisons, answer)] if comparisons else shown
