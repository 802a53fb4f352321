"""Euclidean distance to the nearest voxel outside of a mask, everywhere or only at some voxels.

Along one axis at a time: whole steps to the nearest outside voxel of the same column, then the lower
envelope of one parabola per voxel along the next axis (Felzenszwalb & Huttenlocher 2012, Meijster 2000).
Outside voxels have height 0, so no parabola reaches across one: each run of inside voxels stands alone.
"""

import numpy as np

from synthem.kernels.compiling import kernel
from synthem.kernels.threads import each_slice, each_stretch

TOGETHER = 16  # columns whose envelopes are made in turn: their pixels of a row lie in the same cache lines
ROUNDING = 1 + 1e-9  # a distance that equals a limit but for rounding is within it


def distance_to_border(inside, spacing, *, threads, dtype=np.float64):
    """bool [Z, Y, X] -> distances (dtype) in the unit of `spacing` (z, y, x), 0 outside of the mask.

    The faces of the volume are no border: without any outside voxel all distances are infinite.
    """
    inside = np.ascontiguousarray(inside, bool)
    out = np.empty(inside.shape, dtype)
    if 0 in inside.shape:
        return out
    _count_steps(inside, out, threads)

    def finish(z):
        squares = _squares_of_slice(out, z, spacing)
        _along_rows(squares, float(spacing[2]), out[z])

    each_slice(finish, len(out), threads)
    return out


def distances_between(here, there, spacing, *, threads):
    """From each voxel of `here` to the nearest of `there`, bool [Z, Y, X] -> float64 [n], in reading order.

    Infinite where `there` has none. Where `here` is a surface, this takes a fraction of distance_to_border.
    """
    here, away = np.ascontiguousarray(here, bool), np.ascontiguousarray(np.logical_not(there))
    ends = np.cumsum([0, *(np.count_nonzero(plane) for plane in here)])
    out = np.full(ends[-1], np.inf)
    if not len(out) or away.all():
        return out
    steps = np.empty(here.shape, np.float32)
    _count_steps(away, steps, threads)

    def finish(z):
        if ends[z] < ends[z + 1]:
            squares = _squares_of_slice(steps, z, spacing)
            _at_pixels(here[z], squares, float(spacing[2]), out[ends[z] : ends[z + 1]])

    each_slice(finish, len(here), threads)
    return out


def _count_steps(inside, out, threads):
    """Whole steps along z to the nearest outside voxel of the same column, into `out`; may be infinite."""
    each_stretch(lambda first, end: _along_z(inside, out, first, end), inside.shape[1], threads)


def _squares_of_slice(steps, z, spacing):
    """Squared distances float64 [Y, X] to the nearest outside voxel of the same x, given steps along z."""
    along_z, along_y, _ = map(float, spacing)
    if len(steps) == 1:  # then it lies in the same column, or nowhere
        return _down_columns(steps[z], along_y)
    return _along_columns(steps[z], along_z, along_y)


@kernel
def _along_z(inside, out, first, end):
    depth, _, width = inside.shape
    for z in range(depth):
        for y in range(first, end):
            for x in range(width):
                above = out[z - 1, y, x] if z > 0 else np.inf
                out[z, y, x] = above + 1 if inside[z, y, x] else 0
    for z in range(depth - 2, -1, -1):
        for y in range(first, end):
            for x in range(width):
                out[z, y, x] = min(out[z, y, x], out[z + 1, y, x] + 1)


@kernel
def _down_columns(plane, spacing):
    """Squared distances within columns; 0 in `plane` marks an outside pixel."""
    height, width = plane.shape
    squares = np.empty((height, width))
    for y in range(height):
        for x in range(width):
            above = squares[y - 1, x] if y > 0 else np.inf
            squares[y, x] = above + 1 if plane[y, x] > 0 else 0
    for y in range(height - 2, -1, -1):
        for x in range(width):
            squares[y, x] = min(squares[y, x], squares[y + 1, x] + 1)
    for y in range(height):
        for x in range(width):
            squares[y, x] = (squares[y, x] * spacing) ** 2
    return squares


@kernel
def _along_columns(steps, spacing_z, spacing_y):
    height, width = steps.shape
    squares = np.empty((height, width))
    lines, found = np.empty((TOGETHER, height)), np.empty((TOGETHER, height))
    parabolas, starts, slopes = _room_for(height, spacing_y)
    for first in range(0, width, TOGETHER):
        count = min(TOGETHER, width - first)
        for y in range(height):
            for x in range(count):
                lines[x, y] = (steps[y, first + x] * spacing_z) ** 2
        for x in range(count):
            _along_line(lines[x], spacing_y, slopes, parabolas, starts, found[x])
        for y in range(height):
            for x in range(count):
                squares[y, first + x] = found[x, y]
    return squares


@kernel
def _along_rows(squares, spacing, out):
    """Distances from squared ones along the two axes before."""
    height, width = squares.shape
    line = np.empty(width)
    parabolas, starts, slopes = _room_for(width, spacing)
    for y in range(height):
        _along_line(squares[y], spacing, slopes, parabolas, starts, line)
        for x in range(width):
            out[y, x] = np.sqrt(line[x])


@kernel
def _at_pixels(here, squares, spacing, out):
    """_along_rows for the pixels of `here` alone: each looks along its row until none can be nearer."""
    height, width = squares.shape
    count = 0
    for y in range(height):
        row, nearest = squares[y], -1
        for x in range(width):
            if not here[y, x]:
                continue
            best = row[x]
            if nearest >= 0:  # what was nearest to the pixel before is hardly ever much farther than the best
                best = min(best, row[nearest] + ((x - nearest) * spacing) ** 2)
            for away in range(1, max(x, width - 1 - x) + 1):
                square = (away * spacing) ** 2
                if square >= best:
                    break
                if x >= away and row[x - away] + square < best:
                    best, nearest = row[x - away] + square, x - away
                if x + away < width and row[x + away] + square < best:
                    best, nearest = row[x + away] + square, x + away
            if best == row[x]:
                nearest = x
            out[count] = np.sqrt(best)
            count += 1


@kernel
def _room_for(size, spacing):
    """Of a line: parabolas, where each starts to be the lowest, and what moves that, by pixels between."""
    return np.empty(size, np.int64), np.empty(size), 1 / (2 * np.arange(size) * spacing * spacing)


@kernel
def _along_line(heights, spacing, slopes, parabolas, starts, out):
    """The lower envelope of the parabolas with these heights, each run of inside voxels for itself."""
    size = len(heights)
    x = 0
    while x < size:
        if heights[x] == 0.0:
            out[x] = 0.0
            x += 1
            continue
        end = x + 1
        while end < size and heights[end] > 0.0:
            end += 1
        _envelope(heights, max(x - 1, 0), min(end, size - 1), spacing, slopes, parabolas, starts, out)
        x = end


@kernel
def _envelope(heights, first, last, spacing, slopes, parabolas, starts, out):
    top = -1
    for new in range(first, last + 1):
        if heights[new] == np.inf:
            continue
        start = -np.inf
        while top >= 0:
            old = parabolas[top]
            start = 0.5 * (new + old) + (heights[new] - heights[old]) * slopes[new - old]
            if start > starts[top]:
                break
            top -= 1
        top += 1
        parabolas[top], starts[top] = new, start if top > 0 else -np.inf
    if top < 0:
        out[first : last + 1] = np.inf
        return
    best = 0
    for x in range(first, last + 1):
        while best < top and starts[best + 1] < x:
            best += 1
        away = (x - parabolas[best]) * spacing
        out[x] = heights[parabolas[best]] + away * away
