"""Which hills matter, found on the small tree of hills and saddles; and a landscape of these alone.

A hill's prominence is its height over the saddle that leads to a higher one. In mathematical morphology it is
the dynamics of a maximum, and summits are the regional maxima of the h-maxima transform (Grimaud 1992).
"""

from functools import partial

import numpy as np

from synthem.kernels.compiling import kernel
from synthem.kernels.hills import HIGHEST, find_hills
from synthem.kernels.threads import each_stretch
from synthem.kernels.unions import root_of, unite


def find_summits(levels, hills, peaks, saddles, rise):
    """Hills whose prominence is more than `rise` levels, int [n], and the centres of their summits [n, 3].

    A summit is what is connected with the peak and at most `rise` levels lower; no two touch. They come in
    the order of their first voxels. centres: mean places (z, y, x) in `levels`, frame included.
    """
    summits, sums = _add_places(levels, hills, _summit_of(peaks, saddles, rise), peaks - rise)
    return summits, sums[:, 1:] / sums[:, :1]


def keep_hills(levels, hills, saddles, kept, *, neighbours, threads=1):
    """Leave the hills `kept` and give the others to them, in place: a watershed with these as seeds.

    The others are lowered to the level at which a flood from the kept ones comes to them, over the highest
    saddles, so that they lead up to where it comes from. Hills that are left are numbered 1..n in the old
    order. Returns their saddles.
    """
    flooded, saddles = flood_hills(saddles, np.sort(kept), hills.max())
    each_stretch(partial(_lower, levels.reshape(-1), hills.reshape(-1), flooded), levels.size, threads)
    find_hills(levels, neighbours=neighbours, threads=threads, out=hills)
    return saddles


@kernel
def flood_hills(saddles, kept, count):
    """At which level a flood from `kept` comes to each hill [count + 1], and the saddles where floods meet.

    HIGHEST for the kept hills themselves and for hills that no saddle connects with one.
    """
    flooded, owners = np.full(count + 1, HIGHEST), np.zeros(count + 1, np.int64)
    owners[kept] = np.arange(1, len(kept) + 1)
    parents, meetings = np.arange(count + 1), np.empty_like(saddles)
    following = np.arange(count + 1)  # the members of each set, in a ring
    met = 0
    for row in range(len(saddles)):
        one, other = root_of(parents, saddles[row, 0]), root_of(parents, saddles[row, 1])
        level, owner = saddles[row, 2], max(owners[one], owners[other])
        if owners[one] and owners[other]:
            meetings[met, 0], meetings[met, 1], meetings[met, 2] = owners[one], owners[other], level
            met += 1
            continue
        if owner:
            dry = other if owners[one] else one
            flooded[dry] = level
            member = following[dry]
            while member != dry:
                flooded[member] = level
                member = following[member]
        owners[unite(parents, one, other)] = owner
        following[one], following[other] = following[other], following[one]
    return flooded, meetings[:met].copy()


@kernel
def _lower(levels, hills, most, first, end):
    for voxel in range(first, end):
        levels[voxel] = min(levels[voxel], most[hills[voxel]])


@kernel
def _summit_of(peaks, saddles, rise):
    """The hill on whose summit each hill's peak lies, 0 for none."""
    connected, together = np.arange(len(peaks)), np.arange(len(peaks))
    prominent = np.ones(len(peaks), np.bool_)
    prominent[0] = False
    for row in range(len(saddles)):
        one, other = root_of(connected, saddles[row, 0]), root_of(connected, saddles[row, 1])
        # The root of connected hills is their highest peak, for it has the smallest number.
        higher, lower, level = min(one, other), max(one, other), saddles[row, 2]
        connected[lower] = higher
        if peaks[lower] - level <= rise:
            prominent[lower] = False
        if peaks[higher] - level <= rise:
            unite(together, lower, higher)
    summit_of = np.zeros(len(peaks), np.int64)
    for hill in range(len(peaks)):
        root = root_of(together, hill)
        summit_of[hill] = root if prominent[root] else 0
    return summit_of


@kernel
def _add_places(levels, hills, summit_of, least):
    """The hill of each summit in the order of first voxels; its number of voxels and the sums of z, y, x."""
    depth, height, width = levels.shape
    rows, found = np.full(len(summit_of), -1), [0]
    sums = np.zeros((np.unique(summit_of[summit_of > 0]).size, 4), np.int64)
    for z in range(depth):
        for y in range(height):
            for x in range(width):
                hill = summit_of[hills[z, y, x]]
                if hill and levels[z, y, x] >= least[hill]:
                    if rows[hill] < 0:
                        rows[hill] = len(found) - 1
                        found.append(hill)
                    sums[rows[hill], 0] += 1
                    sums[rows[hill], 1] += z
                    sums[rows[hill], 2] += y
                    sums[rows[hill], 3] += x
    return np.array(found)[1:], sums
