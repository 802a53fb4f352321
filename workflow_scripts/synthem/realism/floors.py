"""How far n real images lie from n others: below this no generator can be told from the real thing."""

import numpy as np

from synthem.seeds import generator

SPLITS = 40  # at random
LEAST = 16  # images


def sizes_up_to(most, *, wanted):
    """16, 32, 64, ... up to `most`, and the number that is wanted."""
    doubled = [LEAST << power for power in range(most.bit_length()) if LEAST << power <= most]
    return sorted({*doubled, wanted})


def floor_of(distance, a, b, *, n, seed):
    """(mean, low, high) of a distance between n images of `a` and n of `b` over draws; 95 % lie between.

    b None: two sets of `a` that share no image.
    """
    values = []
    for split in range(SPLITS):
        random = generator(seed, "floor", n, split)
        if b is None:
            chosen = random.permutation(len(a))
            first, second = a[chosen[:n]], a[chosen[n : 2 * n]]
        else:
            first, second = a[random.permutation(len(a))[:n]], b[random.permutation(len(b))[:n]]
        values.append(distance(first, second))
    low, high = np.quantile(values, (0.025, 0.975))
    return float(np.mean(values)), float(low), float(high)
