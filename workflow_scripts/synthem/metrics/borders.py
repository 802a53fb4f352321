"""Borders between the cells of one section [Y, X]: grown over, made thin, or the ground near them."""

import numpy as np

from synthem.kernels.compiling import kernel
from synthem.kernels.distance import ROUNDING

# Each pixel and the one below, or to the right.
NEIGHBOURS = ((np.s_[:-1], np.s_[1:]), (np.s_[:, :-1], np.s_[:, 1:]))


def without_borders(labels):
    """Labels uint32 [Y, X] with every 0 given to the nearest label, counted in steps along y and x.

    Of labels equally near, the one wins whose pixel comes first in reading order. Without any, all stay 0.
    """
    return _grown(np.ascontiguousarray(labels))


def with_thin_borders(labels):
    """Labels that grow until they meet; 0 stays on lines one pixel wide, where two would touch."""
    return thin_where_they_meet(labels, without_borders(labels))


def thin_where_they_meet(labels, grown):
    """`with_thin_borders` of labels that have already grown."""
    free = labels == 0
    thin = grown.copy()
    for before, after in NEIGHBOURS:
        meet = (thin[before] != thin[after]) & (thin[before] > 0) & (thin[after] > 0)
        # Only ground that was free becomes border: labels that touched before still do.
        thin[before][meet & free[before]] = 0
        thin[after][meet & ~free[before] & free[after]] = 0
    return thin


def near_borders(labels, reach_nm, pixel_nm):
    """Pixels at most `reach_nm` from one that has a different id above, below, left or right (bool).

    pixel_nm: size in y and x. Beyond the edge of the section nothing differs.
    """
    limit, (along_y, along_x) = reach_nm * ROUNDING, pixel_nm
    columns = np.arange(min(int(limit / along_x), labels.shape[1] - 1) + 1)
    rows = np.arange(min(int(limit / along_y), labels.shape[0] - 1) + 1)
    # How many rows away a pixel may be that is so many columns away; of none it is at least itself.
    reach = np.hypot(columns[:, None] * along_x, rows * along_y) <= limit
    return _near(np.ascontiguousarray(labels), (reach.sum(axis=1) - 1).astype(np.int32))


@kernel
def _near(labels, reach):
    """Pixels at most reach[n] rows from one with another neighbour, in any column that lies n beside."""
    height, width = labels.shape
    far = np.int32(height)  # more rows than any reach
    away = np.empty((height, width), np.int32)  # rows to the nearest pixel at a border in the same column
    for y in range(height):
        line, rows = labels[y], away[y]
        above, below = labels[max(y - 1, 0)], labels[min(y + 1, height - 1)]
        for x in range(width):
            rows[x] = 0 if (line[x] != above[x]) | (line[x] != below[x]) else far
        for x in range(width - 1):
            rows[x] = 0 if line[x] != line[x + 1] else rows[x]
        for x in range(1, width):
            rows[x] = 0 if line[x] != line[x - 1] else rows[x]
    for y in range(1, height):
        for x in range(width):
            away[y, x] = min(away[y, x], away[y - 1, x] + 1)
    for y in range(height - 2, -1, -1):
        for x in range(width):
            away[y, x] = min(away[y, x], away[y + 1, x] + 1)
    near = np.zeros((height, width), np.bool_)
    for y in range(height):
        rows, marked = away[y], near[y]
        for beside in range(len(reach)):
            most = reach[beside]
            for x in range(width - beside):
                marked[x] |= rows[x + beside] <= most
            for x in range(beside, width):
                marked[x] |= rows[x - beside] <= most
    return near


@kernel
def _grown(labels):
    height, width = labels.shape
    grown = labels.copy()
    queue = np.empty((labels.size, 2), np.int32)
    end = 0
    for y in range(height):
        for x in range(width):
            if labels[y, x] == 0:
                continue
            above, below = labels[max(y - 1, 0), x], labels[min(y + 1, height - 1), x]
            left, right = labels[y, max(x - 1, 0)], labels[y, min(x + 1, width - 1)]
            if above == 0 or below == 0 or left == 0 or right == 0:  # others have no free neighbour
                queue[end] = y, x
                end += 1
    start = 0
    while start < end:  # first in, first out: all pixels one step away come before any two steps away
        y, x = queue[start]
        start += 1
        for dy, dx in ((-1, 0), (0, -1), (0, 1), (1, 0)):
            v, u = y + dy, x + dx
            if 0 <= v < height and 0 <= u < width and grown[v, u] == 0:
                grown[v, u] = grown[y, x]
                queue[end] = v, u
                end += 1
    return grown
