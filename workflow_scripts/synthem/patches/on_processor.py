"""Makes one patch on the CPU, compiled: cut out, turned, bent, blurred and made noisy in one pass.

A patch is read with a margin, from which pixels may move into it. Where it leaves the slice, the slice is
mirrored. `turned` is transposed?, rows read backwards?, columns?; see `augment`.
"""

import numpy as np

from synthem.kernels.compiling import kernel
from synthem.patches.augment import WHOLE


@kernel
def fill_image(
    plane,
    y,
    x,
    turned,
    shifts,
    margin,
    blur,
    part_blur,
    mean,
    slope,
    shift,
    noise,
    table,
    start,
    missing,
    edges,
    out,
):
    """Grey levels [Y, X, C] of a slice -> the patch at (y, x), float32 [C, size, size]."""
    wide = out.shape[1] + 2 * margin
    rows = _lines(y - margin, wide, plane.shape[0], turned[1])
    columns = _lines(x - margin, wide, plane.shape[1], turned[2])
    source = np.empty((wide, wide), np.float32)
    for colour in range(len(out)):
        if margin > 0:
            _cut(plane, colour, rows, columns, turned[0], source)
            _bend(source, margin, shifts, out[colour])
        else:
            _cut(plane, colour, rows, columns, turned[0], out[colour])
        if len(blur) > 0:
            _blur(out[colour], blur)
        if len(part_blur) > 0:
            _blur_part(out[colour], part_blur, edges[0])
        _finish(out[colour], mean[colour], slope[colour], shift, noise, table, start)
        if missing > 0:
            _lose(out[colour], missing == WHOLE, edges[1])


@kernel
def fill_mask(plane, y, x, turned, shifts, margin, out):
    """Whole numbers [Y, X] of a slice -> [size, size], moved like the image to the nearest pixels."""
    wide = len(out) + 2 * margin
    rows = _lines(y - margin, wide, plane.shape[0], turned[1])
    columns = _lines(x - margin, wide, plane.shape[1], turned[2])
    plane = np.expand_dims(plane, 2)
    if margin == 0:
        _cut(plane, 0, rows, columns, turned[0], out)
        return
    source = np.empty((wide, wide), plane.dtype)
    _cut(plane, 0, rows, columns, turned[0], source)
    near, half = np.empty((2, len(out)), np.uint32), np.float32(0.5)
    for i in range(len(out)):
        for j in range(len(out)):
            near[0, j] = np.int32(np.float32(i + margin) + shifts[0, i, j] + half)
            near[1, j] = np.int32(np.float32(j + margin) + shifts[1, i, j] + half)
        for j in range(len(out)):
            out[i, j] = source[near[0, j], near[1, j]]


@kernel
def bending(control, weights):
    """Shifts of control points [2, GRID, GRID] -> of pixels, float32 [2, size, size]."""
    grid, size = control.shape[1], len(weights)
    shifts = np.zeros((2, size, size), np.float32)
    along_x = np.zeros((grid, size), np.float32)
    across = weights.T.copy()
    for axis in range(2):
        along_x[:] = 0
        for k in range(grid):
            for n in range(grid):
                _add(along_x[k], control[axis, k, n], across[n])
        for i in range(size):
            for k in range(grid):
                if weights[i, k] != 0:
                    _add(shifts[axis, i], weights[i, k], along_x[k])
    return shifts


@kernel
def _add(row, weight, values):
    for j in range(len(row)):
        row[j] += weight * values[j]


@kernel
def _lines(first, count, length, backwards):
    """The numbers first, first + 1, .. of lines; those outside of 0 .. length - 1 mirrored at the ends."""
    lines = np.empty(count, np.uint32)
    period = max(2 * (length - 1), 1)
    for k in range(count):
        line = (first + (count - 1 - k if backwards else k)) % period
        lines[k] = min(line, period - line) if length > 1 else 0
    return lines


@kernel
def _cut(plane, colour, rows, columns, transposed, out):
    for i in range(len(out)):
        if transposed:
            column = plane[:, columns[i], colour]
            for j in range(len(out)):
                out[i, j] = column[rows[j]]
        else:
            row = plane[rows[i], :, colour]
            for j in range(len(out)):
                out[i, j] = row[columns[j]]


@kernel
def _bend(source, margin, shifts, out):
    """Each pixel from where its shift points to, interpolated between the four pixels around."""
    size, one = len(out), np.uint32(1)
    rows, columns = np.empty(size, np.uint32), np.empty(size, np.uint32)
    down, right = np.empty(size, np.float32), np.empty(size, np.float32)
    for i in range(size):
        for j in range(size):  # a loop of its own: this one runs on the vector units
            y, x = np.float32(i + margin) + shifts[0, i, j], np.float32(j + margin) + shifts[1, i, j]
            row, column = np.int32(y), np.int32(x)
            rows[j], columns[j] = row, column
            down[j], right[j] = y - np.float32(row), x - np.float32(column)
        for j in range(size):
            row, column = rows[j], columns[j]
            a, b = source[row, column], source[row, column + one]
            c, d = source[row + one, column], source[row + one, column + one]
            above, below = a + right[j] * (b - a), c + right[j] * (d - c)
            out[i, j] = above + down[j] * (below - above)


@kernel
def _blur(image, weights):
    """Convolve with the weights along both axes, the image mirrored at its borders, in place."""
    size, radius = len(image), len(weights) // 2
    before, after = _lines(-radius, radius, size, False), _lines(size, radius, size, False)
    smooth = np.zeros((size + 2 * radius, size), np.float32)
    wide = np.empty(size + 2 * radius, np.float32)
    for i in range(size):
        wide[radius : radius + size] = image[i]
        for k in range(radius):
            wide[k], wide[radius + size + k] = image[i, before[k]], image[i, after[k]]
        for k in range(len(weights)):
            _add(smooth[radius + i], weights[k], wide[k : k + size])
    for k in range(radius):
        smooth[k], smooth[radius + size + k] = smooth[radius + before[k]], smooth[radius + after[k]]
    for i in range(size):
        image[i] = 0
        for k in range(len(weights)):
            _add(image[i], weights[k], smooth[i + k])


@kernel
def cut_off(edge, i, j, size):
    """Whether pixel (i, j) of a patch lies on the one side of a line (a, b, c): a y + b x < c.

    The patch reaches from -1 to 1 both ways; whole numbers tell it.
    """
    return edge[0] * (2 * i + 1 - size) + edge[1] * (2 * j + 1 - size) < edge[2] * size


@kernel
def _blur_part(image, weights, edge):
    smooth, size = image.copy(), len(image)
    _blur(smooth, weights)
    for i in range(size):
        for j in range(size):
            if cut_off(edge, i, j, size):
                image[i, j] = smooth[i, j]


@kernel
def _lose(image, whole, edge):
    """What is missing has the mean grey of its slice, and nothing else."""
    size = len(image)
    for i in range(size):
        for j in range(size):
            if whole or cut_off(edge, i, j, size):
                image[i, j] = 0


@kernel
def _finish(image, mean, slope, shift, noise, table, start):
    """Standardise with changed contrast and brightness, then add noise from the table, in place."""
    size = len(image)
    for i in range(size):
        row = image[i]
        for j in range(size):
            row[j] = (row[j] - mean) * slope + shift
        if noise > 0:
            place = (start + i * size) % len(table)
            left = min(size, len(table) - place)
            _add(row[:left], noise, table[place : place + left])
            _add(row[left:], noise, table[: size - left])
