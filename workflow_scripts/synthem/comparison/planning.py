"""What a design can find before it is run: power, the effect it can detect, the replicates it needs."""

from functools import lru_cache

import numpy as np
from scipy import special

from synthem.comparison.blocks import block_length, correlations, cut, raised, spread_hidden
from synthem.comparison.designs import FEWEST, never_helps
from synthem.comparison.layout import Components
from synthem.comparison.looks import adjusted, level

MOST_REPLICATES = 200  # more, and nobody will train them
QUANTILES = (np.arange(100) + 0.5) / 100
LEAST_VARIANCE = 1e-12  # of a difference: runs that are equal to the bit still have a power and a p
# Of an IoU, where nothing has been run yet (docs/results.md): the standard deviation of one run, of what a
# slice adds to the difference of two arms in every replicate, and in one; the correlation of neighbouring
# slices.
RUN_SD, SLICE_SD, REST_SD, CORRELATION = 0.03, 0.02, 0.04, 0.7


def prior(n_slices):
    """(Components, blocks) to plan with where nothing has been run: of so many test slices."""
    # As it will be found, and once more its error, for the estimates of single studies scatter: with this the
    # promised power is kept within 5 points from 24 slices on, and exceeded with fewer
    # (benchmarks/verdicts.py).
    correlation = raised(CORRELATION, n_slices, errors=2)
    length = block_length(n_slices, correlation)
    n_blocks = len(cut(n_slices, length))
    found, true = (spread_hidden(n_slices, length, own)[0] for own in (correlation, CORRELATION))
    of_mean = SLICE_SD**2 * float(correlations(n_slices, CORRELATION).mean())
    blocks, rest = of_mean * n_blocks * found / true, REST_SD**2 * n_blocks / n_slices
    return Components(2 * RUN_SD**2, 0.0, blocks, rest), n_blocks


def power(components, *, replicates, blocks, effect, confidence, planned_replicates, family, seeds):
    """Probability of the verdict "helps" (or "harms") where the true difference is +-`effect`.

    family: how many arms and budgets of a target are compared; the first of them has to pass Holm's strictest
    step. seeds: U-Nets of each arm in a replicate. Below planned_replicates the probability is 0.
    """
    design = {"replicates": replicates, "blocks": blocks, "planned_replicates": planned_replicates}
    if never_helps(**design):
        return 0.0
    tail = level((1 - confidence) / family, replicates=replicates, planned=planned_replicates) / 2
    return float(_power(components, np.array([replicates]), blocks, seeds, effect, np.array([tail]))[0])


def detectable(components, *, wanted=0.8, **design):
    """The difference that a design finds with the power `wanted`; None where it finds none up to 1."""
    low, high = 0.0, 1.0  # of an IoU
    if power(components, effect=high, **design) < wanted:
        return None
    for _ in range(30):
        effect = (low + high) / 2
        low, high = (low, effect) if power(components, effect=effect, **design) >= wanted else (effect, high)
    return high


def needed_replicates(
    components, *, blocks, effect, confidence, planned_replicates, family, seeds, wanted=0.8, run=0
):
    """Replicates with which a design finds `effect` with the power `wanted`; None if 200 are too few.

    planned_replicates: of a study that has been looked at and goes on; None: of a new one, planned with that
    number. run: replicates that have not decided it: more are needed.
    """
    if blocks < FEWEST:
        return None
    first = max(FEWEST, planned_replicates or 0)
    numbers = np.arange(first, MOST_REPLICATES + 1)
    tails = _tails((1 - confidence) / family, first, planned_replicates)
    enough = (_power(components, numbers, blocks, seeds, effect, tails) >= wanted) & (numbers > run)
    return int(numbers[enough.argmax()]) if enough.any() else None


def expected_p(components, *, replicates, blocks, effect, planned_replicates, family, seeds):
    """p_adjusted where the difference comes out as `effect`; the smallest of an IoU is that of effect=1."""
    variance, df = _variance(components, replicates, blocks, seeds)
    p = 2 * float(special.stdtr(df, -effect / variance**0.5))
    return min(1.0, family * adjusted(p, replicates=replicates, planned=planned_replicates))


@lru_cache(maxsize=256)
def _tails(error, first, planned):
    """[first to MOST_REPLICATES]: error of one side, of a look at `planned` or of that number planned."""
    numbers = range(first, MOST_REPLICATES + 1)
    return np.array([level(error, replicates=n, planned=planned or n) / 2 for n in numbers])


def _power(components, replicates, blocks, seeds, effect, tails):
    """[designs]: Student's t of an effect is normal, given its spread: the mean over what is found of it."""
    variance, df = _variance(components, replicates, blocks, seeds)
    bound, shift = -special.stdtrit(df, tails), effect / variance**0.5
    narrow = 2 / (9 * df[:, None])
    spread = (
        np.maximum(1 - narrow + special.ndtri(QUANTILES) * narrow**0.5, 0) ** 1.5
    )  # Wilson & Hilferty 1931
    reach = bound[:, None] * spread
    return (special.ndtr(shift[:, None] - reach) + special.ndtr(-shift[:, None] - reach)).mean(axis=1)


def _variance(components, replicates, blocks, seeds):
    """(Variance of the mean difference, degrees of freedom), as `layout.mean_of` finds them on average."""
    of_replicates = components.replicates + components.seeds / seeds + components.rest / blocks
    parts = of_replicates / replicates, components.blocks / blocks
    variance = parts[0] + parts[1] + LEAST_VARIANCE
    return variance, variance**2 / (
        parts[0] ** 2 / (replicates - 1) + parts[1] ** 2 / (blocks - 1) + LEAST_VARIANCE**2
    )
