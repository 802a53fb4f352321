"""Independent random streams from one seed, one for each purpose: in whatever order they are drawn."""

import hashlib

import numpy as np


def derived_seed(seed, *words):
    """A 63-bit seed for one purpose: the same for the same words, unrelated for any others."""
    text = "/".join(str(word) for word in (seed, *words))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") >> 1


def generator(seed, *words):
    """A numpy generator for one purpose."""
    return np.random.Generator(np.random.Philox(derived_seed(seed, *words)))


def run_seed(replicate, seed):
    """The seed of one of the U-Nets of a replicate, the same in all arms (both count from 1)."""
    return 1000 * replicate + seed
