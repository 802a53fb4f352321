"""Ids of instances: numbered slice by slice, without gaps, without instances that are too small."""

import numpy as np
from skimage.measure import label as label_ids

from synthem.kernels.compiling import kernel


def labelled(label, stack, *, linked, zeros=np.zeros):
    """label(stack [Z, Y, X]) -> uint32; where slices are not linked, of each slice, with ids going on."""
    if linked:
        return label(stack)
    labels, highest = zeros(stack.shape, np.uint32), 0
    for z in range(len(stack)):
        labels[z], highest = renumbered(label(stack[z : z + 1])[0], highest)
    return labels


def renumbered(labels, highest):
    """Labels [Y, X] with ids highest + 1, ... in order of the old ones, and the new highest; 0 stays 0."""
    numbers, places = np.unique(labels, return_inverse=True)
    first = highest + (numbers[0] != 0)
    ids = (np.arange(len(numbers)) + first).astype(np.uint32)
    ids[numbers == 0] = 0
    return ids[places].reshape(labels.shape), max(highest, int(ids.max(initial=0)))


def without_small(labels, smallest):
    """Labels uint32 without instances of fewer than `smallest` voxels, in place; ids in the old order."""
    kept = sizes_of(labels) >= smallest
    kept[0] = False
    return with_numbers(labels, np.where(kept, np.cumsum(kept), 0))


def with_numbers(labels, numbers):
    """Labels [Z, Y, X] with numbers[id] for each id, in place."""
    numbers = numbers.astype(labels.dtype)
    for plane in labels:
        plane[...] = numbers[plane]
    return labels


def sizes_of(labels):
    """Voxels of each id from 0 to the highest."""
    sizes = np.zeros(1 + max((int(plane.max(initial=0)) for plane in labels), default=0), np.int64)
    for plane in labels:
        _count_ids(plane, sizes)
    return sizes


def parts_in_slices(labels):
    """Labels [Z, Y, X] -> uint32 ids of the connected parts (8 neighbours) that each id has in each slice."""
    return labelled(lambda plane: label_ids(plane[0], connectivity=2)[None], labels, linked=False)


@kernel
def _count_ids(plane, sizes):
    for y in range(plane.shape[0]):
        for x in range(plane.shape[1]):
            sizes[plane[y, x]] += 1
