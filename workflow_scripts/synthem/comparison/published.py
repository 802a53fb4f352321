"""What this run found beside what a publication printed, score by score."""

import csv
from typing import NamedTuple

import numpy as np
import pandas as pd

from synthem.errors import SynthemError, reading
from synthem.metrics.ranges import half_width

# What a row is about: the first of these columns that is there.
NAMES = ("thresholds", "arm", "variant", "data_set", "method")
# A value of a table is of one of each: a mean over several would be of unlike things.
SEVERAL = ("budget", "convention", "scope")
PRINTED = "a CSV of the columns table, row, score, value"


class Found(NamedTuple):
    """A mean over replicates with its interval; low and high are not-a-number where there is none."""

    mean: float
    low: float
    high: float
    n: int  # replicates
    reason: str = ""  # why there is no mean


def found_in(frame, *, where, last, confidence, scores):
    """{(name, score): Found} of a table: one of means, or one with a row for each number.

    where {column: value}: which rows; those that have nothing in the column count, too. last: of a table over
    steps, the mean of so many of the last steps. confidence: of the intervals that are not in the table.
    scores: those that are asked for.
    """
    for column, value in where.items():
        if column not in frame:
            raise _no_column(column, frame)
        frame = frame[frame[column].isna() | (frame[column].astype(str) == str(value))]
    name = next((name for name in NAMES if name in frame), None)
    if name is None:
        raise _no_column(" or ".join(NAMES), frame)
    score = "metric" if "mean" in frame else "score"
    frame = frame[frame[score].isin(list(scores))]
    for column in (column for column in SEVERAL if column in frame):
        _refuse_several(column, frame.groupby([name, score])[column].unique())
    if score == "metric":
        return {
            (row[name], row["metric"]): Found(
                *(row[end] for end in ("mean", "low", "high")), int(row["n_replicates"]), _reason(row)
            )
            for row in frame.to_dict("records")
        }
    return _means(frame, [name, "score"], last, confidence)


def _refuse_several(column, found):
    """An error where a value would be of several budgets, conventions or scopes. found: those of each."""
    for (name, score), values in found.items():
        values = [str(value) for value in values if not pd.isna(value)]
        if len(values) > 1:
            raise SynthemError(
                "CONFIG_REFERENCE",
                "paper.parts",
                f"{score} of {name} with several values of `{column}`: {', '.join(values)}",
                expected="one",
                fix=f"name one in `where` of this part of paper.parts, such as {{{column}: {values[0]}}}",
            )


def _reason(row):
    reason = row.get("reason")
    return reason if isinstance(reason, str) else ""  # pandas has not-a-number for nothing


def _means(frame, of, last, confidence):
    """Means over replicates, of the last steps where a table has some."""
    if "step" in frame:
        steps = frame.groupby(of)["step"].transform(lambda own: own >= np.unique(own)[-last:][0])
        frame = frame[steps.astype(bool)]
    drawn = [*of, "replicate"] if "replicate" in frame else of
    found = {}
    for key, own in frame.groupby(of, sort=False):
        values = own.groupby(drawn)["value"].mean().dropna().to_numpy(float)
        low, high = _interval(values, confidence)
        if len(own) == 1:  # the interval of a single network, where it was measured
            low, high = (float(own[end].iloc[0]) if end in own else np.nan for end in ("low", "high"))
        mean = values.mean() if len(values) else np.nan
        found[key] = Found(float(mean), low, high, len(values))
    return found


def _interval(values, confidence):
    """Student's interval of a mean; none from fewer than two values."""
    if len(values) < 2:
        return np.nan, np.nan
    half = half_width(values.std(ddof=1), len(values), confidence)
    return float(values.mean() - half), float(values.mean() + half)


def read_printed(path):
    """{number of a table: {(row, score): value}} of what a publication printed; 5.1 is not 5.10."""
    with reading(path, expected=PRINTED, damage=(OSError, ValueError, KeyError)):
        with open(path, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        tables = {}
        for row in rows:
            tables.setdefault(row["table"], {})[row["row"], row["score"]] = float(row["value"])
    return tables


def printed_in(tables, number):
    """What a publication has in one of its tables."""
    if number not in tables:
        fix = "correct `published` in this part of paper.parts"
        raise SynthemError(
            "CONFIG_REFERENCE", "paper.parts", f"table {number}", expected=", ".join(tables), fix=fix
        )
    return tables[number]


def _no_column(column, frame):
    return SynthemError(
        "CONFIG_REFERENCE",
        "paper.parts",
        f"column `{column}`",
        expected=f"one of {', '.join(frame)}",
        fix="correct `where` in this part of paper.parts, or name another table",
    )
