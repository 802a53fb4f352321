"""Instances of neighbouring slices that overlap are linked through z: from slices to a volume."""

import numpy as np

from synthem.kernels.unions import unite_pairs
from synthem.labels.numbering import sizes_of, with_numbers
from synthem.metrics.overlaps import of_section


def link_slices(labels, *, overlap):
    """Labels uint32 [Z, Y, X] with ids of slices, 1..n in reading order -> ids of instances, 1..m, in place.

    Instances of neighbouring slices are one where their IoU is at least `overlap` (0 links none). IoU and not
    the share of the smaller: a fragment on top of a large cell would join it and all that lies above itself.
    """
    if not overlap:
        return labels
    sizes = sizes_of(labels)
    pairs = [
        _alike(below, above, sizes, overlap) for below, above in zip(labels[:-1], labels[1:], strict=True)
    ]
    roots = unite_pairs(len(sizes), np.concatenate([np.zeros((0, 2), np.int64), *pairs]))
    return with_numbers(labels, np.unique(roots, return_inverse=True)[1])


def _alike(below, above, sizes, overlap):
    """Ids [N, 2] of two slices whose IoU is at least `overlap`."""
    table = of_section(below, above)
    both = table.where((table.labels > 0) & (table.truth > 0))
    union = sizes[both.labels] + sizes[both.truth] - both.voxels
    return np.stack([both.labels, both.truth], 1).astype(np.int64)[both.voxels >= overlap * union]
