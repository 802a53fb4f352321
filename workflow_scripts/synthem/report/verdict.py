"""The verdict of a study in words, arm by arm, and how sure it is."""

from synthem.comparison.answers import ENDPOINTS, NO_ANSWER, budgets_text
from synthem.comparison.caveats import UNNEEDED
from synthem.comparison.learning import UNFINISHED
from synthem.report.blocks import badge, folded, is_missing, number_text, sentence_list, slug, table
from synthem.report.captions import CAPTIONS
from synthem.report.rendering import block
from synthem.report.terms import CLIPPED, COMPARED, ends_of_difference, interval_of_difference
from synthem.report.text import (
    BEATEN,
    COLUMNS,
    COVERED,
    DEPENDS,
    MATRIX,
    NO_INTERVAL,
    NOT_COVERED,
    ON_ARM,
    ON_ARM_OR_LABELS,
    OPEN_STILL,
    STILL_LEARNING,
    VERDICTS,
)
from synthem.storage.naming import labels_text, percent

# Verdicts that contradict none, the one that got furthest first.
OPEN = ("undecided", "exploratory", NO_ANSWER)
FEW = 6  # sentences or rows that stand open on the page


def asked_rows(comparisons, answer):
    """The rows of comparison.csv that the question is about."""
    return [row for row in comparisons if row["arm"] in answer["asked"]]


def headline(rows, subject):
    """Symbol, tone, words and meaning for rows that differ in arm and label budget.

    An open row neither confirms nor contradicts the others: the headline then says what it holds for.
    """
    decided = leading(rows)
    if len({row["verdict"] for row in decided}) > 1:
        symbol, words, meaning = DEPENDS
        alike = len({row["budget"] for row in decided}) == 1
        return symbol, "depends", words.format(ON_ARM if alike else ON_ARM_OR_LABELS), meaning
    verdict = decided[0]["verdict"]
    symbol, words, meaning = VERDICTS[verdict]
    words = words.format(subject[0].upper() + subject[1:])
    if len(decided) < len(rows):
        alone = len({row["arm"] for row in rows}) == 1
        words = f"{words} with {budgets_text(decided)}" if alone else f"{words}: {scope_of(decided)}"
    return symbol, slug(verdict), words, meaning


def leading(rows):
    """The rows that got furthest: those with a verdict, else those with the first of OPEN that there is."""
    kinds = [[row for row in rows if row["verdict"] not in OPEN]]
    kinds += [[row for row in rows if row["verdict"] == verdict] for verdict in OPEN]
    return next(filter(None, kinds))


def still_open(rows):
    """How many comparisons are open, where others are not."""
    count = sum(row["verdict"] in OPEN for row in rows)
    if 0 < count < len(rows):
        yield OPEN_STILL.format(len(rows), count)


def without_answer(rows):
    """Why there is no answer, and with which labels."""
    reasons = {}
    for row in rows:
        if row["verdict"] == NO_ANSWER:
            reasons.setdefault(row["reason"], []).append(row)
    for reason, own in reasons.items():
        yield f"No answer with {budgets_text(own)}: {reason}."


def cautions(rows):
    """What is to be known beside the verdicts: of which arms and labels, without numbers."""
    answered = [row for row in rows if has_number(row)]
    for sign, words in ((UNFINISHED, STILL_LEARNING), (UNNEEDED, BEATEN)):
        own = [row for row in answered if sign in (row["caveat"] or "")]
        if own:
            yield words.format(scope_of(own))


def scope_of(rows):
    """What a verdict holds for: `mixed with 3 and 8 labelled slices; synthetic with 1 labelled slice`."""
    arms = dict.fromkeys(row["arm"] for row in rows)
    return "; ".join(f"{arm} with {budgets_text([row for row in rows if row['arm'] == arm])}" for arm in arms)


def verdict_matrix(comparisons, answer, links=()):
    """A table with a line per arm and a column per label budget: verdict, difference, interval.

    links {arm: address of what its networks were made from}.
    """
    links = dict(links)
    budgets = {row["budget"]: labels_text(row["budget"], row["labelled_slices"]) for row in comparisons}
    cells = {(row["arm"], row["budget"]): verdict_cell(row) for row in comparisons}
    lines = [
        {
            "arm": arm,
            "about": answer["arms"][arm].replace("`", ""),
            "link": links.get(arm, ""),
            "cells": [cells.get((arm, budget), "–") for budget in budgets],
        }
        for arm in dict.fromkeys(row["arm"] for row in comparisons)
    ]
    caption = MATRIX.format(answer["reference"], ENDPOINTS[answer["endpoint"]], percent(answer["confidence"]))
    return block("matrix", caption=caption, budgets=list(budgets.values()), lines=lines)


def verdict_cell(row):
    """One comparison: its verdict, and the numbers where there is an answer."""
    mark = badge(row["verdict"])
    if not has_number(row):
        return mark
    interval = NO_INTERVAL if is_missing(row["low"]) else interval_of_difference(row)
    difference = number_text(row["difference"], signed=True)
    unfinished = UNFINISHED in (row["caveat"] or "")
    return block(
        "change",
        **{"mark": mark, "difference": difference, "interval": interval, "replicates": row["n_replicates"]},
        caveat=UNFINISHED if unfinished else "",
    )


def has_number(row):
    """Whether a difference may be shown: where there is no answer it would be taken for one."""
    return row["verdict"] != NO_ANSWER and not is_missing(row["difference"])


def certainty(comparisons, components, answer, links=()):
    """What the interval covers and what it does not, with the numbers and sentences of this study.

    links {arm: address of what its networks were made from}.
    """
    lists = block(
        "two_lists", left=("The interval covers", COVERED), right=("It does not cover", NOT_COVERED)
    )
    parts = [lists, block("heading", text="In this study"), *numbers(answer)]
    if comparisons:
        shown = sentence_list(answer["sentences"])
        parts.append(folded("Each comparison in a sentence", shown, len(comparisons) <= FEW))
        words = {"caption": CAPTIONS["comparison"], "terms": COMPARED}
        rows = [row | ends_of_difference(row) for row in comparisons]
        shown = table(rows, COLUMNS["comparison"], links=links, **words)
        parts.append(folded("All comparisons with their numbers", shown, len(comparisons) <= FEW))
    if components:
        rows = component_lines(components)
        shown = table(rows, caption=CAPTIONS["components"], links=links)
        parts.append(folded("What the differences vary with", shown, len(rows) <= FEW))
    return parts


def numbers(answer):
    """How intervals, p and the many scores are to be read, with the numbers of this study."""
    effect, looked = answer["smallest_effect"], answer["looked_at"]
    several = f"; p is corrected for {answer['family']} comparisons" if answer["family"] > 1 else ""
    yield (
        f"Intervals hold with {percent(answer['confidence'])} confidence, each by itself{several}. A "
        f"difference within ±{effect:g} counts as no effect (comparison: smallest_effect in the "
        f"configuration). The verdicts are about one score, named before the run: "
        f"{ENDPOINTS[answer['endpoint']]}."
    )
    chance = (1 - answer["confidence"]) * looked["intervals"]
    yield (
        f"differences.csv looks at {looked['scores']} scores in every arm and budget: of its "
        f"{looked['intervals']} intervals {looked['without_zero']} leave out 0, where chance alone lets "
        f"{chance:.0f} do so. What one of them shows is a direction, not a finding."
    )
    yield CLIPPED


def component_lines(components):
    """Rows of components.csv -> a line per arm and budget: standard deviations, shares of the variance."""
    lines = {}
    for row in components:
        line = lines.setdefault((row["arm"], row["budget"]), {"arm": row["arm"], "budget": row["budget"]})
        name = row["component"]
        line[f"{name}, sd"], line[f"{name}, share"] = row["sd"], f"{100 * row['share']:.0f} %"
    return list(lines.values())
