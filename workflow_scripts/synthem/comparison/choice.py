"""How far scores of the reference lie apart between replicates, which label other slices."""

import numpy as np
from scipy.special import chdtri

from synthem.comparison.label_curves import raw_curves

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


def choice_rows(scores, *, reference, endpoint, confidence):
    """One row of CHOICE_COLUMNS per budget: how far scores of the reference lie apart between replicates.

    Replicates of the reference differ in their labelled slices and in the chance of a training, and nothing
    tells the two apart; of the latter, the mean over several seeds leaves less. sd_low, sd_high: of a
    standard deviation of Gaussian scores (chi square).
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


def _spread(found, confidence):
    count = len(found)
    if count < 2:
        return {}
    sd = float(found.std(ddof=1))
    tails = chdtri(count - 1, [(1 - confidence) / 2, (1 + confidence) / 2])
    low, high = sd * np.sqrt((count - 1) / tails)
    return {"sd": sd, "sd_low": float(low), "sd_high": float(high)}
