"""Responses of filters in a rectangle of a slice, by reading no more than what they depend on there.

The same bits as by scipy, which `metrics.responses` calls for whole pictures: sums in double precision, from
the far pixels to the near ones, rounded to float32 after each pass. A rectangle may be one pixel: to learn
from a few hundred pixels of a slice, nobody has to filter the slice.
"""

from functools import partial

import numpy as np

from synthem.kernels.compiling import kernel
from synthem.kernels.threads import each_stretch

CUT = 4  # Gaussians end at so many sigmas
HALF = np.float32(0.5)


def gaussian_weights(sigma):
    """float64 [reach + 1]: the weight of the pixel itself, and of each distance from it."""
    away = np.arange(-_reach(sigma), _reach(sigma) + 1)
    weights = np.exp(-0.5 / (sigma * sigma) * away**2)
    return (weights / weights.sum())[_reach(sigma) :]


def smoothed_slice(grey, sigma):
    """Slice [Y, X] -> float32 [Y, X], as `scipy.ndimage.gaussian_filter` of it as float32."""
    height, width = grey.shape
    found = np.empty((height, width), np.float32)
    if found.size:
        _smooth(
            np.ascontiguousarray(grey, np.float32), 0, 0, grey.shape, gaussian_weights(sigma), 0, 0, found
        )
    return found


def smooth_volume(heights, sigmas, *, threads=1):
    """Gaussian of float32 [Z, Y, X] in place, its faces repeated, as by `scipy.ndimage.gaussian_filter`.

    sigmas: of z, y and x, in voxels.
    """
    along_z, along_y, along_x = map(gaussian_weights, sigmas)
    each_stretch(partial(_smooth_along_z, heights, along_z), heights.shape[1], threads)
    each_stretch(partial(_smooth_slices, heights, along_y, along_x), len(heights), threads)


class Filters:
    """The filters of `metrics.responses`; window: of the structure tensor, in parts of sigma."""

    def __init__(self, sigmas, window):
        self.weights = tuple((gaussian_weights(sigma), gaussian_weights(window * sigma)) for sigma in sigmas)
        self.features = 1 + 7 * len(self.weights)

    def of_tile(self, grey, rows, columns):
        """Slice float32 [Y, X] -> float32 [features, y, x] of some rows and columns (slices) of it."""
        shape = self.features, rows.stop - rows.start, columns.stop - columns.start
        found = np.empty(shape, np.float32)
        _respond(grey, rows.start, columns.start, self.weights, found)
        return found

    def at(self, grey, y, x):
        """Slice float32 [Y, X] -> float32 [n, features] at n pixels of it, in their order."""
        found = np.empty((len(y), self.features), np.float32)
        _respond_at(grey, y, x, self.weights, found)
        return found


def _reach(sigma):
    return int(CUT * sigma + 0.5)


@kernel
def _smooth_along_z(heights, weights, first, end):
    for y in range(first, end):
        _smooth_down(heights[:, y], weights)


@kernel
def _smooth_slices(heights, along_y, along_x, first, end):
    for z in range(first, end):
        _smooth_down(heights[z], along_y)
        _smooth_across(heights[z], along_x)


@kernel
def _smooth_down(plane, weights):
    """Columns of float32 [rows, X], in place."""
    height, width = plane.shape
    before, sums = plane.copy(), np.empty(width)
    for y in range(height):
        for x in range(width):
            sums[x] = before[y, x] * weights[0]
        for away in range(len(weights) - 1, 0, -1):
            _add(before[max(y - away, 0)], before[min(y + away, height - 1)], weights[away], sums)
        plane[y] = sums


@kernel
def _smooth_across(plane, weights):
    """Rows of float32 [Y, X], in place."""
    width, reach = plane.shape[1], len(weights) - 1
    wide, sums = np.empty(width + 2 * reach, np.float32), np.empty(width)
    for row in plane:
        wide[:reach], wide[reach : reach + width], wide[reach + width :] = row[0], row, row[-1]
        for x in range(width):
            sums[x] = row[x] * weights[0]
        for away in range(reach, 0, -1):
            _add(wide[reach - away :], wide[reach + away :], weights[away], sums)
        row[:] = sums


@kernel
def _respond_at(grey, rows, columns, weights, found):
    one = np.empty((found.shape[1], 1, 1), np.float32)
    for pixel in range(len(found)):
        _respond(grey, rows[pixel], columns[pixel], weights, one)
        found[pixel] = one[:, 0, 0]


@kernel
def _respond(grey, top, left, weights, found):
    _, height, width = found.shape
    found[0] = grey[top : top + height, left : left + width]
    first = 1
    for smoothing, windowing in weights:
        _respond_at_scale(grey, top, left, smoothing, windowing, found[first : first + 7])
        first += 7


@kernel
def _respond_at_scale(grey, top, left, smoothing, windowing, found):
    """Gaussian, Laplacian, gradient, eigenvalues of structure tensor and Hessian, into found [7, y, x]."""
    _, height, width = found.shape
    reach = len(windowing) - 1
    # The products of slopes are needed as far as the window reaches, the Gaussian one pixel further.
    high, low = max(top - reach, 0), min(top + height + reach, grey.shape[0])
    near, far = max(left - reach, 0), min(left + width + reach, grey.shape[1])
    smooth = np.empty((low - high + 2, far - near + 2), np.float32)
    _smooth(grey, 0, 0, grey.shape, smoothing, high - 1, near - 1, smooth)
    products = np.empty((3, low - high, far - near), np.float32)
    _multiply_slopes(smooth, products)
    tensor = np.empty((3, height, width), np.float32)
    for part in range(3):
        _smooth(products[part], high, near, grey.shape, windowing, top, left, tensor[part])
    _differ(smooth, top - high, left - near, found)
    for y in range(height):
        _write_eigenvalues(tensor[0, y], tensor[1, y], tensor[2, y], found[3, y], found[4, y])


@kernel
def _smooth(part, part_top, part_left, shape, weights, top, left, found):
    """Gaussian of a picture of a shape, mirrored at its borders, in the rectangle `found` from (top, left).

    Of the picture only `part` is given, from (part_top, part_left) on. The rectangle may reach beyond the
    picture: as that is mirrored, so is its Gaussian, bit for bit.
    """
    height, width = found.shape
    reach = len(weights) - 1
    first, last = max(left - reach, 0), min(left + width + reach, shape[1])
    begin, end = first - part_left, last - part_left
    columns = np.empty(width + 2 * reach, np.int64)
    for x in range(len(columns)):
        columns[x] = _mirrored(left - reach + x, shape[1]) - first
    line, wide, sums = np.empty(last - first), np.empty(len(columns)), np.empty(width)
    for y in range(height):
        middle = part[_mirrored(top + y, shape[0]) - part_top, begin:end]
        for x in range(len(line)):
            line[x] = middle[x] * weights[0]
        for away in range(reach, 0, -1):
            upper = _mirrored(top + y - away, shape[0]) - part_top
            lower = _mirrored(top + y + away, shape[0]) - part_top
            _add(part[upper, begin:end], part[lower, begin:end], weights[away], line)
        for x in range(len(wide)):
            wide[x] = np.float32(line[columns[x]])
        for x in range(width):
            sums[x] = wide[reach + x] * weights[0]
        for away in range(reach, 0, -1):
            _add(wide[reach - away :], wide[reach + away :], weights[away], sums)
        for x in range(width):
            found[y, x] = sums[x]


@kernel
def _add(one, other, weight, sums):
    for x in range(len(sums)):
        sums[x] += (np.float64(one[x]) + np.float64(other[x])) * weight


@kernel
def _multiply_slopes(smooth, products):
    """dy dy, dy dx and dx dx of the pixels of `smooth` [y + 2, x + 2] that have neighbours on all sides."""
    _, height, width = products.shape
    for y in range(height):
        above, here, below = smooth[y], smooth[y + 1], smooth[y + 2]
        for x in range(width):
            dy, dx = _slope(above[x + 1], below[x + 1]), _slope(here[x], here[x + 2])
            products[0, y, x], products[1, y, x], products[2, y, x] = dy * dy, dy * dx, dx * dx


@kernel
def _differ(smooth, top, left, found):
    """Gaussian, Laplacian, gradient and the eigenvalues of the Hessian into 0, 1, 2, 5, 6 of `found`.

    Its first pixel is the neighbour of (top, left) of `smooth`, below and to the right.
    """
    _, height, width = found.shape
    yy, yx, xx = (np.empty(width, np.float32), np.empty(width, np.float32), np.empty(width, np.float32))
    for y in range(height):
        above = smooth[top + y, left : left + width + 2]
        here = smooth[top + y + 1, left : left + width + 2]
        below = smooth[top + y + 2, left : left + width + 2]
        for x in range(width):  # loops that write little are vectorised
            yy[x] = _bend(above[x + 1], here[x + 1], below[x + 1])
            xx[x] = _bend(here[x], here[x + 1], here[x + 2])
        for x in range(width):
            yx[x] = _slope(_slope(above[x], above[x + 2]), _slope(below[x], below[x + 2]))
        found[0, y] = here[1:-1]
        for x in range(width):
            found[1, y, x] = yy[x] + xx[x]
            found[2, y, x] = _length(_slope(above[x + 1], below[x + 1]), _slope(here[x], here[x + 2]))
        _write_eigenvalues(yy, yx, xx, found[5, y], found[6, y])


@kernel
def _write_eigenvalues(yy, yx, xx, larger, smaller):
    for x in range(len(yy)):
        larger[x], smaller[x] = _eigenvalues(yy[x], yx[x], xx[x])


@kernel
def _eigenvalues(yy, yx, xx):
    middle, apart = (yy + xx) * HALF, _length((yy - xx) * HALF, yx)
    return middle + apart, middle - apart


@kernel
def _slope(before, behind):
    return np.float32((np.float64(behind) - np.float64(before)) * 0.5)


@kernel
def _bend(before, here, behind):
    return np.float32(np.float64(here) * -2.0 + (np.float64(before) + np.float64(behind)))


@kernel
def _length(one, other):
    return np.float32(np.sqrt(np.float64(one) * np.float64(one) + np.float64(other) * np.float64(other)))


@kernel
def _mirrored(place, length):
    """A place from 0 to length - 1, mirrored at the outer sides of the first and of the last pixel."""
    place %= 2 * length
    return min(place, 2 * length - 1 - place)
