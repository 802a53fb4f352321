"""Two-way random-effects analysis of replicates x blocks of test slices, of one target or several.

The mean difference of two arms, its variance with degrees of freedom, and its components of variance.
"""

from functools import reduce
from typing import NamedTuple

import numpy as np

from synthem.comparison.blocks import (
    block_length,
    cut,
    effective,
    pseudo_values,
    slice_correlation,
    spread_hidden,
)


class Components(NamedTuple):
    """Variances of what one replicate, seed or block adds to a difference arm - reference; none is negative.

    With `replicates` R of `seeds` S each, and B blocks, the mean difference has the variance
    (replicates + seeds / S) / R + blocks / B + rest / (R B). Of several strata a replicate is its mean over
    all of them, and B counts the blocks of all.
    """

    replicates: float  # all that a replicate draws: labels, GAN, masks, noise, and the U-Net where seeds is 0
    seeds: float  # of U-Nets in one replicate; 0 where there is one in each
    blocks: float  # what a block adds in every replicate, as if blocks were independent
    rest: float  # what a block adds in one replicate


class Layout(NamedTuple):
    """One stratum of a study, a target or a test block: pseudo-values of a difference."""

    d: np.ndarray  # [replicates, blocks], arm - reference, means over the seeds of a replicate
    factor: float  # how much more blocks vary than their spread shows (`blocks.spread_hidden`)
    df_blocks: float
    few: bool = False  # few slices (`blocks.FEW`): what is taken off as noise is uncertain, too


class OfBlocks(NamedTuple):
    """What test slices add to the variance of a mean over replicates."""

    parts: tuple  # independent variances, whose errors are those of the sum; some are taken off
    dfs: tuple
    added: float  # their sum, where it is more than nothing
    alone: tuple  # (variance, df) that blocks show by themselves: the whole is never below it

    def beside(self, replicates, df):
        """(Variance for other replicates and other slices, its degrees of freedom), numbers or arrays.

        replicates, df: the variance of the mean over replicates, where all are tested on the same slices.
        """
        whole = replicates + self.added
        variance, df = satterthwaite([replicates, *self.parts], [df, *self.dfs], whole=whole)
        least, df_least = self.alone
        return np.maximum(variance, least), np.where(variance < least, df_least, df)


class Estimate(NamedTuple):
    """A difference of two arms, over replicates and blocks of test slices."""

    reference: float  # score of the reference, mean over replicates
    arm: float
    difference: float
    variance: float  # of `difference`, for other replicates and other slices
    df: float  # degrees of freedom of `variance`
    components: Components
    replicates: int
    seeds: float  # in a replicate (harmonic mean; of strata the fewest)
    blocks: int  # of all strata
    effective_blocks: float  # of all strata: as many of equal weight say as much (`blocks.effective`)
    of_blocks: OfBlocks


def estimate(strata, endpoint, *, noise_hides=False):
    """Estimate of the mean over strata of equal weight: `pairs.Pairs` of targets, or of folds of one stack.

    A replicate counts where every stratum has it. None of fewer than two replicates, or of two slices in a
    stratum, or of an undefined score. noise_hides: of `blocks.slice_correlation`; wider where it matters.
    """
    shared = reduce(np.intersect1d, [np.unique(own.replicates) for own in strata])
    found = [_stratum(own, shared, endpoint, noise_hides) for own in strata]
    if None in found:
        return None
    layouts, means, effective_blocks, seeds, n_seeds = zip(*found, strict=True)
    variance, df, components = mean_of(layouts)
    components = _with_seeds(components, float(np.mean(seeds)) / len(strata), min(n_seeds))
    reference, arm = np.mean(means, axis=0).tolist()
    n_blocks = sum(own.d.shape[1] for own in layouts)
    sizes = len(shared), min(n_seeds), n_blocks, sum(effective_blocks)
    return Estimate(reference, arm, arm - reference, variance, df, components, *sizes, of_blocks(layouts))


def plain_means(strata, endpoint):
    """(Score of the reference, of the arm, replicates): means alone, where there is no Estimate; or None."""
    shared = reduce(np.intersect1d, [np.unique(own.replicates) for own in strata])
    means = [
        [
            np.mean([endpoint.score(arm[own.replicates == run].sum(axis=1)).mean() for run in shared])
            for arm in (own.reference, own.arm)
        ]
        for own in strata
        if len(shared)
    ]
    if not means or not np.isfinite(means).all():
        return None
    return *np.mean(means, axis=0).tolist(), len(shared)


def mean_squares(d):
    """Mean squares (of replicates, blocks, the rest) of a layout d[replicate, block] without repetition."""
    n_rows, n_columns = d.shape
    rows, columns = d.mean(axis=1, keepdims=True), d.mean(axis=0, keepdims=True)
    rest = d - rows - columns + d.mean()
    return (
        float(n_columns * rows.var(ddof=1)),
        float(n_rows * columns.var(ddof=1)),
        float((rest**2).sum() / ((n_rows - 1) * (n_columns - 1))),
    )


def mean_of(layouts):
    """Layouts of the same replicates -> (variance of the mean of their means, its df, Components, no seeds).

    Replicates of one number share seeds, and may share more, in all S strata: one counts as a whole, its mean
    over them. V = (variance over R such replicates) / R + what test slices add, which are of one stratum
    alone: the sum of h max(MS_b - MS_rb, 0) / (R B) / S**2, where h is Layout.factor. V is never below what
    blocks alone show, the sum of MS_b / (R B) / S**2. Of one stratum V is the two-way layout's (MS_r +
    h max(MS_b - MS_rb, 0)) / (R B), or MS_b / (R B). Degrees of freedom: Satterthwaite's; of few slices
    h MS_b and h MS_rb err each on its own, so that even a difference of 0 is uncertain.
    """
    n_replicates, n_blocks = len(layouts[0].d), sum(own.d.shape[1] for own in layouts)
    of_replicates = np.mean([own.d.mean(axis=1) for own in layouts], axis=0)
    replicates = of_replicates.var(ddof=1) / n_replicates
    variance, df = of_blocks(layouts).beside(replicates, n_replicates - 1)
    _, _, rest = _variances(layouts)
    components = Components(
        n_replicates * max(float(replicates - rest.sum()), 0.0),
        0.0,
        n_blocks * float(excess_of(layouts).sum()),
        n_replicates * n_blocks * float(rest.sum()),
    )
    return float(variance), float(df), components


def of_blocks(layouts):
    """`OfBlocks` of the mean of strata; of few slices h MS_b and h MS_rb err each on its own."""
    _, blocks, rest = _variances(layouts)
    excess, few = excess_of(layouts), [own.few for own in layouts]
    factors = [own.factor for own in layouts]
    return OfBlocks(
        (*np.where(few, blocks * factors, excess), *np.where(few, -rest * factors, 0)),
        (
            *(own.df_blocks for own in layouts),
            *((len(own.d) - 1) * (own.d.shape[1] - 1) for own in layouts),
        ),
        float(excess.sum()),
        tuple(map(float, satterthwaite(blocks, [own.d.shape[1] - 1 for own in layouts]))),
    )


def excess_of(layouts):
    """[strata]: what test slices that differ in all replicates add to the variance of the mean of strata."""
    _, blocks, rest = _variances(layouts)
    return np.maximum(blocks - rest, 0) * [own.factor for own in layouts]


def _variances(layouts):
    """[3, strata]: `mean_squares` of each as parts of the variance of the mean of strata."""
    return np.transpose([np.array(mean_squares(own.d)) / own.d.size / len(layouts) ** 2 for own in layouts])


def satterthwaite(parts, dfs, whole=None):
    """(Sum of independent variances, its degrees of freedom); of nothing but zeros those of the first.

    Each is a number or an array: as many sums as that has elements. whole: the sum, where some parts are
    taken off and more than there is would be; it has 1 degree of freedom at least, as two numbers have.
    """
    variance, squares = sum(parts), sum(part**2 / df for part, df in zip(parts, dfs, strict=True))
    if whole is not None:
        variance, squares = whole, np.minimum(squares, whole**2)
    return variance, np.where(squares > 0, variance**2 / np.where(squares > 0, squares, 1), dfs[0])


def pooled_components(strata):
    """[(Components, blocks)] of strata -> Components of their mean, as if replicates shared nothing there."""
    n_blocks, weight = sum(blocks for _, blocks in strata), 1 / len(strata) ** 2
    return Components(
        weight * sum(own.replicates for own, _ in strata),
        weight * sum(own.seeds for own, _ in strata),
        weight * n_blocks * sum(own.blocks / blocks for own, blocks in strata),
        weight * n_blocks * sum(own.rest / blocks for own, blocks in strata),
    )


def _stratum(pairs, shared, endpoint, noise_hides):
    """(Layout, scores of reference and arm, effective blocks, variance between seeds, seeds), or None."""
    own = np.isin(pairs.replicates, shared)
    _, places, counts = np.unique(pairs.replicates[own], return_inverse=True, return_counts=True)
    summands, n_slices = (pairs.reference[own], pairs.arm[own]), pairs.arm.shape[1]
    if len(shared) < 2 or n_slices < 2:
        return None
    averages = (places == np.arange(len(shared))[:, None]) / counts[:, None]  # [replicates, runs]

    def scores(starts):
        return [pseudo_values(arm, starts, endpoint.score) for arm in summands]

    before, after = scores(np.arange(n_slices))
    if not np.isfinite(after - before).all():
        return None
    correlation, few = slice_correlation(averages @ (after - before), noise_hides=noise_hides)
    length = block_length(n_slices, correlation)
    starts = cut(n_slices, length)
    before, after = scores(starts)
    if not np.isfinite(after - before).all():
        return None
    hidden = spread_hidden(n_slices, length, correlation)
    layout = Layout(averages @ (after - before), *hidden, few)
    means = [float((averages @ arm).mean()) for arm in (before, after)]
    weights = endpoint.weight(np.add.reduceat(pairs.reference[0], starts, axis=0))  # alike in all runs
    seeds = _seeds((after - before).mean(axis=1), places, counts)
    return layout, means, effective(weights), *seeds


def _seeds(by_run, places, counts):
    """(Variance between U-Net seeds of one replicate, 0 where there are none; seeds in a replicate)."""
    n_seeds = float(len(counts) / (1 / counts).sum())
    within = len(by_run) - len(counts)
    if not within:
        return 0.0, n_seeds
    means = np.bincount(places, by_run) / counts
    return float(((by_run - means[places]) ** 2).sum() / within), n_seeds


def _with_seeds(components, seeds, n_seeds):
    """Components whose part of the seeds has been taken from that of the replicates."""
    return components._replace(
        replicates=max(0.0, components.replicates - seeds / n_seeds),
        seeds=min(seeds, n_seeds * components.replicates),
    )
