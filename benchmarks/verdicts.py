"""How often verdicts are wrong, and how often they find what is there: simulated tables, the real comparison.

python benchmarks/verdicts.py [draws]        last line JSON: every figure in per cent, beside its goal
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import numpy as np
import rounds  # noqa: F401 (the path of the library)

from synthem.comparison.layout import estimate
from synthem.comparison.pairs import Pairs, endpoint_of
from synthem.comparison.planning import CORRELATION, REST_SD, RUN_SD, SLICE_SD, power, prior
from synthem.comparison.statistics import Case, decide
from synthem.seeds import generator

DRAWS, PROCESSES = 2000, 2
CONFIDENCE, EFFECT = 0.95, 0.05
FALSE, COVERAGE, PROMISE = 6.5, (93.0, 97.0), 5.0  # per cent, per cent, points
VOXELS = 4000  # of the structure in a slice, which are marked or missed as independent ones


class Truth(NamedTuple):
    """Where simulated scores come from: standard deviations of an IoU."""

    replicates: int = 10
    slices: int = 24
    arms: int = 1
    effect: float = 0.0  # of every arm, on the IoU
    run: float = RUN_SD  # of a run: labels and U-Net, as differ between the arms of a replicate
    gan: float = 0.0  # of the GAN of an arm's replicate
    slice: float = SLICE_SD  # of what a slice adds to an arm in every replicate, correlated between slices
    rest: float = REST_SD  # of what it adds in one
    correlation: float = CORRELATION  # of neighbouring slices
    hard: float = 0.06  # of the slices themselves, for all arms alike
    tails: float = np.inf  # degrees of freedom of Student's t that all of these are drawn from


class Scenario(NamedTuple):
    truth: Truth
    planned: int  # replicates
    looks: bool = False  # after each replicate from the planned number on, until there is a verdict
    smallest_effect: float = EFFECT


def simulate(random, truth):
    """Counts of voxels (shared, extra, missed) and ones: float [1 + arms, replicates, slices, 4], reference first."""
    arms, replicates, slices = truth.arms + 1, truth.replicates, truth.slices
    is_arm = np.arange(arms)[:, None, None] > 0

    def drawn(sd, *shape):
        if np.isinf(truth.tails):
            return sd * random.standard_normal(shape)
        return sd * random.standard_t(truth.tails, shape) * ((truth.tails - 2) / truth.tails) ** 0.5

    def series(sd, *shape):
        values = drawn(sd, *shape)
        for z in range(1, shape[-1]):
            new = (1 - truth.correlation**2) ** 0.5 * values[..., z]
            values[..., z] = truth.correlation * values[..., z - 1] + new
        return values

    iou = 0.7 + series(truth.hard, 1, 1, slices) + drawn(truth.run, arms, replicates, 1)
    iou = iou + drawn(truth.rest / 2**0.5, arms, replicates, slices)
    iou = iou + is_arm * (
        truth.effect + drawn(truth.gan, arms, replicates, 1) + series(truth.slice, arms, 1, slices)
    )
    shared = random.binomial(VOXELS, np.clip(iou, 0.02, 0.98))
    missed = random.binomial(VOXELS - shared, 0.5)
    return np.stack([shared, VOXELS - shared - missed, missed, np.ones_like(shared)], axis=-1).astype(float)


def verdicts(random, scenario):
    """Rows of `decide` for each look, of one simulated study."""
    counts, endpoint = simulate(random, scenario.truth), endpoint_of("iou")
    last = scenario.truth.replicates
    looks = range(scenario.planned, last + 1) if scenario.looks else [last]
    for n in looks:
        look = {"replicates": n, "planned": scenario.planned}
        found = (estimate(Pairs(np.arange(n), counts[0, :n], arm[:n]), endpoint) for arm in counts[1:])
        cases = [Case(str(place), "all", own, look) for place, own in enumerate(found)]
        claims = {"confidence": CONFIDENCE, "smallest_effect": scenario.smallest_effect}
        yield decide(cases, controls={}, sign=1, **claims)


def rates(task):
    """Per cent of simulated studies of one scenario: with a false verdict, an interval that holds the truth, ..."""
    name, scenario, draws = task
    random = generator(0, "verdicts", name)
    truth = scenario.truth.effect
    sums = dict.fromkeys(("differs", "no effect", "covered", "exploratory"), 0)
    for _ in range(draws):
        rows = [row for look in verdicts(random, scenario) for row in look]
        words = {row["verdict"] for row in rows}
        sums["differs"] += bool(words & {"helps", "harms"})
        sums["no effect"] += "no effect" in words
        sums["exploratory"] += words == {"exploratory"}
        sums["covered"] += all(row["low"] <= truth <= row["high"] for row in rows)
    return {key: round(100 * value / draws, 1) for key, value in sums.items()}


def scenarios():
    """{name: Scenario}; a tenth of smallest_effect where nothing is to be called "no effect"."""

    def null(planned=None, **truth):
        truth = Truth(**truth)
        return Scenario(truth, planned or truth.replicates, smallest_effect=EFFECT / 10)

    precise = {"run": RUN_SD / 3, "slice": SLICE_SD / 4}
    margin = {"effect": EFFECT, **precise}
    return {
        "null 3 replicates": null(replicates=3),
        "null 5 replicates": null(replicates=5),
        "null 10 replicates": null(replicates=10),
        "null 20 replicates": null(replicates=20),
        "null 11 slices": null(slices=11),
        "null 60 slices": null(slices=60),
        "null correlation 0": null(correlation=0.0),
        "null correlation .9, 5 replicates": null(replicates=5, correlation=0.9),
        "null correlation .9": null(correlation=0.9),
        "null correlation .9, strong": null(correlation=0.9, slice=2 * SLICE_SD),
        "null correlation .9, 11 slices": null(correlation=0.9, slices=11),
        "null correlation .9, 60 slices": null(correlation=0.9, slices=60),
        "null GAN luck .01": null(gan=0.01),
        "null GAN luck .02": null(gan=0.02),
        "null heavy tails, 5 replicates": null(replicates=5, tails=3),
        "null heavy tails": null(tails=3),
        "null family of six": null(arms=6),
        "null looks 5 to 20": null(5, replicates=20)._replace(looks=True),
        "null looks 5 to 20, GAN luck .02": null(5, replicates=20, gan=0.02)._replace(looks=True),
        "null looks 10 to 20": null(10, replicates=20)._replace(looks=True),
        "margin 5 replicates": Scenario(Truth(replicates=5, **margin), 5),
        "margin 10 replicates": Scenario(Truth(**margin), 10),
        "margin looks 5 to 20": Scenario(Truth(replicates=20, **margin), 5, looks=True),
        "margin family of six": Scenario(Truth(arms=6, **margin), 10),
        "equal 10 replicates": Scenario(Truth(**precise), 10),
        **{
            f"power {n} replicates, {slices} slices": Scenario(Truth(n, slices, effect=EFFECT), n)
            for n, slices in ((5, 24), (10, 24), (10, 11), (10, 60), (20, 24))
        },
        "power 10 of 5 planned": Scenario(Truth(10, 24, effect=EFFECT), 5),
    }


def promised(scenario):
    components, blocks = prior(scenario.truth.slices)
    design = {
        "replicates": scenario.truth.replicates,
        "planned_replicates": scenario.planned,
        "blocks": blocks,
    }
    found = power(components, effect=EFFECT, confidence=CONFIDENCE, family=1, seeds=1, **design)
    return round(100 * found, 1)


if __name__ == "__main__":
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else DRAWS
    tasks = [(name, scenario, draws) for name, scenario in scenarios().items()]
    with ProcessPoolExecutor(PROCESSES) as pool:
        for (name, scenario, _), found in zip(tasks, pool.map(rates, tasks), strict=True):
            print(name, found, promised(scenario) if name.startswith("power") else "", flush=True)
