"""Draws patches from slices: patch n of a set is a function of (seed, set, n), in whatever order."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from synthem.errors import SynthemError
from synthem.intensity import GREYS, levels_for
from synthem.kernels.compiling import kernel
from synthem.patches.chance import PLACE, streams_of, uniforms
from synthem.patches.rows import Rows

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
        """The numbers of `depth` slices from each of z [n] on: [n, depth].

        A run that is too short is mirrored at its ends.
        """
        first, end = self._runs_of(z)
        period = np.maximum(2 * (end - first - 1), 1)[:, None]
        steps = ((z - first)[:, None] + np.arange(depth)) % period
        return first[:, None] + np.minimum(steps, period - steps)

    def slices_before(self, z, count):
        """The numbers of the `count` slices before each of z [n]: [n, count]; -1 where its run has none."""
        before = np.asarray(z)[:, None] - np.arange(count, 0, -1)
        return np.where(before < self._runs_of(z)[0][:, None], -1, before)

    @property
    def _runs(self):
        return self.runs or ((0, len(self.image)),)

    def _runs_of(self, z):
        """First slice and end of the run of each of z [n]."""
        firsts, ends = np.array(self._runs).T
        run = np.searchsorted(firsts, z, side="right") - 1
        return firsts[run], ends[run]

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
class Places(Rows):
    """Where patches begin."""

    index: np.ndarray  # int64 [B]: of the set among the sets of a batch
    z: np.ndarray  # the first slice
    y: np.ndarray
    x: np.ndarray

    def __len__(self):
        return len(self.index)


@dataclass(frozen=True)
class Patch:
    """One place of a set, grey levels as they are in the file."""

    image: np.ndarray  # [size, size] or [size, size, C]
    conditions: np.ndarray  # uint8 [masks, size, size]


def cut_patch(examples, place, size):
    """The Patch [size, size] at a place of a set, a row of Places, mirrored where the slice ends."""
    z, y, x = place.z, place.y, place.x

    def cut(array):
        return reflect_to(array[z, y : y + size, x : x + size], size)

    conditions = [cut(mask) for mask in examples.conditions.values()]
    return Patch(cut(examples.image), np.array(conditions, np.uint8).reshape(-1, size, size))


def draw_places(sets, patches, *, seed, size, depth=1):
    """The Places of patches [(index of the set, number in it), ...], `depth` slices each.

    Each is a function of (seed, name of the set, number).
    """
    index = np.array(patches, np.int64)[:, 0]
    streams = streams_of(sets, patches, seed=seed)
    places = np.empty((len(index), 3), np.int64)
    for n, examples in enumerate(sets):
        places[index == n] = _draw(examples, streams[index == n], size, depth)
    return Places(index, *places.T.copy())


def _draw(examples, streams, size, depth):
    """z, y, x of patches of one set: int64 [n, 3].

    A patch is drawn again where less than LEAST_KNOWN of its voxels are known.
    """
    starts = np.array(examples.starts(depth))
    choices = [len(starts), *(max(length - size, 0) + 1 for length in examples.image.shape[1:3])]
    places, drawn = np.empty((len(streams), 3), np.int64), np.arange(len(streams))
    for attempt in range(MOST_DRAWS):
        chance = uniforms(streams[drawn], PLACE + 4 * attempt, 3)
        places[drawn] = np.floor(chance * choices)
        places[drawn, 0] = starts[places[drawn, 0]]
        if not examples.has_unknown:
            break
        z, y, x = places[drawn].T
        unknown = _unknown_shares(examples.ignore, examples.slices_from(z, depth), y, x, size)
        drawn = drawn[unknown > 1 - LEAST_KNOWN]
    return places


@kernel
def _unknown_shares(ignore, slices, y, x, size):
    """The unknown share of each patch [n] that begins at y [n], x [n] and has these slices [n, depth]."""
    shares = np.empty(len(slices))
    for n in range(len(slices)):
        unknown, voxels = 0, 0
        for z in slices[n]:
            piece = ignore[z, y[n] : y[n] + size, x[n] : x[n] + size]
            voxels += piece.size
            for row in piece:
                for value in row:
                    unknown += value
        shares[n] = unknown / voxels
    return shares


def one_after_the_other(first, count):
    """So many patches, from number `first` on, where there is a single set to draw from."""
    return [(0, number) for number in range(first, first + count)]


def reflect_to(plane, size):
    """Mirror a plane [Y, X] or [Y, X, C] at its far borders until it is at least [size, size]."""
    missing = [(0, max(size - length, 0)) for length in plane.shape[:2]]
    if not any(after for _, after in missing):
        return plane
    return np.pad(plane, missing + [(0, 0)] * (plane.ndim - 2), mode="reflect")
