"""Blocks of neighbouring test slices: what each says of a score, and how long it must be."""

from functools import lru_cache

import numpy as np

FEWEST = 6  # blocks, where there are as many slices: of fewer nobody can see how much blocks differ
FEW = 24  # slices: fewer show so little of what slices share that the error of that counts (docs/results.md)
RAISED_TO = 0.9  # correlation of neighbouring slices, where it is what few slices leave open
LEAST_TOLD = 1e-4  # where noise hides all that slices share


def cut(n_slices, length):
    """Starts of blocks of at least `length` neighbouring slices, nearly equal in length."""
    n_blocks = max(1, n_slices // length)
    return np.arange(n_blocks) * n_slices // n_blocks


def pseudo_values(summands, starts, score):
    """Jackknife over blocks: float [runs, slices, k] -> [runs, blocks], whose mean is the score of a run.

    A pseudo-value is what a block says of the score: n * score - (n - 1) * score without the block, of n
    blocks. All of a run are shifted, so that their mean is the score itself instead of the jackknife's
    estimate of it; the shift is far below their spread.
    """
    blocks = np.add.reduceat(summands, starts, axis=-2)
    whole = blocks.sum(axis=-2, keepdims=True)
    n = len(starts)
    values = n * score(whole) - (n - 1) * score(whole - blocks)
    return values + (score(whole) - values.mean(axis=-1, keepdims=True))


def effective(weights):
    """How many blocks of equal weight say as much as these (Kish 1965): float [blocks] -> at most blocks."""
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0


def slice_correlation(d, *, noise_hides=False):
    """(Correlation, of neighbouring slices, of what a slice adds to the difference in every replicate,
    whether the slices are few).

    d: pseudo-values [replicates, slices], arm - reference. What the replicates share is told from noise by
    the products of different replicates: the covariances of the means over replicates less those of the rest.
    The estimate is freed of the bias that few slices give it (Marriott & Pope 1954), and then `raised`: of
    FEW slices by their standard error, of fewer by that of as many as noise leaves of them. noise_hides:
    as many as noise leaves are counted where it is asked whether they are FEW, too.
    """
    n_replicates, n = d.shape
    shared = d.mean(axis=0) - d.mean()
    rest = d - d.mean(axis=1, keepdims=True) - shared

    def covariance(lag):  # times the number of slices: (of the means, without what is noise)
        of_means, of_rest = ((x[..., lag:] * x[..., : n - lag]).sum() for x in (shared, rest))
        return of_means, of_means - of_rest / (n_replicates * (n_replicates - 1))

    (whole, own), (_, neighbours) = covariance(0), covariance(1)
    found = np.clip(neighbours / own, -1, 1) if own > 0 else 0.0
    found += (1 + 4 * found) / n
    told = own / whole if own > 0 else 0.0
    few = bool(n * (told if noise_hides else 1) < FEW)
    return raised(found, n, told if few else 1.0), few


def raised(correlation, n_slices, told=1.0):
    """A correlation and its standard error: what few slices leave open must not speak for an arm.

    told: the share of the differences between slices that is no noise; of n slices as many tell of the
    correlation. What is found beyond counts until all slices say as much as one alone: so few cannot show
    more.
    """
    with_error = min(correlation + error_of(correlation, n_slices * max(told, LEAST_TOLD)), RAISED_TO)
    highest = max((n_slices - 1) / (n_slices + 1), RAISED_TO)
    return float(np.clip(max(correlation, with_error), 0, highest))


def error_of(correlation, n_slices):
    """Standard error of a correlation of neighbouring slices."""
    return max(0.0, (1 - correlation**2) / n_slices) ** 0.5


def block_length(n_slices, correlation):
    """Slices of a block: as many as make blocks nearly independent, and leave FEWEST blocks."""
    length = np.ceil((1 + correlation) / (1 - correlation) - 1e-9)  # slices that say as much as one alone
    return int(np.clip(length, 1, max(1, n_slices // FEWEST)))


def correlations(n_slices, correlation):
    """[slice, slice]: correlation ** distance."""
    places = np.arange(n_slices)
    return correlation ** np.abs(np.subtract.outer(places, places))


def spread_hidden(n_slices, length, correlation):
    """(factor, df): how much more the mean of correlated blocks varies than the spread of the blocks shows.

    factor: variance of the mean over (variance between blocks / blocks), 1 for independent blocks; df:
    degrees of freedom of the variance between blocks. Exact for `correlations`.
    """
    # Rounded, so that few tables serve all; what is left to 1, for of 1 itself the spread shows nothing.
    return _spread_hidden(n_slices, length, 1 - float(f"{1 - correlation:.2g}"))


@lru_cache(maxsize=4096)
def _spread_hidden(n_slices, length, correlation):
    starts = cut(n_slices, length)
    n = len(starts)
    if n == 1:
        return np.nan, np.nan  # it has no spread
    lengths = np.diff(starts, append=n_slices)
    blocks = np.add.reduceat(correlations(n_slices, correlation), starts, axis=0)
    blocks = np.add.reduceat(blocks, starts, axis=1) / np.outer(lengths, lengths)  # of their means
    centred = blocks - blocks.mean(axis=0) - blocks.mean(axis=1, keepdims=True) + blocks.mean()
    between = np.trace(centred) / (n - 1)
    return blocks.mean() / (between / n), np.trace(centred) ** 2 / (centred**2).sum()
