"""Instance labels -> interiors; and the steps of affinities. 1 = within one cell."""

import numpy as np
from scipy import ndimage

from synthem.kernels.neighbourhoods import pair_of_views

KERNEL = np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]])  # Herreros Fraile 2021, equation 3.2

# Steps (z, y, x) of affinities. The long ones are those of Wolf et al. 2018 for anisotropic volumes: they
# rule out merges that the short ones alone would allow.
SHORT_STEPS = ((-1, 0, 0), (0, -1, 0), (0, 0, -1))
LONG_STEPS = (
    *((-1, -1, -1), (-1, 1, 1), (-1, -1, 1), (-1, 1, -1)),
    *((0, -9, 0), (0, 0, -9), (0, -9, -9), (0, 9, -9)),
    *((0, -9, -4), (0, -4, -9), (0, 4, -9), (0, 9, -4)),
    *((0, -27, 0), (0, 0, -27)),
)
SHORT_STEPS_IN_SLICE = ((0, -1, 0), (0, 0, -1))
LONG_STEPS_IN_SLICE = tuple(step for step in LONG_STEPS if step[0] == 0)


def filtered_interior(labels, *, dilation):
    """Labels [Z, Y, X] -> interior uint8: 1 where the 3 x 3 KERNEL on the slice gives 0 or less.

    As in Herreros Fraile 2021. The kernel weighs ids, not edges: the border lies on the side of the larger
    id, one pixel wide, and misses a pixel whose larger and smaller neighbours cancel out. Each `dilation`
    widens it by one pixel. Id 0 is no cell, so no interior either; the paper's labels have none.
    """
    ids = np.asarray(labels, np.int64)
    border = ndimage.convolve(ids, KERNEL[None], mode="mirror") > 0
    if dilation:
        border = ndimage.binary_dilation(border, np.ones((1, 3, 3), bool), iterations=dilation)
    return (~border & (ids != 0)).astype(np.uint8)


def interior(labels, *, width, per_slice):
    """Labels [Z, Y, X] -> interior uint8: 1 where all voxels within `width` steps have one id, and none is 0.

    A box of 2 width + 1 voxels a side is looked at, in the slice or in the volume, as PyTorch Connectomics
    does; beyond the faces the volume is mirrored.
    """
    size = tuple(2 * width + 1 if axis or not per_slice else 1 for axis in range(3))
    lowest, highest = ndimage.minimum_filter(labels, size), ndimage.maximum_filter(labels, size)
    return ((lowest == highest) & (lowest > 0)).astype(np.uint8)


def affinities_along(probability, steps):
    """Probability of interior [Z, Y, X] -> affinities [len(steps), Z, Y, X], for networks without their own.

    The affinity of two voxels is the lowest probability on the straight way between them, both ends
    counted: a membrane on the way parts them. A step that leaves the volume gives 0.
    """
    return np.stack([_lowest_along(probability, step) for step in steps])


def _lowest_along(probability, step):
    count = max(abs(size) for size in step)
    lowest = probability
    for number in range(1, count + 1):
        part = tuple(int(np.floor(size * number / count + 0.5)) for size in step)
        here, there = pair_of_views(probability.shape, part)
        between = np.zeros_like(probability)
        between[here] = probability[there]
        lowest = np.minimum(lowest, between)
    return lowest
