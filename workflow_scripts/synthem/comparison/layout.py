"""Replicates x blocks: the mean difference, how sure it is, and what it varies with."""

from typing import NamedTuple

import numpy as np

from synthem.comparison.blocks import block_length, cut, pseudo_values, slice_correlation, spread_hidden


class Components(NamedTuple):
    """Variances of what one replicate, seed or block adds to a difference arm - reference; none is negative.

    With `replicates` R of `seeds` S each, and B blocks, the mean difference has the variance
    (replicates + seeds / S) / R + blocks / B + rest / (R B).
    """

    replicates: float  # all that a replicate draws: labels, GAN, masks, noise, and the U-Net where seeds is 0
    seeds: float  # of U-Nets in one replicate; 0 where there is one in each
    blocks: float  # what a block adds in every replicate, as if blocks were independent
    rest: float  # what a block adds in one replicate


class Estimate(NamedTuple):
    """A difference of two arms, over replicates and blocks of test slices."""

    reference: float  # score of the reference, mean over replicates
    arm: float
    difference: float
    variance: float  # of `difference`, for other replicates and other slices
    df: float  # degrees of freedom of `variance`
    components: Components
    replicates: int
    seeds: float  # in a replicate (harmonic mean)
    blocks: int


def mean_squares(d):
    """Of a two-way layout d[replicate, block] without repetition: (of replicates, of blocks, of the rest)."""
    n_rows, n_columns = d.shape
    rows, columns = d.mean(axis=1, keepdims=True), d.mean(axis=0, keepdims=True)
    rest = d - rows - columns + d.mean()
    return (
        float(n_columns * rows.var(ddof=1)),
        float(n_rows * columns.var(ddof=1)),
        float((rest**2).sum() / ((n_rows - 1) * (n_columns - 1))),
    )


def estimate(pairs, endpoint):
    """Estimate of `pairs.Pairs`; None of fewer than two replicates or slices, or of an undefined score.

    V = (MS_r + h max(MS_b - MS_rb, 0)) / (R B), never below max(MS_r, MS_b) / (R B): the two-way layout,
    where h (`blocks.spread_hidden`) is how much more blocks vary than correlated neighbours show; 1 if they
    are independent. Seeds of one replicate are averaged first. Degrees of freedom: Satterthwaite's.
    """
    n_slices = pairs.arm.shape[1]
    names, places, counts = np.unique(pairs.replicates, return_inverse=True, return_counts=True)
    if len(names) < 2 or n_slices < 2:
        return None
    averages = (places == np.arange(len(names))[:, None]) / counts[:, None]  # [replicates, runs]

    def scores(starts):
        return [pseudo_values(arm, starts, endpoint.score) for arm in (pairs.reference, pairs.arm)]

    before, after = scores(np.arange(n_slices))
    if not np.isfinite(after - before).all():
        return None
    correlation = slice_correlation(averages @ (after - before))
    length = block_length(n_slices, correlation)
    before, after = scores(cut(n_slices, length))
    if not np.isfinite(after - before).all():
        return None
    by_run = after - before
    d = averages @ by_run
    seeds, n_seeds = _seeds(by_run.mean(axis=1), places, counts)
    factor, df_blocks = spread_hidden(n_slices, length, correlation)
    variance, df, components = two_way(d, factor=factor, df_blocks=df_blocks)
    own = max(0.0, components.replicates - seeds / n_seeds)
    components = components._replace(replicates=own, seeds=min(seeds, n_seeds * components.replicates))
    means = [float((averages @ arm).mean()) for arm in (before, after)]
    return Estimate(*means, means[1] - means[0], variance, df, components, *_sizes(d, n_seeds))


def two_way(d, *, factor, df_blocks):
    """d[replicate, block] -> (variance of the mean, its degrees of freedom, Components without seeds)."""
    n_replicates, n_blocks = d.shape
    n = d.size
    replicates, blocks, rest = mean_squares(d)
    excess = factor * max(blocks - rest, 0.0)
    variance = (replicates + excess) / n
    squares = (replicates / n) ** 2 / (n_replicates - 1) + (excess / n) ** 2 / df_blocks
    df = variance**2 / squares if squares else n_replicates - 1
    if variance < blocks / n:
        variance, df = blocks / n, n_blocks - 1
    components = Components(
        max(replicates - rest, 0.0) / n_blocks, 0.0, excess / n_replicates, max(rest, 0.0)
    )
    return float(variance), float(df), components


def pooled(estimates):
    """Mean of independent Estimates: several target volumes, or folds of one, as strata of equal weight.

    A replicate of it is one of every stratum.
    """
    n = len(estimates)
    variances = [own.variance / n**2 for own in estimates]
    squares = sum(v**2 / own.df for v, own in zip(variances, estimates, strict=True))
    reference, arm = (
        float(np.mean([getattr(own, name) for own in estimates])) for name in ("reference", "arm")
    )
    return Estimate(
        reference,
        arm,
        arm - reference,
        sum(variances),
        sum(variances) ** 2 / squares if squares else sum(own.df for own in estimates),
        pooled_components([own.components for own in estimates]),
        min(own.replicates for own in estimates),
        min(own.seeds for own in estimates),
        sum(own.blocks for own in estimates),
    )


def pooled_components(parts):
    """Components of the mean of strata alike, where a replicate is one of each and all blocks count."""
    n, means = len(parts), Components(*(float(np.mean(values)) for values in zip(*parts, strict=True)))
    return means._replace(replicates=means.replicates / n, seeds=means.seeds / n)


def _seeds(by_run, places, counts):
    """(Variance between U-Net seeds of one replicate, 0 where there are none; seeds in a replicate)."""
    n_seeds = len(counts) / (1 / counts).sum()
    within = len(by_run) - len(counts)
    if not within:
        return 0.0, n_seeds
    means = np.bincount(places, by_run) / counts
    return float(((by_run - means[places]) ** 2).sum() / within), n_seeds


def _sizes(d, n_seeds):
    return d.shape[0], float(n_seeds), d.shape[1]
