"""Borders between cells, thinned to lines that still keep them apart."""

import numpy as np
from scipy import ndimage
from skimage.morphology import skeletonize

from synthem.errors import SynthemError


def thin_borders(interior, *, neighbours):
    """Interior {0, 1} [Z, Y, X] -> the same with borders as thin as they get without opening, slice by slice.

    neighbours (4 or 8): cells that were apart for that many neighbours stay apart. Ends of open borders stay.
    """
    if neighbours not in (4, 8):
        raise SynthemError(
            "CONFIG_VALUE", "neighbours", repr(neighbours), expected="4 or 8", fix="choose one of these"
        )
    thin = np.ones(interior.shape, np.uint8)
    for z, plane in enumerate(np.asarray(interior) == 0):
        if plane.all():  # no cell to keep apart from another
            thin[z] = 0
            continue
        # A skeleton draws back from the edge of the image and would open a border there: continue it outside.
        beyond = 2 + 2 * int(ndimage.distance_transform_edt(plane).max())
        line = skeletonize(np.pad(plane, beyond, mode="edge"))[beyond:-beyond, beyond:-beyond]
        if neighbours == 8:
            line = _without_diagonal_gaps(line, plane)
        thin[z] = ~line
    return thin


def _without_diagonal_gaps(line, border):
    """Where a line steps diagonally, interiors touch across it at a corner: fill a corner that was border."""
    line = line.copy()
    for flip in (1, -1):
        view, was = line[:, ::flip], border[:, ::flip]
        step = view[:-1, :-1] & view[1:, 1:] & ~view[:-1, 1:] & ~view[1:, :-1]
        upper = step & was[:-1, 1:]
        lower = step & ~upper & was[1:, :-1]
        view[:-1, 1:] |= upper
        view[1:, :-1] |= lower
    return line
