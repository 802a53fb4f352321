"""Patches drawn from slices: number n of a set is the same patch whoever draws it, in whatever order."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from synthem.errors import SynthemError
from synthem.intensity import slice_statistics
from synthem.seeds import derived_seed, generator

LEAST_KNOWN = 1 / 8  # of the voxels of a patch: fewer teach next to nothing
MOST_DRAWS = 20  # of one patch, until that much of it is known


@dataclass(frozen=True)
class PatchSet:
    """Slices to learn from, aligned voxel by voxel."""

    name: str  # part of every patch's seed: sets of one name and size give the same places
    image: np.ndarray  # uint8 or uint16 [Z, Y, X] or [Z, Y, X, C]
    conditions: dict = field(default_factory=dict)  # name -> uint8 {0, 1} [Z, Y, X], known beside the image
    target: np.ndarray | None = None  # uint8 {0, 1} [Z, Y, X]: what a segmenter is to find
    ignore: np.ndarray | None = None  # uint8 {0, 1} [Z, Y, X]: 1 where nobody knows what is there

    def __post_init__(self):
        beside = {**self.conditions, "target": self.target, "ignore": self.ignore}
        for what, array in beside.items():
            if array is not None and array.shape != self.image.shape[:3]:
                raise SynthemError(
                    "DATA_SHAPE",
                    f"{self.name}: {what}",
                    f"shape {array.shape}",
                    expected=f"the image's {self.image.shape[:3]}",
                    fix="give an image and masks of the same slices",
                )

    @property
    def image_channels(self):
        return 1 if self.image.ndim == 3 else self.image.shape[3]

    @cached_property
    def statistics(self):
        return slice_statistics(self.image)

    @cached_property
    def has_unknown(self):
        return self.ignore is not None and bool(self.ignore.any())


@dataclass(frozen=True)
class Place:
    """Where a patch begins."""

    index: int  # of its set among the sets of a batch
    z: int
    y: int
    x: int
    seed: int  # for whatever happens to this patch next


@dataclass(frozen=True)
class Patch:
    """One place of a set, grey levels as they are in the file."""

    image: np.ndarray  # [size, size] or [size, size, C]
    conditions: np.ndarray  # uint8 [masks, size, size]
    target: np.ndarray | None  # uint8 [size, size]
    known: np.ndarray | None  # uint8 {0, 1} [size, size]; None: all of it
    mean: np.ndarray  # of the whole slice, a number or one for each colour
    deviation: np.ndarray
    seed: int  # for whatever happens to this patch next


def draw_patch(examples, *, seed, number, size):
    """Patch `number` of the set: depends on (seed, set name, number) and on nothing else."""
    return cut_patch(examples, draw_place(examples, seed=seed, number=number, size=size), size)


def cut_patch(examples, place, size):
    z, y, x = place.z, place.y, place.x

    def cut(array):
        return reflect_to(array[z, y : y + size, x : x + size], size)

    conditions = [cut(mask) for mask in examples.conditions.values()]
    mean, deviation = examples.statistics
    return Patch(
        image=cut(examples.image),
        conditions=np.stack(conditions) if conditions else np.empty((0, size, size), np.uint8),
        target=None if examples.target is None else cut(examples.target),
        known=None if examples.ignore is None else 1 - cut(examples.ignore),
        mean=mean[z],
        deviation=deviation[z],
        seed=place.seed,
    )


def draw_place(examples, *, seed, number, size, index=0):
    """The place of patch `number`; drawn again where too little is known."""
    random = generator(seed, examples.name, number)
    for _ in range(MOST_DRAWS):
        z = int(random.integers(examples.image.shape[0]))
        # The order of draws is part of the result: z, y, x.
        y, x = (int(random.integers(max(length - size, 0) + 1)) for length in examples.image.shape[1:3])
        if not examples.has_unknown:
            break
        if examples.ignore[z, y : y + size, x : x + size].mean() <= 1 - LEAST_KNOWN:
            break
    return Place(index, z, y, x, derived_seed(seed, examples.name, number, "augment"))


def draw_places(sets, *, seed, step, batch_size, size):
    """The places of the patches of one step, taken from the sets in turn.

    Set k of n gets the places k, k + n, ... of the endless row of samples: an even share of every
    batch, and the k-th patch ever drawn from a set does not depend on the other sets.
    """
    places = []
    for sample in range(step * batch_size, (step + 1) * batch_size):
        number, index = divmod(sample, len(sets))
        places.append(draw_place(sets[index], seed=seed, number=number, size=size, index=index))
    return places


def draw_batch(sets, *, seed, step, batch_size, size):
    """The patches of one step."""
    places = draw_places(sets, seed=seed, step=step, batch_size=batch_size, size=size)
    return [cut_patch(sets[place.index], place, size) for place in places]


def known_of(patches):
    """float32 {0, 1} [B, 1, size, size], or None where all is known: then nothing has to be weighed."""
    if all(patch.known is None or patch.known.all() for patch in patches):
        return None
    whole = np.ones(patches[0].image.shape[:2], np.uint8)
    known = [whole if patch.known is None else patch.known for patch in patches]
    return np.stack(known)[:, None].astype(np.float32)


def reflect_to(plane, size):
    """Mirror a plane [Y, X] or [Y, X, C] at its far borders until it is at least [size, size]."""
    missing = [(0, max(size - length, 0)) for length in plane.shape[:2]]
    if not any(after for _, after in missing):
        return plane
    return np.pad(plane, missing + [(0, 0)] * (plane.ndim - 2), mode="reflect")
