"""Counts the objects of the structure in each block of a volume, slice by slice.

In a mask an object is a part that hangs together in three dimensions (26 neighbours), in labels a number.
A block counts what it sees: an object that goes on outside of it counts in it once, and once on each side of
slices that are missing. In memory are two slices, whatever the size of the stack.

A membrane is no object: it is one sheet through all of a volume, of which neither number nor length tells
anything.
"""

import math
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from synthem.checks.numbering import numbers_of
from synthem.kernels.components import label_components
from synthem.kernels.unions import unite_pairs
from synthem.storage.splits import slice_numbers

NEAR = 0.05  # of a slice's side: what comes so near to a side reaches it


class ObjectsInMask:
    """Objects per block, in masks {0, 1} [Y, X] that are added in rising z."""

    def __init__(self, blocks, *, linked):
        self._blocks = {name: _Block(set(slice_numbers(block))) for name, block in blocks.items()}
        self._linked, self._last = linked, None
        self._marked = self._spanned = 0  # slices with any of it, and those that a part of it spans

    @property
    def sheet(self):
        """Whether it is a sheet, as membranes are: most slices have a part that reaches all four sides."""
        return 2 * self._spanned > self._marked

    def add(self, z, mask):
        here, last = SliceParts(z, mask > 0), self._last
        follows = self._linked and last is not None and last.z == z - 1
        blocks = [block for block in self._blocks.values() if z in block.slices]
        go_on = [follows and z - 1 in block.slices for block in blocks]
        joined = joined_parts(last, here) if any(go_on) else None  # a stack of its own may have another size
        for block, goes_on in zip(blocks, go_on, strict=True):
            if goes_on:
                block.go_on(*joined)
            else:
                block.begin(here.count)
        self._last = here
        self._marked += here.count > 0
        self._spanned += here.spans()

    def counts(self):
        return {name: block.count for name, block in self._blocks.items()}


class SliceParts:
    """A slice and its parts, which are numbered from 1."""

    def __init__(self, z, mask):
        self.z, self.mask, self.inside = z, mask, np.flatnonzero(mask)
        labels, self.count = label_components(mask[None], neighbours=8)
        self.parts = labels.ravel()[self.inside]  # of the voxels inside

    def spans(self):
        """Whether one of them reaches all four sides of the slice."""
        (height, width), (y, x) = self.mask.shape, np.divmod(self.inside, self.mask.shape[1])
        above, beside = math.ceil(NEAR * height), math.ceil(NEAR * width)
        at_sides = (y < above, y >= height - above, x < beside, x >= width - beside)
        return len(reduce(np.intersect1d, (self.parts[at] for at in at_sides))) > 0

    def numbers_in(self, labels):
        """The number in `labels` [Y, X] of each part, which has one there; part 0 is none."""
        numbers = np.zeros(self.count + 1, np.int64)
        numbers[self.parts] = labels.ravel()[self.inside]
        return numbers[1:]


def joined_parts(last, here):
    """Parts of two slices that are connected: a number for each of the last, of the new, and how many."""
    labels, count = label_components(np.stack([last.mask, here.mask]), neighbours=26)
    return last.numbers_in(labels[0]), here.numbers_in(labels[1]), count


@dataclass
class _Block:
    slices: set
    count: int = 0  # of the objects so far
    objects: np.ndarray | None = None  # that the parts of the last slice belong to, numbered from 1

    def begin(self, count):
        self.count += count
        self.objects = np.arange(1, count + 1)

    def go_on(self, last, here, count):
        """Count a slice from `joined_parts`: through it, parts of the last slice may become one object."""
        known = int(self.objects.max(initial=0))
        # Members: the known objects from 1 on, then what hangs together in the two slices.
        roots = unite_pairs(1 + known + count, np.stack([self.objects, last + known], 1))
        self.count += len(np.unique(roots[1:])) - known
        # Numbered anew: they never grow with the depth of the stack.
        self.objects = np.unique(roots[here + known], return_inverse=True)[1] + 1


@dataclass
class ObjectsInLabels:
    """Objects per block, in labels [Y, X] that are added in any order of z."""

    blocks: dict
    linked: bool  # else each slice has numbers of its own
    sheet = False  # whoever numbered them has told them apart
    _found: dict = field(default_factory=dict)

    def add(self, z, labels):
        numbers = numbers_of(labels.ravel())
        for name, block in self.blocks.items():
            if any(first <= z < end for first, end in block):
                found = numbers if self.linked else {(z, number) for number in numbers}
                self._found.setdefault(name, set()).update(found)

    def counts(self):
        return {name: len(self._found.get(name, ())) for name in self.blocks}
