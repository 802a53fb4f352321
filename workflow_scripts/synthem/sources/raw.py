"""Planes of formats whose voxels lie one after another in the file, x fastest, behind a header."""

import math
import os

import numpy as np

from synthem.sources.errors import damaged


def check_complete(file, start, shape, dtype):
    """An error where a file ends before the voxels that its header announces, which begin at byte `start`."""
    needed, size = start + math.prod(shape) * dtype.itemsize, os.path.getsize(file)
    if size < needed:
        raise damaged(file, f"truncated: {size} bytes of at least {needed}")


def planes_of(file, start, shape, dtype):
    """(first, end) -> planes of an array [z, ...] in a file."""
    plane = math.prod(shape[1:])

    def planes(first, end):
        place = start + first * plane * dtype.itemsize
        read = np.fromfile(file, dtype, (end - first) * plane, offset=place)
        return read.reshape(end - first, *shape[1:])

    return planes
