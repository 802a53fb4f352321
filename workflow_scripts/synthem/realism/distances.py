"""How far two sets of images lie apart by their features, and how sure that is."""

import numpy as np
from scipy.special import stdtrit

GROUPS = 10  # of neighbouring slices: neighbours look alike, so the group is the unit of the interval
CONFIDENCE = 0.95


def frechet_distance(a, b):
    """Frechet distance of the Gaussians of two sets [n, F], [m, F]: FID's formula (Heusel et al. 2017).

    It is too large for small sets: n images tell the covariance of F features badly, and two sets of one
    source lie apart by about 1 / n. So numbers of one n alone can be compared, and with what real images have
    at it.
    """
    means = a.mean(axis=0) - b.mean(axis=0)
    a, b = _root_of_covariance(a), _root_of_covariance(b)
    # The trace of the root of C_a C_b is the sum of the singular values of root(C_a) root(C_b)^T.
    shared = np.linalg.svd(a @ b.T, compute_uv=False).sum()
    return max(float(means @ means + (a**2).sum() + (b**2).sum() - 2 * shared), 0.0)


def kernel_distance(a, b):
    """Squared maximum mean discrepancy of two sets, kernel (x.y / F + 1)^3: KID (Bińkowski et al. 2018).

    Without bias: its mean is 0 for two sets of one source, whatever their sizes, so it may be negative.
    """
    return float(_others(kernel(a, a)) + _others(kernel(b, b)) - 2 * kernel(a, b).mean())


def kernel(a, b):
    """The polynomial kernel of each pair: [n, m]."""
    return (a @ b.T / a.shape[1] + 1) ** 3


def jackknife_interval(statistic, *sets):
    """(low, high) of statistic(*features) by the jackknife over groups of neighbouring slices.

    sets: (features [n, F], slice of each [n]). Each group is left out of all sets at once: what the images of
    a slice have in common is then part of the uncertainty. It is about other slices of such tissue, not about
    other networks. None, None where there are fewer than two groups.
    """
    groups = groups_of(np.concatenate([slices for _, slices in sets]))
    without = []
    for group in groups:
        left = [features[~np.isin(slices, group)] for features, slices in sets]
        if all(len(features) >= 2 for features in left):
            without.append(statistic(*left))
    if len(without) < 2:
        return None, None
    count, values = len(without), np.array(without)
    error = np.sqrt((count - 1) / count * ((values - values.mean()) ** 2).sum())
    half = stdtrit(count - 1, (1 + CONFIDENCE) / 2) * error
    middle = statistic(*(features for features, _ in sets))
    return float(middle - half), float(middle + half)


def groups_of(slices):
    """The numbers of slices that are there, in at most GROUPS groups of neighbours."""
    numbers = np.unique(slices)
    return np.array_split(numbers, min(GROUPS, len(numbers)))


def _root_of_covariance(features):
    """A matrix of at most F rows whose square is the covariance of the features."""
    centred = (features - features.mean(axis=0)) / np.sqrt(len(features) - 1)
    return np.linalg.qr(centred, mode="r") if len(centred) > centred.shape[1] else centred


def _others(kernels):
    """The mean over all pairs of two different images."""
    count = len(kernels)
    return (kernels.sum() - np.trace(kernels)) / (count * (count - 1))
