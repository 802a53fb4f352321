"""A short form of benchmarks/verdicts.py: its goals, with what so few draws leave open."""

import sys

import numpy as np
import pytest
from scipy import stats

from tests.shared.project import PROJECT

sys.path.insert(0, str(PROJECT / "benchmarks"))

import verdicts  # noqa: E402

pytestmark = pytest.mark.tools
DRAWS = 300


def surely_more(per_cent, limit):
    """Whether so many of DRAWS are no chance (1 in 10,000) where the limit holds."""
    return (
        stats.binomtest(round(per_cent / 100 * DRAWS), DRAWS, limit / 100, alternative="greater").pvalue
        < 1e-4
    )


@pytest.mark.parametrize(
    "name",
    [
        "5 replicates",
        "10 replicates",
        "correlation .9, 10 replicates",
        "GAN luck .02",
        "heavy tails, 5 replicates",
        "family of six",
        "2 targets, 10 replicates, shared 0",
        "2 targets, 5 replicates, shared 1",
        "4 targets, 5 replicates, shared 0.5",
        "5 slices, 20 replicates",
        "correlation .9, 6 slices, 20 replicates",
        "correlation .9, 11 slices",
    ],
)
def test_without_an_effect_verdicts_are_rare_and_intervals_hold_it(name):
    found = verdicts.rates(name, verdicts.scenarios()[name], DRAWS)
    assert not surely_more(found["differs"], verdicts.MOST_FALSE), found
    assert not surely_more(100 - found["covered"], 100 - verdicts.LEAST_COVERED), found


def test_one_object_in_few_slices_makes_no_verdict():
    """All blocks but one or two are empty: how they agree says nothing of other objects."""
    found = verdicts.rates("object", verdicts.scenarios()["1 objects, 24 slices"], DRAWS)
    assert not surely_more(found["differs"], verdicts.MOST_FALSE), found


def test_the_simulated_objects_have_the_spread_that_they_are_told():
    """Recall of one object, the same in all its slices: variance slice**2 of what differs between studies."""
    truth = verdicts.Truth(replicates=2, slices=24, run=0.0, slice=0.05, rest=0.0, objects=1)
    random, found = verdicts.generator(0, "objects"), []
    for _ in range(1500):
        shared, _, missed, _ = verdicts.simulate(random, truth)[0].sum(axis=-2)[:, 0].T
        found.append(np.divide(shared, shared + missed))
    reference, arm = np.transpose(found)
    assert reference == pytest.approx(0.82, abs=0.01)  # voxels are whole
    assert arm.std() == pytest.approx(0.05, rel=0.08)


def test_looking_after_each_replicate_is_allowed_for():
    found = verdicts.rates("looks", verdicts.scenarios()["looks from 5 to 20"], DRAWS)
    assert not surely_more(found["differs"], verdicts.MOST_FALSE), found


def test_an_effect_that_matters_is_not_called_none():
    name = "at the margin, 10 replicates"
    found = verdicts.rates(name, verdicts.scenarios()[name], DRAWS)
    assert not surely_more(found["no effect"], verdicts.MOST_NO_EFFECT), found


def test_the_planner_keeps_what_it_promises():
    name = "gain, 10 replicates, 40 slices"
    scenario = verdicts.scenarios()[name]
    found = verdicts.rates(name, scenario, DRAWS)["helps"]
    margin = verdicts.PROMISE + 400 * (0.8 * 0.2 / DRAWS) ** 0.5  # and four standard errors
    assert abs(found - verdicts.promised(scenario)) < margin
    assert found > 50  # a test that never says "helps" would make no false verdicts either


@pytest.mark.parametrize(("slices", "goes_on"), [(100, True), (40, False)])
def test_an_undecided_study_promises_no_more_than_it_keeps(slices, goes_on):
    """80 of 100 find what is there, and 5 fewer are borne."""
    asked, found = verdicts.kept(slices, 5, goes_on, DRAWS)
    broken = stats.binom.sf(asked - found - 1, asked, 0.25)  # as many, or more, by chance
    assert broken > 1e-3, (asked, found)
    assert asked > 50


def test_with_few_test_slices_hardly_a_study_is_asked_to_go_on():
    """With 40 no number up to 200, looked at after 5, finds 0.05 in more than 52 of 100 simulated studies."""
    asked, _ = verdicts.kept(40, 5, True, DRAWS)
    assert asked < 0.05 * DRAWS


def test_the_simulation_has_the_spread_that_it_is_told():
    """Differences of the arms of a replicate: variance 2 run**2 + gan**2 between replicates."""
    truth = verdicts.Truth(replicates=2000, slices=30, effect=0.05, gan=0.02, slice=0.0, correlation=0.0)
    counts = verdicts.simulate(verdicts.generator(0, "spread"), truth)
    (d,) = differences_of(counts)
    assert d.mean() == pytest.approx(0.05, abs=0.004)
    assert d.std() == pytest.approx((2 * 0.03**2 + 0.02**2 + 0.04**2 / 30) ** 0.5, rel=0.06)


@pytest.mark.parametrize("shared", [0.0, 0.5, 1.0])
def test_what_replicates_share_between_targets_is_what_the_simulation_is_told(shared):
    """Of the variance 2 run**2 + rest**2 / slices of a difference a share of the first part is common."""
    truth = verdicts.Truth(replicates=2000, slices=30, slice=0.0, strata=2, shared=shared)
    one, two = differences_of(verdicts.simulate(verdicts.generator(0, "shared"), truth))
    expected = shared * 2 * 0.03**2 / (2 * 0.03**2 + 0.04**2 / 30)
    assert np.corrcoef(one, two)[0, 1] == pytest.approx(expected, abs=0.08)


def test_an_interval_of_a_study_that_keeps_to_its_plan_claims_96_per_cent_and_all_looks_95():
    names = ("10 replicates", "looks from 10 to 20", "looks from 5 to 20")
    claims = [verdicts.claimed(verdicts.scenarios()[name]) for name in names]
    assert claims == pytest.approx([96, 95.5, 95.25])


def differences_of(counts):
    """[strata, replicates]: IoU of the arm less that of the reference, on all slices together."""
    ious = counts[..., 0].sum(axis=-1) / counts[..., :3].sum(axis=(-2, -1))
    return ious[:, 1] - ious[:, 0]
