"""Contingency table of two labellings: which label lies on which true one, in how many voxels.

The table is small (one row per pair of ids that meet), however large the volumes: they pass slice by slice.
"""

from typing import NamedTuple

import numpy as np

from synthem.errors import SynthemError
from synthem.kernels.compiling import kernel
from synthem.kernels.hash_table import slot_of
from synthem.kernels.threads import each_slice
from synthem.metrics.shapes import check_shapes

FIRST_SLOTS = 1 << 14  # of the hash table: it grows with the number of pairs
BLOCK = 1 << 12  # voxels looked at together: few enough to stay in the fastest memory
ID_BITS, LOW = np.uint64(32), np.uint64(0xFFFFFFFF)


class Overlaps(NamedTuple):
    """Pairs of ids that share voxels, in ascending order: true id, label (uint32), voxels (int64)."""

    truth: np.ndarray
    labels: np.ndarray
    voxels: np.ndarray

    def where(self, chosen):
        """Only the rows that are chosen (bool)."""
        return Overlaps(*(column[chosen] for column in self))


def of_section(labels, truth, ignore=None):
    """Overlaps of one section [Y, X], ids any uint32; pixels with `ignore` 1 are not counted."""
    check_shapes(truth, labels=labels, ignore=ignore)
    return overlaps_of_slices(lambda _: (labels, truth, ignore), 1, threads=1)


def overlaps_of_slices(read, depth, *, threads):
    """Overlaps of `depth` slices; read(z) gives labels, truth and ignore (or None) of one, each [Y, X].

    They may come from a file: one slice of each is in memory per thread.
    """
    # Counts are whole numbers and the rows are sorted: no number of threads changes the table.
    blocks = np.array_split(np.arange(depth), threads)
    parts = each_slice(lambda block: _count(read, blocks[block]), threads, threads)
    return _of_keys(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def merged(tables):
    """The overlaps of a stack from those of its slices."""
    truth, labels, voxels = (np.concatenate(column) for column in zip(*tables, strict=True))
    return _of_keys((truth.astype(np.uint64) << ID_BITS) | labels, voxels)


def with_own_zeros(tables):
    """Tables of sections that are no neighbours, each with numbers of its own for 0: no piece is in two."""
    first = 1 + max((int(column.max(initial=0)) for table in tables for column in table[:2]), default=0)
    return [
        Overlaps(*(np.where(ids == 0, np.uint32(first + z), ids) for ids in table[:2]), table.voxels)
        for z, table in enumerate(tables)
    ]


def totals(ids, voxels):
    """Voxels of each different id (int64), and which of them each row belongs to."""
    different, row = np.unique(ids, return_inverse=True)
    sums = np.zeros(len(different), np.int64)
    np.add.at(sums, row, voxels)
    return sums, row


def as_ids(name, plane):
    """Labels of any whole-number type as uint32, in one piece; numbers that do not fit are refused."""
    plane = np.asarray(plane)
    if plane.dtype.kind not in "bui":
        raise SynthemError(
            "DATA_FORMAT",
            name,
            f"labels of type {plane.dtype}",
            expected="whole numbers from 0 to 4294967295",
            fix="store the labels as uint32",
        )
    if plane.dtype.itemsize > 4 or plane.dtype.kind == "i":
        low, high = (int(plane.min()), int(plane.max())) if plane.size else (0, 0)
        if low < 0 or high > LOW:
            raise SynthemError(
                "DATA_VALUE",
                name,
                f"labels from {low} to {high}",
                expected="whole numbers from 0 to 4294967295",
                fix="number the labels from 1 on",
            )
    return np.ascontiguousarray(plane, np.uint32)


def _of_keys(keys, counts):
    """Keys (true id, label in one number) and voxels in any order, keys more than once -> Overlaps."""
    pairs, voxels = np.unique(keys), totals(keys, counts)[0]
    return Overlaps((pairs >> ID_BITS).astype(np.uint32), (pairs & LOW).astype(np.uint32), voxels)


def _count(read, zs):
    """Keys (true id, label in one number) and voxels of the pairs in some slices."""
    keys, voxels = np.zeros(FIRST_SLOTS, np.uint64), np.zeros(FIRST_SLOTS, np.int64)
    for z in zs:
        labels, truth, ignore = read(z)
        known = slice(None) if ignore is None else np.asarray(ignore) == 0
        labels, truth = as_ids("labels", labels)[known].ravel(), as_ids("truth", truth)[known].ravel()
        keys, voxels = _add_slice(keys, voxels, labels, truth)
    return keys[voxels > 0], voxels[voxels > 0]


@kernel
def _add_slice(keys, voxels, labels, truth):
    """Count one slice in the hash table (keys, voxels), which may grow; voxels 0 marks a free slot."""
    free = len(keys) // 4 - np.count_nonzero(voxels)  # a fuller table would search long
    ends = np.empty(BLOCK, np.int64)
    start = 0
    for first in range(0, len(labels), BLOCK):
        # Cells are blobs: equal pairs come in runs, and only the end of a run touches the table.
        for run in range(_run_ends(labels[first : first + BLOCK], truth[first : first + BLOCK], ends)):
            pair = (np.uint64(truth[start]) << ID_BITS) | np.uint64(labels[start])
            slot = slot_of(keys, voxels, pair)
            free -= voxels[slot] == 0
            keys[slot] = pair
            voxels[slot] += first + ends[run] - start
            start = first + ends[run]
            if free == 0:
                free = len(keys) // 4
                keys, voxels = _grown(keys, voxels)
    return keys, voxels


@kernel
def _run_ends(labels, truth, ends):
    """Where runs of equal pairs end, into `ends`; how many there are."""
    count = 0
    for here in range(len(labels) - 1):
        ends[count] = here + 1  # without a branch, which would be guessed wrong at each border
        count += (labels[here] != labels[here + 1]) | (truth[here] != truth[here + 1])
    ends[count] = len(labels)
    return count + 1


@kernel
def _grown(keys, voxels):
    """The same table with twice the slots."""
    new_keys, new_voxels = np.zeros(2 * len(keys), np.uint64), np.zeros(2 * len(keys), np.int64)
    for old in range(len(keys)):
        if voxels[old] > 0:
            slot = slot_of(new_keys, new_voxels, keys[old])
            new_keys[slot], new_voxels[slot] = keys[old], voxels[old]
    return new_keys, new_voxels
