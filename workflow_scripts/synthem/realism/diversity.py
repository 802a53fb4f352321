"""How much a generator varies for one mask: images of the same mask with other noise."""

from itertools import combinations

import numpy as np

from synthem.intensity import to_unit


def same_mask(draws):
    """Draws uint8 [k, n, Y, X(, C)] for n masks -> [n]: mean |difference| of two draws of one mask.

    Grey levels are those of [-1, 1]. Draws that differ by less than one of 8 bits count as equal; a generator
    without chance has 0.
    """
    pairs = [_apart(a, b) for a, b in combinations(draws, 2)]
    return np.mean(pairs, axis=0)


def other_slices(images, slices):
    """Real patches uint8 [n, Y, X(, C)] of slices [n] -> [n]: mean |difference| to those of other slices.

    Not-a-number where there is no other slice.
    """
    found = np.full(len(images), np.nan)
    for number, image in enumerate(images):
        others = images[slices != slices[number]]
        if len(others):
            found[number] = np.mean([_apart(image[None], other[None])[0] for other in others])
    return found


def _apart(a, b):
    axes = tuple(range(1, a.ndim))
    return np.abs(to_unit(a) - to_unit(b)).mean(axis=axes, dtype=np.float64)
