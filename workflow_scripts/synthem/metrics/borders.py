"""Borders between the cells of one section [Y, X]: grown over, made thin, or the ground near them."""

import numpy as np

from synthem.kernels.compiling import kernel
from synthem.kernels.distance import ROUNDING, distance_to_border

# Each pixel and the one below, or to the right.
NEIGHBOURS = ((np.s_[:-1], np.s_[1:]), (np.s_[:, :-1], np.s_[:, 1:]))


def without_borders(labels):
    """Labels uint32 [Y, X] with every 0 given to the nearest label, counted in steps along y and x.

    Of labels equally near, the one wins whose pixel comes first in reading order. Without any, all stay 0.
    """
    return _grown(np.ascontiguousarray(labels))


def with_thin_borders(labels):
    """Labels that grow until they meet; 0 stays on lines one pixel wide, where two would touch."""
    grown, free = without_borders(labels), labels == 0
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
    inside = np.ones(labels.shape, bool)
    for before, after in NEIGHBOURS:
        same = labels[before] == labels[after]
        inside[before] &= same
        inside[after] &= same
    away = distance_to_border(inside[None], (1.0, *pixel_nm), per_slice=True, threads=1)[0]
    return away <= reach_nm * ROUNDING


@kernel
def _grown(labels):
    height, width = labels.shape
    grown = labels.copy()
    queue = np.empty((labels.size, 2), np.int32)
    end = 0
    for y in range(height):
        for x in range(width):
            if labels[y, x] > 0:
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
