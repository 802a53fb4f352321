"""Cuts images that are too large for a network in windows, and joins or fades its outputs."""

from itertools import product

import numpy as np


def cuts(length, *, step, halo, multiple=1, corner=0):
    """Along one axis: (what the network sees, which part of its answer counts, where that goes), as slices.

    An axis no longer than `step` stays whole. Windows start on multiples of the network's pooling grid, or
    the pooled pixels would be others than in the whole: `step` and `halo` are fitted to it. At the ends of
    the axis they are clipped, not mirrored: there the network continues the image as it does in the whole.
    corner: 1 where a network fits sizes of n * multiple + 1, since it keeps corners on corners.
    """
    if length <= step:
        return [(slice(0, length),) * 3]
    step = max(step // multiple, 1) * multiple
    halo = -(-halo // multiple) * multiple
    found = []
    for first in range(0, length, step):
        end = min(first + step, length)
        low, high = max(first - halo, 0), min(end + halo + corner, length)
        found.append((slice(low, high), slice(first - low, end - low), slice(first, end)))
    return found


def tiles(shape, *, tile, halo, multiple, corner=0):
    """`cuts` of a slice in y and x: (window, inner, place), pairs of slices; multiple (y, x).

    A slice no longer than `tile` on either side is one window.
    """
    axes = [
        cuts(length, step=tile, halo=halo, multiple=grid, corner=corner)
        for length, grid in zip(shape, multiple, strict=True)
    ]
    return [tuple(zip(*pair, strict=True)) for pair in product(*axes)]


def overlapping(shape, *, tile, overlap):
    """Tiles (pairs of slices) that cover the shape, all full; neighbours share at least `overlap` pixels."""
    if max(shape) <= tile:
        return [tuple(slice(0, length) for length in shape)]
    step = max(tile - overlap, 1)
    axes = []
    for length in shape:
        last = max(length - tile, 0)
        firsts = [*range(0, last, step), last]
        axes.append([slice(first, min(first + tile, length)) for first in firsts])
    return list(product(*axes))


def fade(place, shape, *, overlap):
    """Weights [Y, X] of a tile: 1 inside, falling towards each border that is not the slice's own."""
    ramps = []
    for cut, length in zip(place, shape, strict=True):
        position = np.arange(cut.start, cut.stop, dtype=np.float32)
        from_start = np.full_like(position, np.inf) if cut.start == 0 else position - cut.start + 1
        from_end = np.full_like(position, np.inf) if cut.stop == length else cut.stop - position
        ramps.append(np.clip(np.minimum(from_start, from_end) / (overlap + 1), 0, 1))
    return ramps[0][:, None] * ramps[1]
