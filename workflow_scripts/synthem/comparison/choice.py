"""How far scores vary between replicates, which label other slices, beside what an arm changes."""

import numpy as np
from scipy.special import chdtri

from synthem.comparison.label_curves import raw_curves
from synthem.comparison.summaries import number

CHOICE_COLUMNS = (
    "volume",
    "arm",
    "budget",
    "labelled_slices",
    "n_replicates",
    "endpoint",
    "mean",
    "sd",  # over replicates, with an interval
    "sd_low",
    "sd_high",
    "lowest",
    "highest",
    "confidence",
)
MORE, LESS, ALIKE = "more", "less", "alike"


def choice_rows(scores, *, reference, endpoint, confidence):
    """One row of CHOICE_COLUMNS per budget: how far scores of the reference lie apart between replicates.

    Replicates of the reference differ in their labelled slices and in the chance of a training; of the
    latter, the mean over several seeds leaves less. sd_low, sd_high: of a standard deviation of Gaussian
    scores (chi square).
    """
    curves = raw_curves(scores, reference, endpoint)
    budgets = {row["labelled_slices"]: row["budget"] for row in scores if row["arm"] == reference}
    rows = []
    for slices, column in zip(curves.slices, curves.scores.T, strict=True):
        found = column[np.isfinite(column)]
        row = dict.fromkeys(CHOICE_COLUMNS) | {
            "volume": scores[0]["volume"],
            "arm": reference,
            "budget": budgets[slices],
            "labelled_slices": int(slices),
            "n_replicates": len(found),
            "endpoint": endpoint,
            "mean": float(found.mean()),
            "lowest": float(found.min()),
            "highest": float(found.max()),
            "confidence": confidence,
        }
        rows.append(row | _spread(found, confidence))
    return rows


def against_slices(choice, comparison):
    """Whether the choice of slices matters MORE or LESS than an arm, or is ALIKE.

    choice: a row of `choice_rows`; comparison: the row of comparison.csv of an arm with the same budget.
    Against each other stand what another choice of as many slices changes, the standard deviation, and what
    the arm changes, its difference without the sign. It is MORE or LESS only where their intervals do not
    meet.
    """
    low, high = number(comparison["low"]), number(comparison["high"])
    if low is None or high is None or choice["sd"] is None:
        return ALIKE
    least = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
    if choice["sd_low"] > max(abs(low), abs(high)):
        return MORE
    return LESS if choice["sd_high"] < least else ALIKE


def _spread(found, confidence):
    count = len(found)
    if count < 2:
        return {}
    sd = float(found.std(ddof=1))
    tails = chdtri(count - 1, [(1 - confidence) / 2, (1 + confidence) / 2])
    low, high = sd * np.sqrt((count - 1) / tails)
    return {"sd": sd, "sd_low": float(low), "sd_high": float(high)}
