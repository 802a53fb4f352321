"""Squared distances within a slice in whole pixels, for floods that go from peak to valley.

Exact in integers: distances down the columns, then for each row the nearest of all columns, by looking at
those around (near), or by the lower envelope of one parabola per column (far; see `distance`).
"""

import numpy as np

from synthem.errors import SynthemError
from synthem.kernels.compiling import kernel

WHOLE_SQUARES = 46340  # rows + columns of a slice whose squared distances still fit 31 bits
NEAR = 96  # pixels up to which looking at all columns around, many at once, is faster than an envelope
BLOCK = 64  # columns looked at together


def squared_distances(inside):
    """bool [Y, X] -> squared distances in pixels, int32 [Y + 2, X + 2]; Y + X is at most WHOLE_SQUARES.

    The frame of one pixel is 0, for a flood that need not check where the image ends. Where there is no
    outside pixel, all are (Y + X)^2: more than any distance.
    """
    if sum(inside.shape) > WHOLE_SQUARES:
        raise SynthemError(
            "DATA_SHAPE",
            "slice",
            f"{inside.shape[0]} rows and {inside.shape[1]} columns",
            expected=f"at most {WHOLE_SQUARES} rows and columns together",
            fix="segment it in blocks",
        )
    return _whole_squares(np.ascontiguousarray(inside, bool))


@kernel
def _whole_squares(inside):
    height, width = inside.shape
    out = np.zeros((height + 2, width + 2), np.int32)
    far = np.int32(height + width)
    columns = np.empty((height, width), np.int32)  # distance to the nearest outside pixel of the column
    for x in range(width):
        columns[0, x] = far if inside[0, x] else 0
    for y in range(1, height):
        for x in range(width):
            columns[y, x] = min(columns[y - 1, x] + 1, far) if inside[y, x] else 0
    for y in range(height - 2, -1, -1):
        for x in range(width):
            columns[y, x] = min(columns[y, x], columns[y + 1, x] + 1)
    parabolas, starts = np.empty(width, np.int32), np.empty(width, np.int32)
    squares = np.full(width + 2 * NEAR, far * far, np.int32)
    for y in range(height):
        heights = columns[y]
        farthest = heights.max()
        if farthest <= NEAR:
            for x in range(width):
                squares[NEAR + x] = heights[x] * heights[x]
            _look_around(squares, out[y + 1])
            continue
        x = 0
        while x < width:
            if heights[x] == 0:
                x += 1
                continue
            end = x + 1
            while end < width and heights[end] > 0:
                end += 1
            _whole_envelope(heights, max(x - 1, 0), min(end, width - 1), parabolas, starts, out[y + 1])
            x = end
    return out


@kernel
def _look_around(squares, out):
    """Smallest (x - p)^2 + squares[NEAR + p] for every x, into out[x + 1]; no square exceeds NEAR^2."""
    width = len(out) - 2
    for first in range(0, width, BLOCK):
        count = min(BLOCK, width - first)
        best = out[first + 1 : first + 1 + count]
        best[:] = squares[NEAR + first : NEAR + first + count]
        away = 1
        while away % 4 != 1 or away * away < best.max():
            left = squares[NEAR + first - away : NEAR + first - away + count]
            right = squares[NEAR + first + away : NEAR + first + away + count]
            square = np.int32(away * away)
            for x in range(count):
                best[x] = min(best[x], np.int32(min(left[x], right[x]) + square))
            away += 1


@kernel
def _whole_envelope(heights, first, last, parabolas, starts, out):
    """Smallest (x - p)^2 + heights[p]^2 over all p, for every x from first to last, into out[x + 1]."""
    top = 0
    parabolas[0], starts[0] = first, first
    for new in range(first + 1, last + 1):
        square = heights[new] * heights[new]
        while top >= 0:
            old, start = parabolas[top], starts[top]
            if (start - old) ** 2 + heights[old] * heights[old] <= (start - new) ** 2 + square:
                break
            top -= 1
        if top < 0:
            top = 0
            parabolas[0], starts[0] = new, first
        else:
            old = parabolas[top]
            gap = (new - old) * (new + old) + square - heights[old] * heights[old]
            start = 1 + gap // (2 * (new - old))  # the first whole x where the new one is lower
            if start <= last:
                top += 1
                parabolas[top], starts[top] = new, start
    for x in range(last, first - 1, -1):
        old = parabolas[top]
        out[x + 1] = (x - old) * (x - old) + heights[old] * heights[old]
        if x == starts[top]:
            top -= 1
