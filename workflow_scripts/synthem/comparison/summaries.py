"""Scores of all runs -> means over seeds, and paired differences of each arm from the reference.

Every score, and no verdict: that is `statistics`, about one score. Of so many intervals some leave out 0 by
chance.
"""

import numpy as np
from scipy import stats

from synthem.metrics.definitions import BASELINES, NOT_TRAINED

OF_RUN = ("arm", "fraction")  # what one mean is of: scores of cells also have a convention
OF_PARTITION = (*OF_RUN, "convention", "scope")
SPREAD = ("mean", "std", "low", "high")
SUMMARY_COLUMNS = (*OF_RUN, "metric", "n_seeds", *SPREAD, "reason")
PARTITION_SUMMARY_COLUMNS = (*OF_PARTITION, "metric", "n_seeds", *SPREAD, "reason")
DIFFERENCE_COLUMNS = (
    "arm",
    "reference",
    "fraction",
    "convention",
    "scope",
    "metric",
    "best",
    "n_pairs",
    "reference_mean",
    "arm_mean",
    "difference",
    "low",
    "high",
    "change",
    "reason",
)


def summarise(scores, metrics, *, of, confidence):
    """Rows of a table of scores -> one row per group of equal `of` columns and metric {name: Metric}.

    mean, std (n - 1) and Student's interval low..high over the seeds, of the rows of no single slice; None
    for what one seed cannot give. BASELINES have no fraction. An undefined score is left out of n_seeds, and
    `reason` is why it is undefined, or why there is no network.
    """
    rows = []
    for identity, members in _groups(scores, of).items():
        for name, metric in metrics.items():
            values = [value for row in members if (value := number(row[name])) is not None]
            reason = "" if len(values) == len(members) else undefined(members[0], metric)
            row = dict(zip(of, identity, strict=True)) | {"metric": name, "n_seeds": len(values)}
            rows.append(row | _spread(values, confidence) | {"reason": reason})
    return rows


def undefined(row, metric):
    """Why a row lacks a score."""
    untrained = row["scope"] == NOT_TRAINED
    return f"{NOT_TRAINED}: {row['reason']}" if untrained else metric.undefined


def slice_means(scores, metrics, *, of):
    """Rows of single slices -> one row per run, the mean over its slices where a score is defined.

    Cells that are cut slice by slice, and never linked, are fairly judged only so.
    """
    runs = {}
    for row in scores:
        if row["scope"] == "slice":
            runs.setdefault(tuple(row[key] for key in (*of, "seed")), []).append(row)
    rows = []
    for identity, members in runs.items():
        row = dict(zip((*of, "seed"), identity, strict=True)) | {"slice": None}
        for name in metrics:
            values = [value for member in members if (value := number(member[name])) is not None]
            row[name] = float(np.mean(values)) if values else None
        rows.append(row)
    return rows


def differences(scores, metrics, *, of, reference, confidence):
    """Rows of a table of scores -> rows of DIFFERENCE_COLUMNS: arm - reference, in pairs of one seed.

    low, high: Student's interval of the mean difference over the pairs in which both are defined. change:
    better, worse or same, by the direction of `best`; empty where neither is good.
    """
    groups = {
        identity: {number(row["seed"]): row for row in members}
        for identity, members in _groups(scores, of).items()
        if identity[0] not in BASELINES and members[0]["scope"] != NOT_TRAINED
    }
    rows = []
    for identity, members in groups.items():
        others = groups.get((reference, *identity[1:]), {})
        if identity[0] == reference:
            continue
        seeds = [seed for seed in members if seed in others]
        for name, metric in metrics.items():
            pairs = [(number(others[seed][name]), number(members[seed][name])) for seed in seeds]
            row = dict(zip(of, identity, strict=True)) | {"reference": reference, "metric": name}
            row = dict.fromkeys(DIFFERENCE_COLUMNS) | {"scope": "volume"} | row
            rows.append(row | _difference(pairs, metric, confidence))
    return rows


def number(value):
    """The value of a cell, None where it is empty: "", None or not-a-number, depending on the reader."""
    return None if value is None or value == "" or value != value else value


def _groups(scores, of):
    """{identity: rows of no single slice}."""
    groups = {}
    for row in scores:
        if number(row["slice"]) is None:
            groups.setdefault(tuple(number(row[key]) for key in of), []).append(row)
    return groups


def _difference(pairs, metric, confidence):
    """Pairs (reference, arm) of one score."""
    defined = [pair for pair in pairs if None not in pair]
    row = {"best": metric.best, "n_pairs": len(defined), "change": ""}
    row["reason"] = metric.undefined if len(defined) < len(pairs) else ""
    if not pairs:
        row["reason"] = "no seed is in both arms"
    if not defined:
        return row
    before, after = np.array(defined, float).T
    spread = _spread(after - before, confidence)
    better = 0 if metric.best is None else np.sign(spread["mean"]) * (1 if metric.best else -1)
    same = "" if metric.best is None else "same"
    return row | {
        "reference_mean": float(before.mean()),
        "arm_mean": float(after.mean()),
        "difference": spread["mean"],
        "low": spread["low"],
        "high": spread["high"],
        "change": {1: "better", -1: "worse"}.get(int(better), same),
    }


def _spread(values, confidence):
    row = dict.fromkeys(SPREAD)
    if len(values):
        row["mean"] = float(np.mean(values))
    if len(values) > 1:
        row["std"] = float(np.std(values, ddof=1))
        half = float(stats.t.ppf((1 + confidence) / 2, len(values) - 1)) * row["std"] / len(values) ** 0.5
        row |= {"low": row["mean"] - half, "high": row["mean"] + half}
    return row
