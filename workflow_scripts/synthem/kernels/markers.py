"""Markers of a watershed: local maxima of the distance to the border."""

import numpy as np

from synthem.errors import SynthemError
from synthem.kernels.compiling import kernel


def place_markers(depth, radius, most):
    """Markers of a slice: int32 depth [Y + 2, X + 2] with a frame of 0 -> flat places and marker ids [N].

    A marker is a pixel that no other exceeds within `radius` rows and columns, together with those it
    touches (8 neighbours). At most `most` of them are kept, the deepest first, the upper left among equals;
    None keeps all. Ids are 1..n, in the order in which a reader meets the markers.
    """
    if radius < 1:
        raise SynthemError(
            "CONFIG_VALUE", "marker_radius", radius, expected="at least 1 pixel", fix="choose a larger one"
        )
    places, ids, count = _window_maxima(depth, radius)
    if most is not None and count > most:
        depths = np.zeros(count + 1, np.int64)
        # One depth per marker: its pixels touch and none exceeds another.
        depths[ids] = depth.reshape(-1)[places]
        kept = np.zeros(count + 1, bool)
        kept[1 + np.argsort(-depths[1:], kind="stable")[:most]] = True
        places, ids = places[kept[ids]], np.cumsum(kept)[ids[kept[ids]]]
    return places, ids


@kernel
def _window_maxima(depth, radius):
    height, width = depth.shape
    around = (-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1)
    places, found = np.empty(1024, np.int64), 0
    peak = np.empty(width, np.bool_)
    for y in range(1, height - 1):
        if found + width > len(places):
            grown = np.empty(2 * (found + width), np.int64)
            grown[:found] = places[:found]
            places = grown
        _find_peaks(depth, y, peak)
        for x in range(1, width - 1):
            if peak[x] and not _is_exceeded(depth, y, x, radius):
                places[found] = y * width + x
                found += 1
    places = places[:found]
    ids, count = group_places(places, depth.size, around)
    return places, ids, count


@kernel
def _find_peaks(depth, y, peak):
    """Which pixels of a row no direct neighbour exceeds: few, and found without a branch."""
    for x in range(1, depth.shape[1] - 1):
        own = depth[y, x]
        highest = max(max(depth[y, x - 1], depth[y, x + 1]), max(depth[y - 1, x], depth[y + 1, x]))
        peak[x] = (own > 0) & (own >= highest)


@kernel
def _is_exceeded(depth, y, x, radius):
    own = depth[y, x]
    for row in range(max(y - radius, 0), min(y + radius + 1, depth.shape[0])):
        for column in range(max(x - radius, 0), min(x + radius + 1, depth.shape[1])):
            if depth[row, column] > own:
                return True
    return False


@kernel
def group_places(places, size, around):
    """Ids 1..n of ascending flat places below `size`, one id per group of places that touch; and n."""
    row_of = np.full(size, -1, np.int32)
    for row in range(len(places)):
        row_of[places[row]] = row
    ids, waiting = np.zeros(len(places), np.int64), np.empty(len(places), np.int64)
    count = 0
    for start in range(len(places)):
        if ids[start] > 0:
            continue
        count += 1
        ids[start] = count
        waiting[0], left = start, 1
        while left > 0:
            left -= 1
            row = waiting[left]
            for step in around:
                other = row_of[places[row] + step]
                if other >= 0 and ids[other] == 0:
                    ids[other] = count
                    waiting[left] = other
                    left += 1
    return ids, count
