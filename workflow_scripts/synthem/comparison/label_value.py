"""All that a study says of the worth of labels: saved, added, and where they are."""

import pandas as pd

from synthem.comparison.answers import NO_ANSWER
from synthem.comparison.choice import choice_rows
from synthem.comparison.extrapolation import CONFIDENCE, more_slices
from synthem.comparison.label_curves import raw_curves
from synthem.comparison.layout import estimate
from synthem.comparison.pairs import endpoint_of, pairs
from synthem.comparison.saving import saving_rows, score_to_read
from synthem.comparison.saving_words import (
    choice_sentence,
    more_slices_sentence,
    saving_sentence,
    strategy_sentence,
)
from synthem.comparison.verdicts import control_failure, holm, interval, p_difference


def value_of_labels(
    scores, compared, unlearnt, *, reference, controls, endpoint, confidence, strategies, planned, hours
):
    """(rows of SAVING_COLUMNS, rows of CHOICE_COLUMNS, {sentences, more_slices, strategies}) of one target.

    scores, compared: rows of scores.csv and of comparison.csv. strategies: of `strategies.strategies_alone`.
    planned: replicates, for `verdicts.interval`. hours: as for `saving_rows`. controls {arm: kind}: arms that
    ask nothing. Where a comparison has no answer, its labels have no worth either. unlearnt: rows {budget,
    reason} of budgets with which the reference has not learnt: no curve goes through them.
    """
    read = {"endpoint": score_to_read(endpoint), "confidence": confidence}
    silent = _silent(compared, unlearnt, controls)
    learnt = [row for row in scores if row["arm"] != reference or str(row["budget"]) not in silent]
    savings = saving_rows(learnt, reference=reference, hours=hours, **read)
    savings = [_with_verdict(row, compared, endpoint) for row in savings if row["arm"] not in controls]
    choices = choice_rows(scores, reference=reference, **read)
    curves = raw_curves(scores, reference, read["endpoint"])
    more = more_slices(curves)
    if silent:  # it is read from all budgets
        more = more._replace(score=None, low=None, high=None, reason=next(iter(silent.values())))
    last = int(curves.slices[-1]) if len(curves.slices) else 0
    moved = strategy_rows(scores, strategies, planned=planned, **read)
    moved = as_family([row for row in moved if row["budget"] not in silent])
    sentences = {
        "saving": [saving_sentence(row) for row in savings],
        "more": [
            more_slices_sentence(
                more,
                arm=reference,
                last=last,
                endpoint=read["endpoint"],
                confidence=CONFIDENCE,
                n_replicates=len(curves.complete()),
            )
        ],
        "choice": [choice_sentence(row) for row in choices if str(row["budget"]) not in silent],
        "strategies": [strategy_sentence(row, row["strategies"]) for row in moved],
    }
    return savings, choices, {"sentences": sentences, "more_slices": more._asdict(), "strategies": moved}


def _silent(compared, unlearnt, controls):
    """{budget: why} of those of which the reference says nothing: it has not learnt, or a control failed."""
    failed = [(str(row["budget"]), control_failure(controls.get(row["arm"]), row)) for row in compared]
    why = {budget: failure for budget, failure in failed if failure}
    return why | {str(row["budget"]): row["reason"] for row in unlearnt}


def _with_verdict(row, compared, endpoint):
    """A row of `saving_rows` with the verdict of its arm and budget; without a number if that is no answer.

    endpoint: of `compared`. Another score than the one that is read has verdicts of its own.
    """
    key = (row["arm"], str(row["budget"]))
    found = [other for other in compared if (other["arm"], str(other["budget"])) == key]
    if found and endpoint == row["endpoint"]:
        row["verdict"] = found[0]["verdict"]
    if found and found[0]["verdict"] == NO_ANSWER:
        row |= dict.fromkeys(("reference_score", "equal_slices", "low", "high"))
        row["reason"] = found[0]["reason"]
    return row


def strategy_rows(scores, strategies, *, endpoint, confidence, planned):
    """The paired difference of each two arms that differ in the labelling strategy alone, per budget."""
    frame, of, rows = pd.DataFrame(scores), endpoint_of(endpoint), []
    budgets = {str(row["budget"]): row["labelled_slices"] for row in scores if row["labelled_slices"]}
    for arm, other, *both in strategies:
        for budget, slices in budgets.items():
            row = {"arm": arm, "reference": other, "budget": budget, "labelled_slices": slices}
            row |= {"endpoint": endpoint, "confidence": confidence, "strategies": both}
            row |= dict.fromkeys(("difference", "low", "high", "p"))
            found = estimate([pairs(frame, of, reference=other, arm=arm, budget=budget)], of)
            if found:
                look = {"replicates": found.replicates, "planned": planned}
                low, high = interval(found, confidence=confidence, look=look)
                row |= {"difference": found.difference, "low": low, "high": high}
                row["p"] = p_difference(found, look)
                row["n_replicates"] = found.replicates
            rows.append(row)
    return rows


def as_family(rows):
    """Rows of `strategy_rows` with `p_adjusted`, after Holm over all of them, and `family`, their number."""
    known = [row["p"] for row in rows if row["p"] is not None]
    adjusted = iter(holm(known))
    return [
        row | {"p_adjusted": None if row["p"] is None else next(adjusted), "family": len(known)}
        for row in rows
    ]
