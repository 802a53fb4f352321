"""Slices of every form that generators learn from."""

import numpy as np
import torch

from synthem.patches.places import PatchSet


def slices(dtype=np.uint8, shape=(3, 57, 91), colours=(), masks=2, ignore=None):
    random = np.random.default_rng(0)
    image = random.integers(0, np.iinfo(dtype).max, (*shape, *colours), dtype, endpoint=True)
    conditions = {str(number): random.integers(0, 2, shape, np.uint8) for number in range(masks)}
    return PatchSet(
        "real", image, conditions, ignore=None if ignore is None else np.full(shape, ignore, np.uint8)
    )


def half_unknown():
    examples = slices()
    unknown = np.zeros(examples.image.shape, np.uint8)
    unknown[:, 20:, 30:60] = 1
    return PatchSet("real", examples.image, examples.conditions, ignore=unknown)


SETS = {
    "bytes": slices(),
    "uint16": slices(np.uint16),
    "colours": slices(colours=(3,)),
    "smaller than the patch": slices(shape=(2, 9, 200)),
    "no masks": slices(masks=0),
    "half unknown": half_unknown(),
    "nothing unknown": slices(ignore=0),
}


def halves():
    """Two masks or pictures: the left half is 1 in the one, the upper half in the other."""
    conditions = torch.zeros(2, 1, 4, 4)
    conditions[0, :, :, :2] = 1
    conditions[1, :, :2] = 1
    return conditions
