"""From slices to a volume and back: instances numbered slice by slice, linked through z, cut into slices."""

import numpy as np
from skimage.measure import label as label_ids

from synthem.kernels.unions import unite_pairs
from synthem.metrics.overlaps import of_section


def labelled(label, stack, *, linked, zeros=np.zeros):
    """`label` of the stack [Z, Y, X] -> uint32; where slices are not linked, of each slice, ids going on."""
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


def link_slices(labels, *, overlap):
    """Labels uint32 [Z, Y, X] with ids of slices, 1..n in reading order -> ids of instances, 1..m, in place.

    Instances of neighbouring slices are one where their IoU is at least `overlap` (0 links none). IoU and not
    the share of the smaller: a fragment on top of a large cell would join it and all that lies above itself.
    """
    if not overlap:
        return labels
    sizes = _sizes(labels)
    pairs = [
        _alike(below, above, sizes, overlap) for below, above in zip(labels[:-1], labels[1:], strict=True)
    ]
    roots = unite_pairs(len(sizes), np.concatenate([np.zeros((0, 2), np.int64), *pairs]))
    return with_numbers(labels, np.unique(roots, return_inverse=True)[1])


def without_small(labels, smallest):
    """Labels uint32 without instances of fewer than `smallest` voxels, in place; ids in the old order."""
    kept = _sizes(labels) >= smallest
    kept[0] = False
    return with_numbers(labels, np.where(kept, np.cumsum(kept), 0))


def with_numbers(labels, numbers):
    """Labels [Z, Y, X] with numbers[id] for each id, in place."""
    numbers = numbers.astype(labels.dtype)
    for plane in labels:
        plane[...] = numbers[plane]
    return labels


def _sizes(labels):
    """Voxels of each id from 0 to the highest."""
    sizes = np.zeros(1 + max((int(plane.max(initial=0)) for plane in labels), default=0), np.int64)
    for plane in labels:
        found = np.bincount(plane.ravel())
        sizes[: len(found)] += found
    return sizes


def parts_in_slices(labels):
    """Labels [Z, Y, X] -> uint32 ids of the connected parts (8 neighbours) that each id has in each slice."""
    return labelled(lambda plane: label_ids(plane[0], connectivity=2)[None], labels, linked=False)


def _alike(below, above, sizes, overlap):
    """Ids [N, 2] of two slices whose IoU is at least `overlap`."""
    table = of_section(below, above)
    both = table.where((table.labels > 0) & (table.truth > 0))
    union = sizes[both.labels] + sizes[both.truth] - both.voxels
    return np.stack([both.labels, both.truth], 1).astype(np.int64)[both.voxels >= overlap * union]
