"""Hills of a landscape: every voxel belongs to the peak that the steepest way leads up to.

Loops go through the volume in order, which is many times faster than a flood from the peaks and gives the
same: a flood, too, comes to a voxel from its highest neighbour first. Hills meet at saddles. Both are a tree:
which hills matter (`summits`) is asked of this small tree, not of voxels.
"""

from functools import partial

import numpy as np

from synthem.kernels.compiling import kernel
from synthem.kernels.neighbourhoods import flat_steps, framed_shape, within_frame
from synthem.kernels.threads import each_slice, each_stretch
from synthem.kernels.unions import root_of, unite

HIGHEST = 2**16 - 1  # level
SHORT = 2**31 - 1  # voxels whose places fit 32 bits, half the memory of 64
TOGETHER = 1024  # voxels whose neighbours are looked at side by side, in the processor's vector units
RANKS = 5  # bits for the order of at most 26 neighbours


def levels_of(heights, mask, *, finest, neighbours, threads=1):
    """Heights [Z, Y, X] as whole levels uint16 within a frame of 0; and how much height a level is.

    The lowest voxel of the mask has level 1, what is outside 0. A level is `finest`, or more where so many
    would not fit 16 bits.
    """
    ends = each_slice(lambda z: _lowest_and_highest(heights[z], mask[z]), len(mask), threads)
    lowest, highest = min(low for low, _ in ends), max(high for _, high in ends)
    step = max(finest, (highest - lowest) / (HIGHEST - 1))
    framed = np.zeros(framed_shape(mask.shape, neighbours), np.uint16)
    levels = within_frame(framed, neighbours)
    each_slice(lambda z: _write_levels(heights[z], mask[z], lowest, step, levels[z]), len(mask), threads)
    return framed, step


def find_hills(levels, *, neighbours, threads=1, out=None):
    """Framed levels -> hills int [the same shape], 1..n, 0 at level 0; and the levels of peaks [n + 1].

    Hills are numbered from the highest peak down, the first in the volume among equals; peaks[0] is 0. A
    voxel belongs to the hill of its highest neighbour, the nearest among equals. What is flat and no peak
    goes, ring by ring, to where there is a way up. out: earlier hills of the same voxels, to be written over.
    """
    hills = np.zeros(levels.shape, np.int32 if levels.size <= SHORT else np.int64) if out is None else out
    # Until a voxel's hill is known, its place in `hills` holds the voxel that its way leads to.
    flat, ways, steps = levels.reshape(-1), hills.reshape(-1), _steps(levels, neighbours)
    found = each_stretch(partial(_point_up, flat, steps, ways), flat.size, threads)
    exits = each_slice(lambda part: _find_exits(flat, steps, ways, found[part]), len(found), threads)
    stuck, exits = np.concatenate(found), np.concatenate(exits, axis=1)
    waiting = np.empty_like(stuck)
    _leave_flats(flat, steps, ways, exits, waiting)
    peaks = _number_peaks(flat, steps, ways, stuck, waiting)
    order = 1 + np.argsort(-peaks[1:], kind="stable")
    numbers = np.zeros(len(peaks), np.int64)
    numbers[order] = np.arange(1, len(peaks))
    _climb(flat, ways)
    each_stretch(partial(_write_numbers, ways, numbers), ways.size, threads)
    peaks[1:] = peaks[order]
    return hills, peaks


def find_saddles(levels, hills, peaks, *, neighbours, threads=1):
    """Where each two parts of a landscape become connected, the highest first: (hill, hill, level) [m, 3]."""
    flat, ids, steps = levels.reshape(-1), hills.reshape(-1), _steps(levels, neighbours)
    passes = np.concatenate(each_stretch(partial(_find_passes, flat, steps, ids), flat.size, threads))
    return _find_saddles(_highest_first(passes, flat, peaks.max()), flat, ids, len(peaks) - 1)


def _steps(levels, neighbours):
    return np.array(flat_steps(neighbours, levels.shape))


@kernel
def _lowest_and_highest(heights, mask):
    lowest, highest = np.inf, -np.inf
    for y in range(mask.shape[0]):
        for x in range(mask.shape[1]):
            if mask[y, x]:
                lowest, highest = min(lowest, heights[y, x]), max(highest, heights[y, x])
    return lowest, highest


@kernel
def _write_levels(heights, mask, lowest, step, levels):
    for y in range(mask.shape[0]):
        for x in range(mask.shape[1]):
            if mask[y, x]:
                levels[y, x] = 1 + np.rint((heights[y, x] - lowest) / step)


@kernel
def _point_up(levels, steps, ways, first, end):
    """Point voxels to their highest neighbour, or to themselves if none is higher; which these are."""
    stuck, found = np.empty(TOGETHER, ways.dtype), 0
    ranks, reach = np.empty(TOGETHER, np.uint32), steps.max()
    for begin in range(max(first, reach), min(end, len(levels) - reach), TOGETHER):
        own = levels[begin : min(begin + TOGETHER, end, len(levels) - reach)]
        if not own.any():
            continue
        stuck = _with_room(stuck, found, len(own))
        _rank_neighbours(levels, steps, begin, ranks[: len(own)])
        for place in range(len(own)):
            if own[place] > 0:
                voxel = begin + place
                if ranks[place] >> RANKS > own[place]:
                    ways[voxel] = voxel + steps[len(steps) - (ranks[place] & (2**RANKS - 1))]
                else:
                    ways[voxel] = stuck[found] = voxel
                    found += 1
    return stuck[:found].copy()


@kernel
def _rank_neighbours(levels, steps, begin, ranks):
    """The highest neighbour of each voxel from `begin` on: its level, then how early its step comes."""
    ranks[:] = 0
    for place in range(len(steps)):
        others = levels[begin + steps[place] :]
        early = np.uint32(len(steps) - place)
        for voxel in range(len(ranks)):
            rank = np.uint32((np.uint32(others[voxel]) << np.uint32(RANKS)) | early)
            ranks[voxel] = max(ranks[voxel], rank)


@kernel
def _with_room(rows, found, more):
    """The rows found, in an array that has room for so many more."""
    if found + more <= len(rows):
        return rows
    grown = np.empty((2 * (found + more), *rows.shape[1:]), rows.dtype)
    grown[:found] = rows[:found]
    return grown


@kernel
def _find_exits(levels, steps, ways, stuck):
    """Voxels that are stuck beside one of their level that has a way up, and that one: [2, n]."""
    exits, found = np.empty((2, len(stuck)), stuck.dtype), 0
    for voxel in stuck:
        for step in steps:
            other = voxel + step
            if levels[other] == levels[voxel] and ways[other] != other:
                exits[0, found], exits[1, found] = voxel, other
                found += 1
                break
    return exits[:, :found].copy()


@kernel
def _leave_flats(levels, steps, ways, exits, waiting):
    """Point what is flat to where it is left, ring by ring from its exits."""
    for place in range(exits.shape[1]):
        waiting[place] = exits[0, place]
        ways[exits[0, place]] = exits[1, place]
    _spread(levels, steps, ways, waiting, exits.shape[1])


@kernel
def _number_peaks(levels, steps, ways, stuck, waiting):
    """Write -1, -2, .. for the peaks, point what is flat around them there, and return their levels."""
    peaks = [0]
    for voxel in stuck:
        if ways[voxel] == voxel:
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
def _climb(levels, ways):
    """Replace each voxel's way by the peak that it leads to."""
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


@kernel
def _write_numbers(ways, numbers, first, end):
    for voxel in range(first, end):
        ways[voxel] = numbers[-ways[voxel]]


@kernel
def _find_passes(levels, steps, hills, first, end):
    """Where a voxel touches another hill that is no lower there: (voxel, hill) [n, 2]."""
    passes, found = np.empty((TOGETHER, 2), hills.dtype), 0
    touching, reach = np.empty(TOGETHER, np.uint8), steps.max()
    for begin in range(max(first, reach), min(end, len(levels) - reach), TOGETHER):
        own = levels[begin : min(begin + TOGETHER, end, len(levels) - reach)]
        if not own.any():
            continue
        _touch_others(levels, steps, hills, begin, touching[: len(own)])
        passes = _with_room(passes, found, len(own) * len(steps))
        for voxel in range(begin, begin + len(own)):
            if touching[voxel - begin] and levels[voxel] > 0:
                last = hills[voxel]
                for step in steps:
                    hill = hills[voxel + step]
                    if levels[voxel + step] >= levels[voxel] and hill != hills[voxel] and hill != last:
                        passes[found, 0], passes[found, 1] = voxel, hill
                        found, last = found + 1, hill
    return passes[:found].copy()


@kernel
def _touch_others(levels, steps, hills, begin, touching):
    """Whether each voxel from `begin` on has a neighbour in another hill that is no lower."""
    touching[:] = 0
    own_hills, own_levels = hills[begin:], levels[begin:]
    for step in steps:
        other_hills, other_levels = hills[begin + step :], levels[begin + step :]
        for voxel in range(len(touching)):
            apart = other_hills[voxel] != own_hills[voxel]
            touching[voxel] |= np.uint8(apart & (other_levels[voxel] >= own_levels[voxel]))


@kernel
def _highest_first(passes, levels, highest):
    """Passes in the order of their levels, else as they were."""
    places = np.zeros(highest + 2, np.int64)  # of each level: where passes that are no lower end
    for place in range(len(passes)):
        places[levels[passes[place, 0]]] += 1
    for level in range(highest, -1, -1):
        places[level] += places[level + 1]
    ordered = np.empty_like(passes)
    for place in range(len(passes) - 1, -1, -1):
        level = levels[passes[place, 0]]
        places[level] -= 1
        ordered[places[level], 0], ordered[places[level], 1] = passes[place, 0], passes[place, 1]
    return ordered


@kernel
def _find_saddles(passes, levels, hills, count):
    """The passes over which hills that were apart become connected: (hill, hill, level)."""
    parents, saddles = np.arange(count + 1), np.empty((count, 3), np.int64)
    found = 0
    for place in range(len(passes)):
        voxel, other = passes[place, 0], passes[place, 1]
        one = hills[voxel]
        if root_of(parents, one) != root_of(parents, other):
            unite(parents, one, other)
            saddles[found, 0], saddles[found, 1], saddles[found, 2] = one, other, levels[voxel]
            found += 1
    return saddles[:found].copy()
