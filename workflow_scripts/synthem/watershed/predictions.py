"""Predictions of a block as methods take them: probability of interior, and affinities."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from synthem.errors import SynthemError
from synthem.kernels.medians import median_of_slices
from synthem.labels.boundaries import (
    LONG_STEPS,
    LONG_STEPS_IN_SLICE,
    SHORT_STEPS,
    SHORT_STEPS_IN_SLICE,
    affinities_along,
)
from synthem.labels.targets import attractive_of, steps_of
from synthem.storage.arrays import as_probability, open_arrays
from synthem.storage.scratch import slabs
from synthem.storage.splits import slice_numbers


class Prediction(NamedTuple):
    """The output of a network for one block."""

    inside: np.ndarray  # float32 [Z, Y, X]
    affinities: np.ndarray | None  # uint8 [C, Z, Y, X], as stored, where the network has learnt them
    steps: tuple  # (z, y, x) of each channel
    attractive: int  # so many of the first channels are short-range
    voxel_size_nm: tuple
    linked: bool  # neighbouring slices show the same place
    scattered: bool = False  # slices are no neighbours, but sections of bodies that go on between them
    zeros: Callable = np.zeros  # makes the arrays of the block's size: in memory, or see `scratch`
    tiles: tuple = ()  # (y, x) of each slice, where the rest of it is padding


def read_prediction(path, block, facts, target, *, median_slices=1, zeros=np.zeros):
    """The prediction of a block of a volume with these facts: `test`, or `validation` if they have it.

    target: what the network has learnt (`unets.target`). Where that is affinities, the probability to be
    inside is the mean of the short ones; of slices that are no neighbours, of those within the slice. It is 0
    in padding. median_slices: where slices are neighbours, each voxel has the median of so many of them.
    """
    steps, attractive, affinities = tuple(steps_of(target) or ()), attractive_of(target), None
    linked, scattered = facts.linked_in(block), facts.scattered(block)
    median_slices = median_slices if linked else 1
    short = [channel for channel in range(attractive) if linked or steps[channel][0] == 0]
    with open_arrays(path) as file:
        stored = file[block]
        _check(path, stored, steps)
        inside = zeros(stored.shape[:3], np.float32)
        if steps:
            affinities = zeros((len(steps), *inside.shape), np.uint8)
        for slab in slabs(stored.shape):
            if steps:
                planes = stored[slab]
                affinities[:, slab] = np.moveaxis(planes, 3, 0)
                inside[slab] = as_probability(planes[..., short]).mean(axis=3)
            else:
                inside[slab] = as_probability(_medians(stored, slab, median_slices))
    tiles = tuple(facts.tiles[z] for z in slice_numbers(facts.blocks[block])) if facts.tiles else ()
    empty_padding([inside, *(affinities if steps else ())], tiles)
    about = {"zeros": zeros, "tiles": tiles}
    return Prediction(inside, affinities, steps, attractive, facts.voxel_size_nm, linked, scattered, **about)


def empty_padding(arrays, tiles):
    """Set arrays [Z, Y, X] to 0 beside the tiles that slices hold, of sizes [(y, x)]; () of a stack.

    Beside a tile lies its mirror image: what is found there would be counted again.
    """
    for z, (height, width) in enumerate(tiles):
        for array in arrays:
            array[z, height:], array[z, :, width:] = 0, 0


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
    learnt = as_probability(prediction.affinities[channels, slices])
    return learnt, steps, sum(channel in short for channel in channels)


def _medians(stored, slab, slices):
    """A slab of the stored planes, each voxel the median of so many slices, those beyond the slab too."""
    low, high = max(slab.start - slices // 2, 0), min(slab.stop + slices // 2, stored.shape[0])
    return median_of_slices(stored[low:high], slices, first=slab.start - low, count=slab.stop - slab.start)


def _check(path, stored, steps):
    shape = ("z", "y", "x", *([str(len(steps))] if steps else []))
    if stored.ndim != len(shape) or stored.shape[3:] != ((len(steps),) if steps else ()):
        raise SynthemError(
            "DATA_SHAPE",
            path,
            f"shape {stored.shape}",
            expected=f"[{', '.join(shape)}], a channel for each step of affinities",
            fix="delete it and run again",
        )
