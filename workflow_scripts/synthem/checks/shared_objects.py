"""Objects of the test block that also lie in the train block: a network has learnt their other end.

An object is what `checks.objects` takes for one, in the whole stack, gaps included. In memory are two slices,
and a few numbers for each object that may still go on.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from synthem.checks.objects import SliceParts, joined_parts
from synthem.kernels.unions import unite_pairs
from synthem.storage.splits import slice_numbers

MOST = 0.95  # of all objects are to be shorter than the gap that is advised


@dataclass
class Shared:
    """What was found: objects that have ended."""

    tested: int = 0  # objects of the test block
    shared: int = 0  # those of them that are in the train block, too
    voxels: int = 0  # of the objects of the test block, there
    shared_voxels: int = 0
    lengths: Counter = field(default_factory=Counter)  # {slices: how many objects of the stack are so long}

    def close(self, lengths, tested, learnt):
        """Count objects: slices of each, its voxels in the test block, whether it was learnt from."""
        self.lengths.update(lengths.tolist())
        self.tested += int(np.count_nonzero(tested))
        self.shared += int(np.count_nonzero(tested[learnt]))
        self.voxels += int(tested.sum())
        self.shared_voxels += int(tested[learnt].sum())

    def longest(self):
        """How many slices MOST of the objects have at the most."""
        needed, seen = round(MOST * self.lengths.total(), 9), 0
        for length, count in sorted(self.lengths.items()):
            seen += count
            if seen >= needed:
                return length
        return 0


class SharedInMask:
    """Finds shared objects in masks {0, 1} [Y, X] of one stack, which are added in rising z."""

    def __init__(self, blocks):
        self.train, self.test = (set(slice_numbers(blocks[name])) for name in ("train", "test"))
        self.found, self.last = Shared(), None
        self._begin(0)

    def _begin(self, count):
        """So many new objects: where each begins, its voxels tested, whether it is learnt from."""
        self.first, self.tested, self.learnt = (np.zeros(count, kind) for kind in (int, int, bool))
        self.of_part = np.arange(count)

    def add(self, z, mask):
        here = SliceParts(z, mask > 0)
        if self.last is None or self.last.z != z - 1:
            self._end_all()
            self._begin(here.count)
            self.first[:] = z
        else:
            self._go_on(z, here)
        if z in self.test:
            np.add.at(self.tested, self.of_part, np.bincount(here.parts, minlength=here.count + 1)[1:])
        self.learnt[self.of_part] |= z in self.train
        self.last = here

    def summary(self):
        self._end_all()
        self._begin(0)
        self.last = None
        return self.found

    def _go_on(self, z, here):
        """Objects of the last slice become one through this slice, go on in it, or end."""
        last, parts, count = joined_parts(self.last, here)
        known = len(self.first)
        # Members: the known objects, then what hangs together in the two slices.
        pairs = np.stack([self.of_part, known + last - 1], 1)
        _, places = np.unique(unite_pairs(known + count, pairs), return_inverse=True)
        old, new, total = places[:known], places[known + parts - 1], places.max(initial=-1) + 1
        first, tested, learnt = np.full(total, z), np.zeros(total, int), np.zeros(total, bool)
        np.minimum.at(first, old, self.first)
        np.add.at(tested, old, self.tested)
        np.logical_or.at(learnt, old, self.learnt)
        goes_on = np.zeros(total, bool)
        goes_on[new] = True
        over = ~goes_on
        self.found.close(z - first[over], tested[over], learnt[over])
        self.first, self.tested, self.learnt = first[goes_on], tested[goes_on], learnt[goes_on]
        self.of_part = (np.cumsum(goes_on) - 1)[new]

    def _end_all(self):
        if self.last is not None:
            self.found.close(self.last.z + 1 - self.first, self.tested, self.learnt)


class SharedInLabels:
    """Finds shared objects in labels [Y, X] of one stack, which are added in any order of z."""

    def __init__(self, blocks):
        self.train, self.test = (set(slice_numbers(blocks[name])) for name in ("train", "test"))
        self.objects = {}  # id: [first slice, last slice, voxels in the test block, whether learnt from]

    def add(self, z, labels):
        ids, voxels = np.unique(labels, return_counts=True)
        for number, count in zip(ids.tolist(), voxels.tolist(), strict=True):
            if number:
                first, last, tested, learnt = self.objects.get(number, (z, z, 0, False))
                tested += count if z in self.test else 0
                self.objects[number] = min(first, z), max(last, z), tested, learnt or z in self.train

    def summary(self):
        found = Shared()
        if self.objects:
            first, last, tested, learnt = (
                np.array(column) for column in zip(*self.objects.values(), strict=True)
            )
            found.close(last + 1 - first, tested, learnt)
        return found
