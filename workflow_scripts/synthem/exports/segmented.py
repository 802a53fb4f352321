"""A segmentation beside the image and the truth of its block, as a volume that every format can hold."""

from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from synthem.errors import SynthemError
from synthem.storage.arrays import open_arrays
from synthem.storage.splits import slice_numbers
from synthem.storage.volumes import open_volume


@contextmanager
def open_segmentation(path, *, volume, structure):
    """The test block of a volume, with masks and labels called `segmentation` and `truth`.

    segmentation: from the file at `path`; truth: the volume's `structure`, of which it may have a mask,
    labels, both or neither.
    """
    with open_volume(volume) as whole, open_arrays(path) as found:
        numbers = slice_numbers(whole.facts.blocks["test"])
        shape = (len(numbers), *whole.shape[1:3])
        if found["mask"].shape != shape or found["labels"].shape != shape:
            raise SynthemError(
                "FILE_READ",
                path,
                f"mask {found['mask'].shape} and labels {found['labels'].shape}",
                expected=f"{shape} like the test block of {volume}",
                fix="delete it and run again",
            )
        yield SegmentedBlock(whole, numbers, found, structure)


class StoredMap:
    """One array of an open file as the image of a volume of its own, with the place and voxels of another."""

    def __init__(self, array, facts):
        self.array, self.shape, self.dtype = array, array.shape, array.dtype
        self.facts = replace(facts, grey={})

    def names(self, group):
        return []

    def read(self, name, first, end):
        return self.array[first:end]


class SegmentedBlock:
    """The test block of a volume with its segmentation, with the interface of a StoredVolume."""

    def __init__(self, whole, numbers, found, structure):
        self.whole, self.numbers = whole, numbers
        self.found = {"masks/segmentation": found["mask"], "labels/segmentation": found["labels"]}
        groups = [group for group in ("masks", "labels", "ignore") if structure in whole.names(group)]
        self.true = {"image": "image"} | {f"{group}/truth": f"{group}/{structure}" for group in groups}
        self.shape, self.dtype = (len(numbers), *whole.shape[1:]), whole.dtype
        self.facts = _facts(whole.facts, numbers)

    def names(self, group):
        return sorted(
            name.split("/")[1] for name in [*self.found, *self.true] if name.startswith(f"{group}/")
        )

    def read(self, name, first, end):
        if name in self.found:
            return self.found[name][first:end]
        return np.concatenate([self.whole.read(self.true[name], z, z + 1) for z in self.numbers[first:end]])


def _facts(facts, numbers):
    return replace(
        facts,
        offset_nm=facts.offset_of(numbers[0]),
        own_stacks=(),
        blocks={},
        tiles=tuple(facts.tiles[z] for z in numbers) if facts.tiles else (),
    )
