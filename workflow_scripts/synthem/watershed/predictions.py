"""What a network says of a block: how probable it is to be inside, and which voxels belong together."""

from typing import NamedTuple

import numpy as np

from synthem.arrays import as_probability, read_array
from synthem.boundaries import (
    LONG_STEPS,
    LONG_STEPS_IN_SLICE,
    SHORT_STEPS,
    SHORT_STEPS_IN_SLICE,
    affinities_along,
)
from synthem.errors import SynthemError
from synthem.targets import attractive_of, steps_of


class Prediction(NamedTuple):
    """Probabilities of one block as float32 in [0, 1]."""

    inside: np.ndarray  # [Z, Y, X]
    affinities: np.ndarray | None  # [C, Z, Y, X], where the network has learnt them
    steps: tuple  # (z, y, x) of each channel
    attractive: int  # so many of the first channels are short-range
    voxel_size_nm: tuple
    linked: bool  # neighbouring slices show the same place


def read_prediction(path, block, facts, target):
    """The prediction of the block `validation` or `test` of a volume with these facts.

    target: what the network has learnt (`unets.target`). Where that is affinities, the mean of the short ones
    says how probable a voxel is to be inside.
    """
    stored, steps = as_probability(read_array(path, block)), steps_of(target)
    if steps is None:
        return Prediction(stored, None, (), 0, facts.voxel_size_nm, facts.linked)
    if stored.ndim != 4 or stored.shape[3] != len(steps):
        raise SynthemError(
            "DATA_SHAPE",
            path,
            f"shape {stored.shape}",
            expected=f"[z, y, x, {len(steps)}], a channel for each step of the affinities",
            fix="delete it and run again",
        )
    attractive = attractive_of(target)
    inside = np.ascontiguousarray(stored[..., :attractive].mean(axis=3))
    affinities = np.ascontiguousarray(np.moveaxis(stored, 3, 0))
    return Prediction(inside, affinities, tuple(steps), attractive, facts.voxel_size_nm, facts.linked)


def affinities_of(prediction, slices, *, across_slices, long_range):
    """Affinities float32 [C, Z, Y, X] of some slices, their steps, and how many of the first are short-range.

    Those of the network, or else the lowest probability on the way of each step. Without `across_slices` only
    steps within a slice, without `long_range` only the short ones.
    """
    across = across_slices and prediction.linked
    if prediction.affinities is None:
        short = SHORT_STEPS if across else SHORT_STEPS_IN_SLICE
        long = LONG_STEPS if across else LONG_STEPS_IN_SLICE
        steps = short + long if long_range else short
        return affinities_along(prediction.inside[slices], steps), steps, len(short)
    short = range(prediction.attractive)
    channels = range(len(prediction.steps)) if long_range else short
    channels = [channel for channel in channels if across or prediction.steps[channel][0] == 0]
    steps = tuple(prediction.steps[channel] for channel in channels)
    return prediction.affinities[channels, slices], steps, sum(channel in short for channel in channels)
