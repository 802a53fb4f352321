"""Planes bent by a smooth displacement: each pixel takes what lies at the place that it comes from."""

import math

import numpy as np

from synthem.kernels.compiling import kernel


def bent_mask(mask, regions, bend):
    """Mask bool [Y, X] and the parts of its background int32 -> the bent mask bool, and what was drawn again.

    bend float32 [2, Y, X]: where, seen from its place, a pixel comes from, mirrored at the border. A pixel is
    inside if the mask interpolates there to more than a half. Each pixel belongs to the part that it
    comes from, or to the nearest: where two of different parts touch, one of them is drawn again.
    """
    bent, origin = _bent(mask, regions, bend)
    before = bent.copy()
    if regions.any():
        for axis in (0, 1):
            _part(np.moveaxis(bent, axis, 0), np.moveaxis(origin, axis, 0))
    return bent, bent & ~before


@kernel
def bent_labels(labels, bend):
    """Labels [Y, X] bent by a displacement float32 [2, Y, X]: a pixel has the number of its origin."""
    height, width = labels.shape
    bent = np.empty_like(labels)
    for y in range(height):
        for x in range(width):
            bent[y, x] = labels[
                _nearest(y + bend[0, y, x], height),
                _nearest(x + bend[1, y, x], width),
            ]
    return bent


@kernel
def between_nodes(nodes, step_y, step_x, height, width):
    """Field float32 [height, width], linear between nodes that are so many pixels apart."""
    field = np.empty((height, width), np.float32)
    for y in range(height):
        row, part_y = y // step_y, (y % step_y) / step_y
        for x in range(width):
            column, part_x = x // step_x, (x % step_x) / step_x
            upper = nodes[row, column] * (1 - part_x) + nodes[row, column + 1] * part_x
            lower = nodes[row + 1, column] * (1 - part_x) + nodes[row + 1, column + 1] * part_x
            field[y, x] = upper * (1 - part_y) + lower * part_y
    return field


@kernel
def _bent(mask, regions, bend):
    height, width = mask.shape
    bent, origin = np.empty((height, width), np.bool_), np.zeros((height, width), np.int32)
    for y in range(height):
        for x in range(width):
            place_y, place_x = y + bend[0, y, x], x + bend[1, y, x]
            bent[y, x] = _interpolated(mask, place_y, place_x) > 0.5
            if not bent[y, x]:  # what is inside parts nothing
                origin[y, x] = _region(regions, _nearest(place_y, height), _nearest(place_x, width))
    return bent, origin


@kernel
def _part(bent, origin):
    """Draw the first of two neighbours along the first axis that are outside and of different parts."""
    length, width = bent.shape
    for y in range(length - 1):
        for x in range(width):
            apart = origin[y, x] != origin[y + 1, x]
            if apart and not bent[y, x] and not bent[y + 1, x]:
                bent[y, x] = True


@kernel
def _interpolated(mask, y, x):
    y, x = _mirrored(y, mask.shape[0]), _mirrored(x, mask.shape[1])
    top, left = int(y), int(x)
    below, right = min(top + 1, mask.shape[0] - 1), min(left + 1, mask.shape[1] - 1)
    part_y, part_x = y - top, x - left
    upper = mask[top, left] * (1 - part_x) + mask[top, right] * part_x
    lower = mask[below, left] * (1 - part_x) + mask[below, right] * part_x
    return upper * (1 - part_y) + lower * part_y


@kernel
def _region(regions, y, x):
    """The part of the background at a pixel; of a pixel inside the mask, the nearest part.

    Of several the one less far along an axis, then the upper left.
    """
    if regions[y, x]:
        return regions[y, x]
    height, width = regions.shape
    found, squared, reach = 0, height**2 + width**2, 1
    while reach**2 <= squared:  # nothing beyond the square of this reach is nearer
        for near_y in range(max(0, y - reach), min(height, y + reach + 1)):
            on_edge = abs(near_y - y) == reach
            step = 1 if on_edge else 2 * reach
            for near_x in range(x - reach, x + reach + 1, step):
                if 0 <= near_x < width and regions[near_y, near_x]:
                    here = (near_y - y) ** 2 + (near_x - x) ** 2
                    if here < squared:
                        found, squared = regions[near_y, near_x], here
        reach += 1
    return found


@kernel
def _nearest(place, length):
    return int(math.floor(_mirrored(place, length) + 0.5))


@kernel
def _mirrored(place, length):
    """A place in 0 to length - 1, mirrored at the first and the last pixel."""
    if 0 <= place <= length - 1:
        return float(place)
    if length == 1:
        return 0.0
    period = 2.0 * (length - 1)
    place = abs(place) % period
    return min(place, period - place)
