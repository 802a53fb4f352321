"""Open addressing: where a 64-bit key stands, or may be put, in a table of 2^n slots."""

import numpy as np

from synthem.kernels.compiling import kernel

MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio: neighbouring keys get slots far apart


@kernel
def slot_of(keys, taken, key):
    """The slot of a key in `keys` uint64 [2^n]; a slot is free where `taken` [2^n] is 0."""
    last = np.uint64(len(keys) - 1)
    slot = ((key * MIX) >> np.uint64(32)) & last
    while keys[slot] != key and taken[slot] != 0:
        slot = (slot + np.uint64(1)) & last
    return slot
