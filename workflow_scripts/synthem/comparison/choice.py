"""Which slices are labelled, and how much that matters beside what an arm changes."""

import numpy as np
from scipy import stats

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


def strategies_alone(config):
    """[(arm, other, strategy of the arm, of the other)] of a study's arms that differ in `labels.strategy`
    alone.

    Such arms learn from data sets of the same names; where these are made from labels, of the labels of each.
    """
    variants, own = config["variants"], config["labels"]["strategy"]

    def rest(name):
        arm = config["arms"][name]
        departures = variants.get(arm["variant"], {})
        others = {key: part for key, part in departures.items() if key != "labels"}
        return {key: part for key, part in arm.items() if key != "variant"} | {"variant": others}

    def strategy(name):
        departures = variants.get(config["arms"][name]["variant"], {})
        return departures.get("labels", {}).get("strategy", own)

    names = config["study"]["arms"]
    reference = config["study"]["reference"]
    pairs = [(b, a) if b != reference else (a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    return [
        (arm, other, strategy(arm), strategy(other))
        for arm, other in pairs
        if rest(arm) == rest(other) and strategy(arm) != strategy(other)
    ]


def _spread(found, confidence):
    count = len(found)
    if count < 2:
        return {}
    sd = float(found.std(ddof=1))
    tails = stats.chi2.ppf([(1 + confidence) / 2, (1 - confidence) / 2], count - 1)
    low, high = sd * np.sqrt((count - 1) / tails)
    return {"sd": sd, "sd_low": float(low), "sd_high": float(high)}
