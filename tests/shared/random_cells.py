"""Random cells that fill a volume."""

import numpy as np


def cells(shape, count, seed):
    """Labels 1..count: the nearest of some random points."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, shape, (count, 3))
    places = np.indices(shape).reshape(3, -1).T
    return (1 + ((places[:, None] - points) ** 2).sum(-1).argmin(1)).reshape(shape)
