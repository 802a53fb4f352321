"""Draws patches from slices: patch n of a set is a function of (seed, set, n), in whatever order."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from synthem.errors import SynthemError
from synthem.intensity import GREYS, levels_for
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
    ignore: np.ndarray | None = None  # uint8 {0, 1} [Z, Y, X]: 1 where it is unknown
    labels: np.ndarray | None = None  # uint32 [Z, Y, X], or UNKNOWN: affinities of them are the target
    steps: tuple = ()  # (z, y, x) of each of these affinities
    runs: tuple | None = None  # ranges of slices that lie one upon the other in the volume; None: all do
    greys: str = "standardised"  # how the network that learns from it sees grey levels: a word of GREYS

    def __post_init__(self):
        beside = {**self.conditions, "target": self.target, "ignore": self.ignore, "labels": self.labels}
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

    @property
    def target_channels(self):
        return len(self.steps) or 1

    def starts(self, depth):
        """Where a patch of so many slices may begin: it stays in its run, and fills one that is shorter."""
        if depth == 1:
            return range(len(self.image))
        return [z for first, end in self._runs for z in range(first, max(end - depth, first) + 1)]

    def slices_from(self, z, depth):
        """The numbers of `depth` slices from z on; a run that is too short is mirrored at its ends."""
        if depth == 1:
            return [z]
        first, end = self._run_of(z)
        period = max(2 * (end - first - 1), 1)
        steps = [(z - first + k) % period for k in range(depth)]
        return [first + (min(step, period - step) if end - first > 1 else 0) for step in steps]

    def slices_before(self, z, count):
        """The numbers of the `count` slices before z; None for those that are not of its run."""
        first, _ = self._run_of(z)
        return [z - k if z - k >= first else None for k in range(count, 0, -1)]

    @property
    def _runs(self):
        return self.runs or ((0, len(self.image)),)

    def _run_of(self, z):
        return next(run for run in self._runs if run[0] <= z < run[1])

    def seen_in(self, greys):
        """The set for a network with this kind of grey levels, a word of GREYS."""
        if greys == self.greys:
            return self
        return replace(self, image=levels_for(greys, self.image), greys=greys)

    @cached_property
    def statistics(self):
        return GREYS[self.greys](self.image)

    @cached_property
    def has_unknown(self):
        return self.ignore is not None and bool(self.ignore.any())


@dataclass(frozen=True)
class Place:
    """Where a patch begins."""

    index: int  # of its set among the sets of a batch
    z: int  # the first slice
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


def cut_patch(examples, place, size):
    """The Patch [size, size] at a Place of a set, mirrored where the slice ends."""
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


def draw_place(examples, *, seed, number, size, depth=1, index=0):
    """The place of patch `number`: a function of (seed, name of the set, number).

    A patch has `depth` slices. It is drawn again where less than LEAST_KNOWN of its voxels are known.
    """
    random = generator(seed, examples.name, number)
    starts = examples.starts(depth)
    for _ in range(MOST_DRAWS):
        z = starts[random.integers(len(starts))]
        # The order of draws is part of the result: z, y, x.
        y, x = (int(random.integers(max(length - size, 0) + 1)) for length in examples.image.shape[1:3])
        if not examples.has_unknown:
            break
        slices = examples.slices_from(z, depth)
        if examples.ignore[slices, y : y + size, x : x + size].mean() <= 1 - LEAST_KNOWN:
            break
    return Place(index, z, y, x, derived_seed(seed, examples.name, number, "augment"))


def draw_places(sets, patches, *, seed, size, depth=1):
    """The places of patches [(index of the set, number in it), ...], `depth` slices each."""
    return [
        draw_place(sets[index], seed=seed, number=number, size=size, depth=depth, index=index)
        for index, number in patches
    ]


def one_after_the_other(step, batch_size):
    """The patches of one step where there is a single set to draw from."""
    return [(0, number) for number in range(step * batch_size, (step + 1) * batch_size)]


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
