"""Patches drawn from slices: number n of a set is the same patch whoever draws it, in whatever order."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from synthem.errors import SynthemError
from synthem.intensity import slice_statistics
from synthem.seeds import derived_seed, generator


@dataclass(frozen=True)
class PatchSet:
    """Slices to learn from, aligned voxel by voxel."""

    name: str  # part of every patch's seed: sets of one name and size give the same places
    image: np.ndarray  # uint8 or uint16 [Z, Y, X]
    conditions: dict = field(default_factory=dict)  # name -> uint8 {0, 1} [Z, Y, X], known beside the image
    target: np.ndarray | None = None  # uint8 {0, 1} [Z, Y, X]: what a segmenter is to find

    def __post_init__(self):
        for what, array in {**self.conditions, "target": self.target}.items():
            if array is not None and array.shape != self.image.shape:
                raise SynthemError(
                    "DATA_SHAPE",
                    f"{self.name}: {what}",
                    f"shape {array.shape}",
                    expected=f"the image's {self.image.shape}",
                    fix="give an image and masks of the same slices",
                )

    @cached_property
    def statistics(self):
        return slice_statistics(self.image)


@dataclass(frozen=True)
class Patch:
    """One place of a set, grey levels as they are in the file."""

    image: np.ndarray  # [size, size]
    conditions: np.ndarray  # uint8 [C, size, size]
    target: np.ndarray | None  # uint8 [size, size]
    mean: float  # of the whole slice
    deviation: float
    seed: int  # for whatever happens to this patch next


def draw_patch(examples, *, seed, number, size):
    """Patch `number` of the set: depends on (seed, set name, number) and on nothing else."""
    random = generator(seed, examples.name, number)
    z = int(random.integers(examples.image.shape[0]))
    # The order of draws is part of the result: z, y, x.
    y, x = (int(random.integers(max(length - size, 0) + 1)) for length in examples.image.shape[1:])

    def cut(array):
        return reflect_to(array[z, y : y + size, x : x + size], size)

    conditions = [cut(mask) for mask in examples.conditions.values()]
    mean, deviation = examples.statistics
    return Patch(
        image=cut(examples.image),
        conditions=np.stack(conditions) if conditions else np.empty((0, size, size), np.uint8),
        target=None if examples.target is None else cut(examples.target),
        mean=float(mean[z]),
        deviation=float(deviation[z]),
        seed=derived_seed(seed, examples.name, number, "augment"),
    )


def draw_batch(sets, *, seed, step, batch_size, size):
    """The patches of one step, taken from the sets in turn.

    Set k of n gets the places k, k + n, ... of the endless row of samples: an even share of every
    batch, and the k-th patch ever drawn from a set does not depend on the other sets.
    """
    places = range(step * batch_size, (step + 1) * batch_size)
    return [
        draw_patch(sets[place % len(sets)], seed=seed, number=place // len(sets), size=size)
        for place in places
    ]


def reflect_to(plane, size):
    """Mirror a plane at its far borders until it is at least [size, size]."""
    missing = [(0, max(size - length, 0)) for length in plane.shape]
    return np.pad(plane, missing, mode="reflect") if any(after for _, after in missing) else plane
