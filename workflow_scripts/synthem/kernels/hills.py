"""Hills of a landscape: every voxel belongs to the peak that the steepest way leads up to.

Loops go through the volume in order, which is many times faster than a flood from the peaks and gives the
same: a flood, too, comes to a voxel from its highest neighbour first. Hills meet at saddles. Both are a tree:
which hills matter (`summits`) is asked of this small tree, not of voxels.
"""

import numpy as np

from synthem.kernels.compiling import kernel
from synthem.kernels.neighbourhoods import flat_steps, framed_shape, within_frame
from synthem.kernels.unions import root_of, unite

HIGHEST = 2**16 - 1  # level
SHORT = 2**31 - 1  # voxels whose places fit 32 bits, half the memory of 64


def levels_of(heights, mask, *, finest, neighbours):
    """Heights [Z, Y, X] as whole levels uint16 within a frame of 0; and how much height a level is.

    The lowest voxel of the mask has level 1, what is outside 0. A level is `finest`, or more where so many
    would not fit 16 bits.
    """
    lowest = float(heights.min(where=mask, initial=np.inf))
    highest = float(heights.max(where=mask, initial=-np.inf))
    step = max(finest, (highest - lowest) / (HIGHEST - 1))
    levels = np.zeros(framed_shape(mask.shape, neighbours), np.uint16)
    for plane, inside, height in zip(within_frame(levels, neighbours), mask, heights, strict=True):
        plane[inside] = 1 + np.rint((height[inside].astype(np.float64) - lowest) / step)
    return levels, step


def find_hills(levels, *, neighbours, out=None):
    """Framed levels -> hills int [the same shape], 1..n, 0 at level 0; and the levels of peaks [n + 1].

    Hills are numbered from the highest peak down, the first in the volume among equals; peaks[0] is 0. A
    voxel belongs to the hill of its highest neighbour, the nearest among equals. What is flat and no peak
    goes, ring by ring, to where there is a way up. out: earlier hills of the same voxels, to be written over.
    """
    hills = np.zeros(levels.shape, np.int32 if levels.size <= SHORT else np.int64) if out is None else out
    # Until a voxel's hill is known, its place in `hills` holds the voxel that its way leads to.
    flat, ways, steps = levels.reshape(-1), hills.reshape(-1), _steps(levels, neighbours)
    waiting = np.empty(_point_up(flat, steps, ways), hills.dtype)
    _leave_flats(flat, steps, ways, waiting)
    peaks = _number_peaks(flat, steps, ways, waiting)
    order = 1 + np.argsort(-peaks[1:], kind="stable")
    numbers = np.zeros(len(peaks), np.int64)
    numbers[order] = np.arange(1, len(peaks))
    _climb(flat, ways, numbers)
    peaks[1:] = peaks[order]
    return hills, peaks


def find_saddles(levels, hills, peaks, *, neighbours):
    """Where each two parts of a landscape become connected, the highest first: (hill, hill, level) [m, 3]."""
    flat, ids, steps = levels.reshape(-1), hills.reshape(-1), _steps(levels, neighbours)
    counts = _count_passes(flat, steps, ids, peaks.max())
    passes = np.empty(counts.sum(), hills.dtype)
    _sort_passes(flat, steps, ids, counts[::-1].cumsum()[::-1] - counts, passes)
    return _find_saddles(passes, flat, steps, ids, len(peaks) - 1)


def _steps(levels, neighbours):
    return np.array(flat_steps(neighbours, levels.shape))


@kernel
def _point_up(levels, steps, ways):
    """Point each voxel to its highest neighbour, or to itself if none is higher; how many such there are."""
    stuck = 0
    for voxel in range(len(levels)):
        if levels[voxel] > 0:
            highest, way = levels[voxel], voxel
            for step in steps:
                if levels[voxel + step] > highest:
                    highest, way = levels[voxel + step], voxel + step
            ways[voxel] = way
            stuck += way == voxel
    return stuck


@kernel
def _leave_flats(levels, steps, ways, waiting):
    """Point what is flat to where it is left: ring by ring from the voxels beside which there is a way up."""
    reached = 0
    for voxel in range(len(levels)):
        if levels[voxel] > 0 and ways[voxel] == voxel:
            for step in steps:
                other = voxel + step
                if levels[other] == levels[voxel] and ways[other] > 0 and ways[other] != other:
                    ways[voxel] = -other  # negative for now: the next voxel of this ring shall not see it
                    waiting[reached] = voxel
                    reached += 1
                    break
    for place in range(reached):
        ways[waiting[place]] *= -1
    _spread(levels, steps, ways, waiting, reached)


@kernel
def _number_peaks(levels, steps, ways, waiting):
    """Write -1, -2, .. for the peaks, point what is flat around them there, and return their levels."""
    peaks = [0]
    for voxel in range(len(levels)):
        if levels[voxel] > 0 and ways[voxel] == voxel:
            ways[voxel] = -len(peaks)
            peaks.append(np.int64(levels[voxel]))
            waiting[0] = voxel
            _spread(levels, steps, ways, waiting, 1)
    return np.array(peaks)


@kernel
def _spread(levels, steps, ways, waiting, reached):
    """Point the stuck voxels beside those that wait to them, in turn."""
    taken = 0
    while taken < reached:
        voxel = waiting[taken]
        taken += 1
        for step in steps:
            other = voxel + step
            if levels[other] == levels[voxel] and ways[other] == other:
                ways[other] = voxel
                waiting[reached] = other
                reached += 1


@kernel
def _climb(levels, ways, numbers):
    """Replace each voxel's way by the number of the hill whose peak it leads to."""
    for start in range(len(levels)):
        if levels[start] > 0:
            peak = start
            while ways[peak] > 0:
                peak = ways[peak]
            voxel, end = start, ways[peak]
            while ways[voxel] > 0:  # so that no voxel is passed twice
                following = ways[voxel]
                ways[voxel] = end
                voxel = following
    for voxel in range(len(levels)):
        ways[voxel] = numbers[-ways[voxel]]


@kernel
def _count_passes(levels, steps, hills, highest):
    """How many voxels of each level touch another hill where it is no lower."""
    counts = np.zeros(highest + 1, np.int64)
    for voxel in range(len(levels)):
        if levels[voxel] > 0 and _is_pass(voxel, levels, steps, hills):
            counts[levels[voxel]] += 1
    return counts


@kernel
def _sort_passes(levels, steps, hills, begins, passes):
    """Write passes between hills into `passes`, each level from its place `begins` on; changes `begins`."""
    for voxel in range(len(levels)):
        if levels[voxel] > 0 and _is_pass(voxel, levels, steps, hills):
            passes[begins[levels[voxel]]] = voxel
            begins[levels[voxel]] += 1


@kernel
def _is_pass(voxel, levels, steps, hills):
    for step in steps:
        other = voxel + step
        if levels[other] >= levels[voxel] and hills[other] != hills[voxel]:
            return True
    return False


@kernel
def _find_saddles(passes, levels, steps, hills, count):
    """The passes over which hills that were apart become connected: (hill, hill, level)."""
    parents, saddles = np.arange(count + 1), np.empty((count, 3), np.int64)
    found = 0
    for voxel in passes:
        for step in steps:
            other = voxel + step
            if levels[other] >= levels[voxel]:
                one, another = hills[voxel], hills[other]
                if one != another and root_of(parents, one) != root_of(parents, another):
                    unite(parents, one, another)
                    saddles[found, 0], saddles[found, 1], saddles[found, 2] = one, another, levels[voxel]
                    found += 1
    return saddles[:found].copy()
