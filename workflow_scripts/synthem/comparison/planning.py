"""What a design can find before it is run: power, the effect it can detect, the replicates it needs."""

from functools import lru_cache

import numpy as np
from scipy import special

from synthem.comparison.blocks import FEW, block_length, correlations, cut, error_of, spread_hidden
from synthem.comparison.designs import FEWEST, never_helps
from synthem.comparison.layout import Components
from synthem.comparison.looks import adjusted, level

# Replicates that are asked for: above 20 in steps of about a tenth, as nobody knows better; above 200 nobody
# will train them.
NUMBERS = np.unique([*range(1, 21), *np.geomspace(20, 200, 25).round().astype(int)])
QUANTILES = (np.arange(20) + 0.5) / 20
TRUTHS = (np.arange(5) + 0.5) / 5  # quantiles of what a variance may be, where a study has found one
WEIGHT = 4  # degrees of freedom of what is expected beside what a study has found
POWER = 0.8  # a probability of the right verdict that is called enough
LEAST_VARIANCE = 1e-12  # of a difference: runs that are equal to the bit still have a power and a p
# Of an IoU, where nothing has been run yet (docs/results.md): the standard deviation of one run, of what a
# slice adds to the difference of two arms in every replicate, and in one; the correlation of neighbouring
# slices.
RUN_SD, SLICE_SD, REST_SD, CORRELATION = 0.03, 0.02, 0.04, 0.7


@lru_cache(maxsize=256)
def prior(n_slices, replicates=10):
    """(Components, blocks) to plan with where nothing has been run: of so many test slices.

    replicates: of the study that finds them; ten where their number is what is asked for.
    """
    correlation = correlation_to_plan_with(n_slices, replicates)
    length = block_length(n_slices, correlation)
    n_blocks = len(cut(n_slices, length))
    found, true = (spread_hidden(n_slices, length, own)[0] for own in (correlation, CORRELATION))
    of_mean = SLICE_SD**2 * float(correlations(n_slices, CORRELATION).mean())
    blocks, rest = of_mean * n_blocks * found / true, REST_SD**2 * n_blocks / n_slices
    return Components(2 * RUN_SD**2, 0.0, blocks, rest), n_blocks


def correlation_to_plan_with(n_slices, replicates):
    """The correlation of neighbouring slices that costs as much power as those that single studies find.

    These scatter, the more so the fewer slices there are and the more the noise of few replicates hides what
    they share: by two errors of that part. With this the promised power is kept within about 5 points, or
    exceeded (benchmarks/verdicts.py, by which the limit was chosen).
    """
    shared = SLICE_SD**2 / (SLICE_SD**2 + REST_SD**2 / replicates)
    raised = CORRELATION + 2 * error_of(CORRELATION, n_slices) / shared
    limit = 0.9 + 0.03 * max(0, 1 - n_slices / FEW) + 1.2 / max(replicates, FEWEST) ** 2
    return min(raised, limit)


def possible_components(found, *, replicates, blocks, seeds, expected):
    """Components [truths, 1] that may lie behind those `found` by a study of so many replicates and blocks.

    A few replicates or blocks say little of how much they differ, and where they differ least by chance, most
    would be promised. So both variances are averaged with those of `expected`, (Components, blocks) of
    `prior` or None, which weigh as WEIGHT degrees of freedom, and the truth is taken to lie around the mean
    as chi-square scatters with as many. More blocks than expected count as no more: it is by chance, too,
    that slices look independent.
    """
    own, freedom, weight = _parts(found, blocks, seeds), [replicates - 1, blocks - 1], 0
    others = own
    if expected:
        others, weight = _parts(*expected, seeds=1), WEIGHT
        freedom[1] = min(blocks, expected[1]) - 1
    draws = [
        (df * one + weight * other) / special.chdtri(df + weight, TRUTHS)
        for df, one, other in zip(freedom, own, others, strict=True)
    ]
    of_replicates, of_blocks = (each.reshape(-1, 1) for each in np.meshgrid(*draws))
    return Components(of_replicates, 0.0, blocks * of_blocks, 0.0)


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


def detectable(components, **design):
    """The difference that a design finds with a probability of POWER; None where it finds none up to 1."""
    low, high = 0.0, 1.0  # of an IoU
    if power(components, effect=high, **design) < POWER:
        return None
    for _ in range(30):
        effect = (low + high) / 2
        low, high = (low, effect) if power(components, effect=effect, **design) >= POWER else (effect, high)
    return high


def needed_replicates(components, *, blocks, effect, confidence, planned_replicates, family, seeds, run=0):
    """About how many replicates find `effect` with a probability of POWER; None if 200 are too few.

    components: of `prior`, or the mean over all that are `possible`. planned_replicates: of a study that has
    been looked at and goes on; None: of a new one, planned with that number. run: replicates that have not
    decided it: more are needed.
    """
    numbers = NUMBERS[(NUMBERS >= max(FEWEST, planned_replicates or 0)) & (NUMBERS > run)]
    if blocks < FEWEST or not len(numbers):
        return None
    tails = _tails((1 - confidence) / family, tuple(numbers.tolist()), planned_replicates)
    enough = _power(components, numbers, blocks, seeds, effect, tails) >= POWER
    return int(numbers[enough.argmax()]) if enough.any() else None


def expected_p(components, *, replicates, blocks, effect, planned_replicates, family, seeds):
    """p_adjusted where the difference comes out as `effect`; the smallest of an IoU is that of effect=1."""
    variance, df = _variance(components, replicates, blocks, seeds)
    p = 2 * float(special.stdtr(df, -effect / variance**0.5))
    return min(1.0, family * adjusted(p, replicates=replicates, planned=planned_replicates))


@lru_cache(maxsize=1024)
def _tails(error, numbers, planned):
    """[designs]: error of one side, of a look at a study of `planned` replicates, or of so many planned."""
    return np.array([level(error, replicates=n, planned=planned or n) / 2 for n in numbers])


def _power(components, replicates, blocks, seeds, effect, tails):
    """[designs]: Student's t of an effect is normal, given its spread: the mean over what is found of it."""
    variance, df = _variance(components, replicates, blocks, seeds)
    bound, shift = -special.stdtrit(df, tails), effect / variance**0.5
    narrow = 2 / (9 * df[..., None])
    spread = (
        np.maximum(1 - narrow + special.ndtri(QUANTILES) * narrow**0.5, 0) ** 1.5
    )  # Wilson & Hilferty 1931
    reach, shift = bound[..., None] * spread, shift[..., None]
    found = (special.ndtr(shift - reach) + special.ndtr(-shift - reach)).mean(axis=-1)
    return found.reshape(-1, len(replicates)).mean(axis=0)


def _parts(components, blocks, seeds):
    """Variances of a replicate's difference, on blocks that are given, and of the mean of blocks."""
    of_replicate = components.replicates + components.seeds / seeds + components.rest / blocks
    return of_replicate, components.blocks / blocks


def _variance(components, replicates, blocks, seeds):
    """(Variance of the mean difference, degrees of freedom), as `layout.mean_of` finds them on average."""
    of_replicate, of_blocks = _parts(components, blocks, seeds)
    parts = of_replicate / replicates, of_blocks
    variance = parts[0] + parts[1] + LEAST_VARIANCE
    return variance, variance**2 / (
        parts[0] ** 2 / (replicates - 1) + parts[1] ** 2 / (blocks - 1) + LEAST_VARIANCE**2
    )
