"""A counter-based generator: random number k of a patch is a function of (seed, set, patch, k) alone.

So nothing depends on who asks, when, and in what order, and those of many patches come from one call. The
generator is Philox 4x32-10 (Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3): ten rounds that
scramble a counter under a key.
"""

import numpy as np

from synthem.kernels.compiling import kernel
from synthem.seeds import derived_seed

# The numbers of a patch stand in a row. Whoever draws has a stretch of the row for itself.
PLACE, SYMMETRY, CHANGES, BENDING, PARTS, SCALE = range(0, 6 * 256, 256)

HALF, LOW = np.uint64(32), np.uint64(0xFFFFFFFF)  # numba takes plain integers for signed ones
MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
WEYL = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)  # by which the key grows from round to round


def streams_of(sets, patches, *, seed):
    """Streams of random numbers, one for each patch [(index of the set, number in it), ...].

    uint64 [B, 3]: the key of (seed, name of the set), the number of the patch, and 0 for all of it.
    """
    index, number = np.asarray(patches).T
    keys = np.array([derived_seed(seed, examples.name) for examples in sets], np.uint64)
    return np.stack([keys[index], number.astype(np.uint64), np.zeros(len(number), np.uint64)], axis=1)


def slice_streams(streams, depth):
    """Streams of the `depth` slices of each patch, one patch after the other: uint64 [B * depth, 3]."""
    slices = np.repeat(streams, depth, axis=0)
    slices[:, 2] = np.tile(np.arange(1, depth + 1, dtype=np.uint64), len(streams))
    return slices


def uniforms(streams, first, count):
    """Numbers `first`, `first` + 1, ... of each stream, uniform in [0, 1): float64 [B, count].

    first: a multiple of 4, as the stretches are. A number has 32 bits.
    """
    numbers = np.empty((len(streams), count))
    _fill(streams, first // 4, numbers)
    return numbers


@kernel
def _fill(streams, first_block, numbers):
    words = np.empty(4, np.uint32)
    for b in range(len(streams)):
        key, patch, part = streams[b]
        for k in range(0, numbers.shape[1], 4):
            block = np.uint64(first_block + k // 4)
            philox((block, part, patch & LOW, patch >> HALF), (key & LOW, key >> HALF), words)
            for n in range(min(4, numbers.shape[1] - k)):
                numbers[b, k + n] = words[n] * 2.0**-32


@kernel
def philox(counter, key, out):
    """Counter (4 words) and key (2 words), 32 bits each in uint64 -> 4 random words."""
    a, b, c, d = counter
    k, m = key
    for _ in range(10):
        x, y = MULTIPLIERS[0] * a, MULTIPLIERS[1] * c
        a, b, c, d = (y >> HALF) ^ b ^ k, y & LOW, (x >> HALF) ^ d ^ m, x & LOW
        k, m = (k + WEYL[0]) & LOW, (m + WEYL[1]) & LOW
    out[0], out[1], out[2], out[3] = a, b, c, d
