"""Scores of all runs -> means over replicates, and paired differences of each arm from the reference.

Every score, and no verdict: that is `statistics`, about one score. Of so many intervals some leave out 0 by
chance, so what a difference has here is a direction, not a finding.
"""

import numpy as np
import pandas as pd

from synthem.comparison.designs import FEWEST
from synthem.metrics.definitions import BASELINES, NOT_TRAINED
from synthem.metrics.ranges import half_width, level_interval, possible

OF_RUN = ("arm", "budget", "labelled_slices")  # what one mean is of: scores of cells also have a convention
OF_PARTITION = (*OF_RUN, "convention", "scope")
SPREAD = ("mean", "sd", "low", "high")
DIFFERENCE_COLUMNS = (
    *("arm", "reference", "budget", "labelled_slices", "convention", "scope", "metric", "best"),
    *("n_replicates", "reference_mean", "arm_mean", "difference", "low", "high"),
    *("direction", "note", "reason"),
)


def summarise(scores, metrics, *, of, confidence):
    """A frame of scores -> a row per group of equal `of` columns and metric {name: Metric}.

    mean, sd (n - 1) and interval low..high (`metrics.ranges.level_interval`) over the replicates, of whole
    test blocks; several U-Nets of a replicate count as their mean. `n_replicates` has those with a value,
    `reason` why others have none, `note` that so few are exploratory.
    """
    of, untrained = list(of), scores[scores["scope"] == NOT_TRAINED]
    groups = _values(scores, metrics, of).groupby([*of, "metric"], sort=False, dropna=False)["value"]
    rows = groups.agg(n_replicates="count", mean="mean", sd="std", of="size").reset_index()
    rows = pd.concat([rows, _untrained(untrained, rows, metrics, of)], ignore_index=True)
    half = _half(rows["sd"], rows["n_replicates"], confidence)
    bounds = [possible(metric) for metric in rows["metric"]]
    rows["low"], rows["high"] = level_interval(rows["mean"].to_numpy(float), half.to_numpy(float), bounds)
    why = untrained.groupby(of, sort=False)["reason"].agg("; ".join).to_dict()
    rows["reason"] = [
        _reason(row, metrics, why.get(tuple(row[name] for name in of))) for row in rows.to_dict("records")
    ]
    rows["note"] = rows["n_replicates"].map(note)
    return rows[[*of, "metric", "n_replicates", *SPREAD, "note", "reason"]]


def note(n_replicates):
    """That a number of so few replicates is exploratory, in words; "" where there are enough, or none."""
    if not 0 < n_replicates < FEWEST:
        return ""
    return f"exploratory: {n_replicates} of at least {FEWEST} replicates"


def slice_means(scores, metrics, *, of):
    """Rows of single slices -> one row per run, the mean over its slices where a score is defined.

    Cells that are cut slice by slice, and never linked, are fairly judged only so.
    """
    run = [*of, "replicate", "seed"]
    slices = scores[scores["scope"] == "slice"]
    means = slices.groupby(run, sort=False, dropna=False)[list(metrics)].mean().reset_index()
    return means.assign(slice=None)


def differences(scores, metrics, *, of, reference, confidence):
    """A frame of scores -> a frame of DIFFERENCE_COLUMNS: arm - reference, in pairs of one replicate.

    low, high: Student's interval of the mean difference over the replicates in which both have a value.
    direction: 1 where the difference points to better values (`best`), -1 where it points away, 0 where
    there is none; empty where neither way is good.
    """
    values = _values(scores, metrics, list(of))
    values = values[~values["arm"].isin(BASELINES)]
    pair = [name for name in (*of, "replicate", "metric") if name != "arm"]
    before = values.loc[values["arm"] == reference, [*pair, "value"]]
    pairs = values[values["arm"] != reference].merge(
        before, on=pair, how="left", suffixes=("", "_before"), indicator="found"
    )
    both = pairs[["value", "value_before"]].notna().all(axis=1)
    pairs = pairs.assign(
        arm_mean=pairs["value"].where(both),
        reference_mean=pairs["value_before"].where(both),
        difference=pairs["value"] - pairs["value_before"],
        paired=pairs["found"] == "both",
    )
    groups = pairs.groupby([*of, "metric"], sort=False, dropna=False)
    rows = groups.agg(
        n_replicates=("difference", "count"),
        paired=("paired", "sum"),
        reference_mean=("reference_mean", "mean"),
        arm_mean=("arm_mean", "mean"),
        difference=("difference", "mean"),
        sd=("difference", "std"),
    ).reset_index()
    half = _half(rows["sd"], rows["n_replicates"], confidence)
    rows = rows.assign(
        low=rows["difference"] - half,
        high=rows["difference"] + half,
        reference=reference,
        best=[metrics[metric].best for metric in rows["metric"]],
        note=rows["n_replicates"].map(note),
    )
    towards = rows["best"].map({1: 1, 0: -1})  # missing: a score that is best between both sides
    rows["direction"] = (np.sign(rows["difference"]) * towards).astype("Int64")
    rows["reason"] = [_why_unpaired(row, metrics) for row in rows.itertuples()]
    return rows.assign(**{name: "volume" if name == "scope" else None for name in _lacking(rows)})[
        list(DIFFERENCE_COLUMNS)
    ]


def number(value):
    """The value of a cell, None where it is empty: "", None or not-a-number, depending on the reader."""
    return None if value is None or value == "" or value != value else value


def _values(scores, metrics, of):
    """Columns `of`, replicate, metric, value: scores of whole blocks, means over a replicate's U-Nets."""
    whole = scores[scores["slice"].isna() & (scores["scope"] != NOT_TRAINED)]
    means = whole.groupby([*of, "replicate"], sort=False, dropna=False)[list(metrics)].mean()
    long = means.reset_index().melt([*of, "replicate"], list(metrics), "metric", "value")
    order = {
        identity: place for place, identity in enumerate(long[of].drop_duplicates().itertuples(index=False))
    }
    place = [order[identity] for identity in long[of].itertuples(index=False)]
    return long.assign(place=place).sort_values("place", kind="stable", ignore_index=True)


def _half(sd, n, confidence):
    """Half of Student's interval of means of n values; missing where n is below 2."""
    return half_width(sd, np.maximum(n, 2), confidence)


def _untrained(untrained, rows, metrics, of):
    """Rows without a value for what no replicate has networks of."""
    known = set(rows[of].itertuples(index=False, name=None))
    none = untrained[of].drop_duplicates()
    none = none[[identity not in known for identity in none.itertuples(index=False, name=None)]]
    return none.merge(pd.DataFrame({"metric": list(metrics), "n_replicates": 0, "of": 0}), how="cross")


def _reason(row, metrics, why):
    """Why replicates have no value: undefined scores, networks that were not trained."""
    reasons = [metrics[row["metric"]].undefined] * (row["n_replicates"] < row["of"])
    return "; ".join([*reasons, *([f"{NOT_TRAINED}: {why}"] if why else [])])


def _why_unpaired(row, metrics):
    if not row.paired:
        return "no replicate is in both arms"
    return metrics[row.metric].undefined if row.n_replicates < row.paired else ""


def _lacking(rows):
    return [name for name in DIFFERENCE_COLUMNS if name not in rows]
