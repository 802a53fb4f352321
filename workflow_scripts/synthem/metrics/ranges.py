"""What values a score can have: intervals of means end there, those of differences are shown no further.

Student's interval of a few differences knows no bounds. Tables keep it as it is; what people read is clipped.
"""

from math import inf

import numpy as np
from scipy.special import ndtri, stdtrit

from synthem.metrics.definitions import BEFORE, PARTITIONS, SCORES

BOUNDS = {1: (0, 1), 0: (0, inf), None: (-inf, inf)}  # by the best value, of scores that name no others
# Of generated images. Kernel distances are estimated without bias, so they may lie below 0.
NOT_BELOW_0 = ("fd", "fid", "diversity", "diversity_relative")
SHARES = ("pixel_accuracy", "dice_loss", "copied", "fidelity")  # over trainings; of generated images


def possible(metric):
    """(lowest, highest) value of a score; (-inf, inf) of what we do not know, or has no bounds."""
    if metric in NOT_BELOW_0:
        return 0.0, inf
    if metric in SHARES:
        return 0.0, 1.0
    known = (SCORES | PARTITIONS).get(metric.removesuffix(BEFORE))
    if known is None:
        return -inf, inf
    return tuple(map(float, known.bounds or BOUNDS[known.best]))


def possible_difference(metric):
    """(lowest, highest) difference of two values of a score."""
    low, high = possible(metric)
    return low - high, high - low


def within(value, bounds):
    """A number, no further than the bounds; None stays None."""
    return value if value is None else min(max(value, bounds[0]), bounds[1])


def half_width(deviation, count, confidence):
    """Half of Student's interval of a mean of `count` values, at least two, with this standard deviation."""
    return stdtrit(count - 1, (1 + confidence) / 2) * deviation / count**0.5


def wilson(count, of, confidence):
    """(low, high) of a share, count of so many that do not hang together (Wilson 1927)."""
    z = ndtri((1 + confidence) / 2)
    share, scale = count / of, 1 + z**2 / of
    middle = (share + z**2 / (2 * of)) / scale
    half = z / scale * (share * (1 - share) / of + z**2 / (4 * of**2)) ** 0.5
    return float(max(0.0, middle - half)), float(min(1.0, middle + half))


def level_interval(mean, half, bounds):
    """(low, high) of means whose Student's intervals are mean +- half, within the bounds of each score.

    Student's interval on a scale where bounds are infinitely far away, with the standard error that it has
    there at the mean (delta method): log odds of 0..1, and of the place between any two bounds (of -1..1 this
    is Fisher's z); the logarithm of what has no upper bound. So two replicates never say that an IoU is above
    1, and few of a score near a bound are wrong more rarely.
    """
    lowest, highest = np.array(bounds, float).reshape(-1, 2).T
    share, positive = np.isfinite(highest - lowest), (lowest == 0) & (highest == np.inf)
    start, size = np.where(share, lowest, 0), np.where(share, highest - lowest, 1)
    mean, half = (mean - start) / size, half / size
    still = (half == 0) | np.isin(mean, (0, 1)) & share  # the same in all replicates, but for rounding
    still &= ~np.isnan(half)  # a single one says nothing of the others
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        odds, factor = np.exp(half / (mean * (1 - mean))), np.exp(half / mean)
        low = [mean, mean / (mean + (1 - mean) * odds), mean / factor]
        high = [mean, mean / (mean + (1 - mean) / odds), mean * factor]
    kinds = [still, share, positive]
    ends = np.select(kinds, low, mean - half), np.select(kinds, high, mean + half)
    return tuple(start + size * end for end in ends)
