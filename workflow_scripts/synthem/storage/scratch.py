"""Arrays that may be larger than memory, and the slabs of slices in which loops go through them."""

import os
import tempfile
from math import prod

import numpy as np

from synthem.errors import write_error

IN_MEMORY = 2**28  # bytes of an array that a job may simply hold
SLAB = 2**22  # voxels: 16 MiB as float32


def scratch(folder, *, in_memory=IN_MEMORY):
    """A function like np.zeros whose larger arrays lie in files in `folder`.

    Of these the kernel keeps in memory what it has room for. They have no name, so they end with the process,
    even if it is killed.
    """

    def zeros(shape, dtype):
        size = prod(shape) * np.dtype(dtype).itemsize
        if size <= in_memory:
            return np.zeros(shape, dtype)
        try:
            with tempfile.TemporaryFile(dir=folder) as file:
                if hasattr(os, "posix_fallocate"):  # macOS has none
                    os.posix_fallocate(file.fileno(), 0, size)  # a full disk is an error here, a crash later
                return np.asarray(np.memmap(file, dtype, "r+", shape=tuple(shape)))
        except OSError as error:
            raise write_error(folder, error, size=size) from error

    return zeros


def slabs(shape):
    """Slices of the first axis of [Z, Y, X, ...] that cover it, at most so many voxels each, or one slice."""
    step = max(SLAB // max(prod(shape[1:]), 1), 1)
    return [slice(first, min(first + step, shape[0])) for first in range(0, shape[0], step)]
