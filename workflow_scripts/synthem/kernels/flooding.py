"""Watershed: basins grow from seeds, the deepest voxels first, until they meet.

Depths are whole numbers, so a queue per depth serves them in order without sorting. A voxel waits in one
queue once: it gets its place when the first neighbour reaches it, and later ones could not change its turn.
"""

import numpy as np

from synthem.errors import SynthemError
from synthem.kernels.compiling import kernel
from synthem.kernels.neighbourhoods import flat_steps, framed_shape, within_frame

MOST_VOXELS = 2_000_000_000  # places in the framed volume are 31-bit numbers
# In a flood's labels; other negative ones: a voxel reached by -label.
OUTSIDE, FREE = np.iinfo(np.int32).min, 0


def watershed(heights, seeds, mask, *, neighbours, lines):
    """Labels uint32 [Z, Y, X] of the basins: heights (any number), seeds (ids, 0 = none), mask (bool).

    Lower voxels first, and those that lie lower than what has been flooded already count as that; among equal
    ones the first to be reached. Voxels that no seed reaches within the mask
    are 0; with `lines`, so are voxels where basins meet, and no voxel of a basin has a neighbour of another.
    A line does not stop a flood: what lies behind goes to the basin that came first, as in scikit-image.
    With 4 or 8 neighbours each slice is flooded for itself.
    """
    if not heights.shape == seeds.shape == mask.shape:
        raise SynthemError(
            "DATA_SHAPE",
            "watershed",
            f"heights {heights.shape}, seeds {seeds.shape}, mask {mask.shape}",
            expected="three arrays of one shape",
            fix="give all three for the same voxels",
        )
    if mask.size > MOST_VOXELS:
        raise SynthemError(
            "DATA_SHAPE",
            "watershed",
            f"{mask.size} voxels",
            expected=f"at most {MOST_VOXELS}",
            fix="flood the volume in blocks",
        )
    mask = np.asarray(mask, bool)
    levels, rank = np.unique(heights[mask], return_inverse=True)
    framed = framed_shape(mask.shape, neighbours)
    labels, depth = np.full(framed, OUTSIDE, np.int32), np.zeros(framed, np.int32)
    within_frame(labels, neighbours)[mask] = seeds[mask]
    within_frame(depth, neighbours)[mask] = len(levels) - 1 - rank
    starts = np.flatnonzero(labels > 0)
    queues = empty_queues(len(levels), labels.size)
    flood(labels.reshape(-1), depth.reshape(-1), starts, *queues, flat_steps(neighbours, framed), lines)
    return np.maximum(within_frame(labels, neighbours), 0).astype(np.uint32)


def empty_queues(levels, voxels):
    """Empty queues: first and last voxel at each depth (-1: none), and the one after each voxel."""
    return np.full(levels, -1, np.int32), np.full(levels, -1, np.int32), np.empty(voxels, np.int32)


@kernel
def flood(labels, depth, starts, first, last, after, steps, lines):
    """Flood from the voxels `starts`, whose labels are set, over FREE ones; all arrays flat, labels in place.

    The frame must be OUTSIDE. With `lines`, voxels of a line end as the negative label of who came first.
    The queues are empty again at the end.
    """
    level = -1
    for start in starts:
        _enqueue(start, depth[start], first, last, after)
        level = max(level, depth[start])
    while level >= 0:
        voxel = first[level]
        if voxel < 0:
            level -= 1
            continue
        first[level] = after[voxel]
        basin, meets_another = abs(labels[voxel]), False
        for step in steps:
            other = voxel + step
            label = labels[other]
            if label == FREE:
                labels[other] = -basin if lines else basin
                # The water has risen to this level: what lies deeper fills up now, in turn.
                _enqueue(other, min(depth[other], level), first, last, after)
            elif label > 0 and label != basin:
                meets_another = True
        if lines and not meets_another:
            labels[voxel] = basin


@kernel
def _enqueue(voxel, level, first, last, after):
    """Put a voxel last in the queue of a level."""
    after[voxel] = -1
    if first[level] < 0:
        first[level] = voxel
    else:
        after[last[level]] = voxel
    last[level] = voxel
