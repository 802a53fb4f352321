"""Rows of single slices -> what two arms scored on the same slices, in pairs of one replicate and seed."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from synthem.metrics.definitions import PARTITIONS, SCORES

COUNTS = ("shared_voxels", "extra_voxels", "missed_voxels")


class Endpoint(NamedTuple):
    """The score that arms are compared by."""

    columns: tuple  # of the table of scores: their sums over slices make the score
    score: Callable  # sums, and the number of slices as the last of them: float [..., k] -> float [...]
    sign: int  # 1 where more is better, -1 where less is
    weight: Callable  # the same sums -> how much of the whole score rests on them


class Pairs(NamedTuple):
    """Two arms in pairs of runs; reference, arm: float [runs, slices, k], summands of `Endpoint.score`."""

    replicates: np.ndarray  # [runs]: to which replicate a run belongs; several seeds are several runs of one
    reference: np.ndarray
    arm: np.ndarray


def endpoint_of(name):
    """`iou`, `dice`: of the voxels of all slices together; any other score: the mean of its slices."""
    pooled = {"iou": _iou, "dice": _dice}
    sign = 1 if (SCORES | PARTITIONS)[name].best else -1
    if name in pooled:
        return Endpoint(COUNTS, pooled[name], sign, _structure)
    return Endpoint((name,), _mean, sign, _slices)


def pairs(scores, endpoint, *, reference, arm, budget, of_reference=None):
    """Pairs of all runs (replicate, seed) that both arms have, on the slices that all of them have.

    scores: DataFrame of one volume. of_reference: its budget, where that is another one. Slices where no run
    marks a voxel and there is none to mark are left out.
    """
    slices = scores[scores["scope"] == "slice"]
    both = ((reference, budget if of_reference is None else of_reference), (arm, budget))
    before, after = (
        _runs(slices[(slices["arm"] == name) & (slices["budget"].astype(str) == str(own))], endpoint)
        for name, own in both
    )
    runs = sorted(before.keys() & after.keys())
    if not runs:
        return Pairs(np.zeros(0), *np.zeros((2, 0, 0, len(endpoint.columns) + 1)))
    frames = [own[run] for own in (before, after) for run in runs]
    shared = frames[0].index
    for frame in frames[1:]:
        shared = shared.intersection(frame.index)
    values = np.stack([frame.loc[shared.sort_values()].to_numpy(float) for frame in frames])
    if endpoint.columns == COUNTS:
        values = values[:, values.any(axis=(0, 2))]
    values = np.concatenate([values, np.ones((*values.shape[:2], 1))], axis=2)
    return Pairs(np.array([run[0] for run in runs]), values[: len(runs)], values[len(runs) :])


def _runs(slices, endpoint):
    """{(replicate, seed): DataFrame of the endpoint's columns by slice}; what is undefined is left out.

    Baselines have no seed: 0.
    """
    slices = slices.assign(seed=pd.to_numeric(slices["seed"]).fillna(0))
    groups = slices.groupby(["replicate", "seed"])
    return {run: own.set_index("slice")[list(endpoint.columns)].dropna() for run, own in groups}


def _iou(sums):
    shared, extra, missed, _ = np.moveaxis(sums, -1, 0)
    with np.errstate(invalid="ignore"):
        return shared / (shared + extra + missed)


def _dice(sums):
    shared, extra, missed, _ = np.moveaxis(sums, -1, 0)
    with np.errstate(invalid="ignore"):
        return 2 * shared / (2 * shared + extra + missed)


def _structure(sums):
    """Voxels of the structure: those that were found and those that were missed."""
    return sums[..., COUNTS.index("shared_voxels")] + sums[..., COUNTS.index("missed_voxels")]


def _slices(sums):
    return sums[..., -1]


def _mean(sums):
    with np.errstate(invalid="ignore"):
        return sums[..., 0] / sums[..., 1]
