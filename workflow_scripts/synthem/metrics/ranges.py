"""What values a score can have: intervals of means end there, those of differences are shown no further.

Student's interval of a few differences knows no bounds. Tables keep it as it is; what people read is clipped.
"""

from math import inf

from synthem.metrics.definitions import PARTITIONS, SCORES

ERRORS_UP_TO_1 = ("arand",)  # less is better, and 1 is the worst
# Of generated images. Kernel distances are estimated without bias, so they may lie below 0.
NOT_BELOW_0 = ("fd", "fid", "diversity", "diversity_relative")


def possible(metric):
    """(lowest, highest) value of a score; (-inf, inf) of what we do not know, or has no bounds."""
    if metric in NOT_BELOW_0:
        return 0.0, inf
    known = (SCORES | PARTITIONS).get(metric)
    if known is None or known.best is None:
        return -inf, inf
    return 0.0, 1.0 if known.best == 1 or metric in ERRORS_UP_TO_1 else inf


def possible_difference(metric):
    """(lowest, highest) difference of two values of a score."""
    low, high = possible(metric)
    return low - high, high - low


def within(value, bounds):
    """A number, no further than the bounds; None stays None."""
    return value if value is None else min(max(value, bounds[0]), bounds[1])
