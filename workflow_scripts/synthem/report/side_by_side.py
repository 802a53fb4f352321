"""Several targets on one page: the answer of all as one, and that of each with a link to its report."""

from synthem.report.blocks import Part
from synthem.report.opening import headline_of
from synthem.report.rendering import block, page
from synthem.report.text import SIDE_BY_SIDE, TOGETHER
from synthem.report.verdict import verdict_matrix


def overview(found, together, *, structure):
    """{target: (rows of comparison.csv, verdict.json, means)}, and the first two of all as one -> the page.

    means: rows of a target's summary that hold the endpoint.
    """
    parts = [Part("Side by side", [SIDE_BY_SIDE])]
    if together[0]:
        parts.append(Part("All as one", _answer(*together), TOGETHER))
    for target, answered in found.items():
        link = block("link", to=f"{target}/index.html", text=f"The report of {target}")
        parts.append(Part(target, [*_answer(*answered), link]))
    return page(f"{structure} in {len(found)} volumes", parts)


def _answer(comparisons, answer, means=()):
    symbol, tone, words, _ = headline_of(comparisons, answer, means)
    shown = [block("answer", symbol=symbol, words=words, tone=tone)]
    return [*shown, verdict_matrix(comparisons, answer)] if comparisons else shown
