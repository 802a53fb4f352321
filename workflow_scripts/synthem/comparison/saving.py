"""How many labelled slices of the reference an arm is worth: "4 slices + GAN = 7 (5 to 11) slices"."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from synthem.comparison.label_curves import raw_curves, rising
from synthem.comparison.layout import estimate
from synthem.comparison.pairs import endpoint_of, pairs
from synthem.metrics.definitions import BASELINES

SAVING_COLUMNS = (
    "volume",
    "arm",
    "reference",
    "budget",
    "labelled_slices",
    "n_replicates",
    "endpoint",
    "reference_score",
    "arm_score",
    "equal_slices",  # of the reference; 0: fewer than `fewest`, inf: more than `most`; so are low and high
    "low",
    "high",
    "confidence",
    "fewest",
    "most",
    "hours",  # of computing that a run of the arm costs more than one of the reference
    "verdict",  # of comparison.csv, about the same arm, budget and score; empty where it has none
    "reason",
)
READ = ("iou", "dice")  # scores of whole masks, of which more is better
NO_INTERVAL = "no interval: one replicate, one test slice, or a score that is undefined without one of them"
TRIED = 4000  # numbers of slices, at equal ratios


class Reading(NamedTuple):
    """The labelled slices of the reference that are worth as much as an arm, with an interval."""

    slices: float
    low: float
    high: float


def saving_rows(scores, *, reference, endpoint, confidence, hours):
    """One row of SAVING_COLUMNS per arm and budget; `scores` are rows of the score table of one volume.

    hours {(arm, budget): of one run with all that is made for it}; what is missing stays empty.
    """
    learnt, frame = raw_curves(scores, reference, endpoint), pd.DataFrame(scores)
    of_slices = endpoint_of(endpoint)
    compared = [
        arm for arm in dict.fromkeys(row["arm"] for row in scores) if arm not in (reference, *BASELINES)
    ]
    budgets = {row["labelled_slices"]: row["budget"] for row in scores if row["arm"] not in BASELINES}
    rows = []
    for arm in compared:
        curves = raw_curves(scores, arm, endpoint)
        for slices in curves.slices:
            budget = budgets[slices]
            row = dict.fromkeys(SAVING_COLUMNS) | {
                "volume": scores[0]["volume"],
                "arm": arm,
                "reference": reference,
                "budget": budget,
                "labelled_slices": int(slices),
                "endpoint": endpoint,
                "confidence": confidence,
                "hours": _more_hours(hours, (arm, budget), (reference, budget)),
            }
            of_blocks = [
                _of_blocks(frame, of_slices, reference, arm, budget, budgets[n]) for n in learnt.slices
            ]
            rows.append(row | _read(learnt, curves, slices, of_blocks, confidence))
    return rows


def _of_blocks(frame, endpoint, reference, arm, budget, of_reference):
    """`layout.OfBlocks` of an arm with its budget less the reference with another; None if not known.

    noise_hides: where noise hides most of what slices share, a reading is wider rather than wrong.
    """
    own = pairs(frame, endpoint, reference=reference, arm=arm, budget=budget, of_reference=of_reference)
    found = estimate([own], endpoint, noise_hides=True)
    return found.of_blocks if found else None


def score_to_read(endpoint):
    """The score whose curves are read: the endpoint, or the IoU where that is no score of whole masks."""
    return endpoint if endpoint in READ else READ[0]


def equal_slices(reference, scores, of_blocks, confidence):
    """The Reading of `scores` [R], of an arm, on curves of the reference [R, B] whose mean never falls.

    slices: where the mean curve of the reference reaches the mean of the arm; the fewest, where it is level.
    low, high: all numbers of slices at which the mean of the paired differences (arm - reference there) is
    not told from 0 by Student's t (the idea of Fieller 1954 for a ratio). Its variance is that of other
    replicates and of other test slices; of_blocks: `layout.OfBlocks` of the difference from the reference
    with each of its budgets, for more labels help some slices more than others. Between two budgets variance
    and degrees of freedom are straight, too; the variance is no greater. None where it is not known, and no
    interval either. What lies beyond the budgets is 0 or infinite: not known.
    """
    tried = np.geomspace(reference.slices[0], reference.slices[-1], TRIED + 1)
    differences = scores[:, None] - reference.at(tried)  # [R, N]
    mean, count = differences.mean(axis=0), len(scores)
    reached = mean <= 0
    found = tried[np.argmax(reached)] if reached.any() else np.inf
    if mean[0] < 0:
        found = 0.0  # the fewest labels do better than the arm
    if count < 2 or None in of_blocks:
        return Reading(float(found), 0.0, np.inf)
    of_replicates = differences.var(axis=0, ddof=1) / count
    beside = np.array([own.beside(of_replicates, count - 1) for own in of_blocks])  # [B, 2, N]
    variance, df = (beside * _shares(tried, reference.slices)[:, None]).sum(axis=0)
    width = stdtrit(df, (1 + confidence) / 2) * variance**0.5
    above, below = mean > width, mean < -width  # the arm is surely better, surely worse
    low = float(tried[np.flatnonzero(above)[-1]]) if above.any() else 0.0
    high = float(tried[np.argmax(below)]) if below.any() else np.inf
    # Where the arm is surely better than all labels, or surely worse than the fewest, both ends lie beyond.
    return Reading(float(found), np.inf if above[-1] else low, 0.0 if below[0] else high)


def _shares(tried, slices):
    """[B, N]: how much each budget has in a curve at `tried`; straight between two on a log axis."""
    return np.array([np.interp(np.log(tried), np.log(slices), unit) for unit in np.eye(len(slices))])


def _read(learnt, curves, slices, of_blocks, confidence):
    """The cells of a row that depend on the scores."""
    place = curves.slices.tolist().index(slices)
    own = dict(zip(curves.replicates, curves.scores[:, place], strict=True))
    paired = [r for r in learnt.complete() if np.isfinite(own.get(r, np.nan))]
    row = {"n_replicates": len(paired)}
    if len(learnt.slices):
        row |= {"fewest": int(learnt.slices[0]), "most": int(learnt.slices[-1])}
    if len(learnt.slices) < 2:
        return row | {"reason": "one budget with which the reference has learnt is no curve to read on"}
    if not paired:
        return row | {"reason": "no replicate has a score of this arm and of the reference at every budget"}
    reference, scores = rising(learnt.of(paired)), np.array([own[r] for r in paired])
    reading = equal_slices(reference, scores, of_blocks, confidence)
    return row | {
        "reference_score": float(reference.at([slices]).mean()),
        "arm_score": float(scores.mean()),
        "equal_slices": reading.slices,
        "low": reading.low,
        "high": reading.high,
        "reason": NO_INTERVAL if None in of_blocks or len(paired) < 2 else "",
    }


def _more_hours(hours, arm, reference):
    known = hours.get(arm) is not None and hours.get(reference) is not None
    return hours[arm] - hours[reference] if known else None
