"""The share of images that lie above what nearly all real unseen ones have, and how sure that is."""

import numpy as np

from synthem.metrics.ranges import wilson
from synthem.realism.distances import CONFIDENCE, groups_of, jackknife_interval

NEARLY_ALL = 0.95  # of the real ones: so many of others like them lie below the limit


def share_above(values, *unseen):
    """The share of values [n] above the limit, which nearly all of every unseen set lie below."""
    limit = max(np.quantile(own, NEARLY_ALL) for own in unseen)
    return float((values > limit).mean())


def share_interval(values, *unseen):
    """(low, high) of `share_above` over other slices, of sets (values [n], slice of each [n]).

    By the jackknife, but never less than Wilson's of images that do not hang together: where none is above
    the limit, the jackknife knows of no scatter. None, None where there is one group of slices.
    """
    low, high = jackknife_interval(lambda *sets: share_above(*(own.ravel() for own in sets)), values, *unseen)
    if low is None:
        return None, None
    own, _ = values
    share = share_above(own, *(other for other, _ in unseen))
    least, most = wilson(share * len(own), len(own), CONFIDENCE)
    return max(min(low, least), 0.0), min(max(high, most), 1.0)


def share_of_unseen(values, slices, *others):
    """The share of unseen values [n] above the limit of those of other slices (and of other unseen sets).

    So many of images that are no copies are expected above it. None where there is one group of slices.
    """
    groups = groups_of(slices)
    if len(groups) < 2:
        return None
    above = 0.0
    for group in groups:
        own = np.isin(slices, group)
        above += own.sum() * share_above(values[own], values[~own], *others)
    return float(above / len(values))
