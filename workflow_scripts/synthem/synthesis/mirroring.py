"""Masks of tiles, which go on as their own mirror images where a slice holds no tile.

Slices have one size, that of the largest tile. Where a smaller one ends, its image is mirrored and its masks
are unknown. New masks of it would be empty there, and their painted images without any structure.
"""

import numpy as np
from skimage.measure import label as connected


def mirrored(planes, sizes):
    """Planes [z, Y, X], of which slice z holds a tile of sizes[z] (y, x), with mirror images around it.

    No sizes: the slices are whole.
    """
    whole = planes.copy()
    for plane, (height, width) in zip(whole, sizes, strict=bool(sizes)):
        missing = [(0, plane.shape[0] - height), (0, plane.shape[1] - width)]
        plane[:] = np.pad(plane[:height, :width], missing, mode="reflect")
    return whole


def mirrored_numbers(numbers, sizes):
    """The same of instances uint32 [z, Y, X]: a mirror image has a number of its own.

    But for one that touches what it is the mirror image of: these two are one body.
    """
    whole = mirrored(numbers, sizes)
    for plane, (height, width) in zip(whole, sizes, strict=bool(sizes)):
        bodies = connected(plane, background=0, connectivity=1)
        beyond = (plane > 0) & ~np.isin(bodies, bodies[:height, :width])
        plane[beyond] = numbers.max() + bodies[beyond].astype(np.uint32)
    return whole
