import numpy as np
import pytest
from scipy import stats

from synthem.comparison.layout import Components, Estimate
from synthem.comparison.verdicts import (
    better,
    control_failure,
    holm,
    interval,
    judge,
    p_difference,
    p_equivalence,
)

PLANNED = {"replicates": 9, "planned": 9}
SAMPLE = np.random.default_rng(3).normal(0.02, 0.03, 9)
NONE = Components(0.0, 0.0, 0.0, 0.0)


def of(sample, components=NONE):
    variance = sample.var(ddof=1) / len(sample)
    return Estimate(
        0.6, 0.6, sample.mean(), variance, len(sample) - 1, components, len(sample), 1.0, 6, 6.0, None
    )


def test_p_and_interval_are_students_with_four_fifths_of_the_error():
    test = stats.ttest_1samp(SAMPLE, 0)
    assert p_difference(of(SAMPLE), PLANNED) == pytest.approx(test.pvalue / 0.8, rel=0.01)
    low, high = interval(of(SAMPLE), confidence=0.95, look=PLANNED)
    assert (low, high) == pytest.approx(tuple(test.confidence_interval(0.96)))


@pytest.mark.parametrize("effect", [0.03, 0.05, 0.1])
def test_equivalence_is_two_one_sided_tests(effect):
    above = stats.ttest_1samp(SAMPLE, -effect, alternative="greater").pvalue
    below = stats.ttest_1samp(SAMPLE, effect, alternative="less").pvalue
    assert p_equivalence(of(SAMPLE), effect, PLANNED) == pytest.approx(max(above, below) / 0.8, rel=0.02)
    assert p_equivalence(of(-SAMPLE), effect, PLANNED) == p_equivalence(of(SAMPLE), effect, PLANNED)


def test_a_later_look_is_judged_more_strictly():
    later = {"replicates": 9, "planned": 5}
    assert p_difference(of(SAMPLE), later) > p_difference(of(SAMPLE), PLANNED)
    assert p_equivalence(of(SAMPLE), 0.05, later) > p_equivalence(of(SAMPLE), 0.05, PLANNED)
    wide, narrow = (interval(of(SAMPLE), confidence=0.95, look=look) for look in (later, PLANNED))
    assert wide[0] < narrow[0] and wide[1] > narrow[1]


def test_the_next_replicate_on_other_slices_scatters_more_than_the_mean():
    """Variance of the mean, of a replicate, and of 6 blocks: 0.0018 and (0.0006 + 0.0012) / 6."""
    found = of(SAMPLE, Components(0.0018, 0.0, 0.0006, 0.0012))
    spread = (found.variance + 0.0018 + 0.0018 / 6) ** 0.5
    assert better(found, 1) == pytest.approx(stats.t.cdf(SAMPLE.mean() / spread, 8))
    assert better(found, -1) == pytest.approx(1 - better(found, 1))


def test_runs_that_are_equal_to_the_bit_do_not_differ():
    same = of(np.zeros(9))
    assert p_difference(same, PLANNED) == 1 and p_equivalence(same, 0.05, PLANNED) < 1e-6
    assert better(same, 1) == 0.5
    assert p_difference(of(np.full(9, 0.25)), PLANNED) < 1e-6


def test_holm_by_hand():
    """0.01 * 3; then 0.03 * 2; then 0.04 * 1, but not below the one before."""
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0] and holm([]) == []


def row(**own):
    values = {"low": -0.1, "n_replicates": 5, "n_blocks": 6, "difference": 0.04, "confidence": 0.95}
    values |= {"effective_blocks": 3.0}
    values |= {"p_adjusted": 0.2, "p_equivalence": 0.4, "smallest_effect": 0.05, "needed_replicates": 14}
    return values | own


@pytest.mark.parametrize(
    "own, sign, verdict",
    [
        ({}, 1, "undecided"),
        ({"p_adjusted": 0.05}, 1, "helps"),
        ({"p_adjusted": 0.05}, -1, "harms"),
        ({"p_adjusted": 0.01, "difference": -0.04}, 1, "harms"),
        ({"p_adjusted": 0.01, "difference": -0.04}, -1, "helps"),
        ({"p_adjusted": 0.01, "p_equivalence": 0.05}, 1, "no effect"),
        ({"p_adjusted": 0.01, "n_replicates": 4}, 1, "exploratory"),
        ({"p_adjusted": 0.01, "n_blocks": 4}, 1, "exploratory"),
        ({"p_adjusted": 0.01, "effective_blocks": 2.9}, 1, "exploratory"),
        ({"low": None, "n_replicates": 0}, 1, "exploratory"),
    ],
)
def test_the_word_of_a_row(own, sign, verdict):
    assert judge(row(**own), sign=sign, look={"replicates": 5, "planned": 5}, anew=9)[0] == verdict


def test_before_the_plan_is_complete_there_is_no_verdict():
    verdict, reason = judge(row(p_adjusted=0.001), sign=1, look={"replicates": 5, "planned": 8}, anew=9)
    assert (verdict, reason) == (
        "exploratory",
        "5 of 8 planned replicates: the last of them brings a verdict",
    )


def test_undecided_says_what_would_decide():
    def end(needed, anew):
        look = {"replicates": 5, "planned": 5}
        reason = judge(row(needed_replicates=needed), sign=1, look=look, anew=anew)[1]
        start, end = reason.split("; ")
        assert start == "neither a difference of 0 (p = 0.2) nor one of 0.05 (p = 0.4) is ruled out"
        return end

    new, decide = (
        "9 replicates in a new study that plans them",
        "would find a true difference of 0.05 in about 80 of 100 studies whose scores differ by chance as "
        "they do here",
    )
    assert end(14, 9) == f"14 replicates in all, or {new}, {decide}"
    assert end(None, 9) == f"{new}, {decide}"
    assert end(None, None) == "no number of replicates up to 200 would find 0.05: more test slices might"


def test_controls_fail_by_a_difference_of_copies_and_by_help_of_mismatched():
    def failure(kind, verdict):
        return control_failure(kind, row(arm="c", verdict=verdict))

    assert failure("copies", "helps") == "the control c, real pairs again, helps by +0.040"
    assert failure("copies", "harms") and failure("mismatched", "helps")
    assert not any(failure("copies", verdict) for verdict in ("no effect", "undecided", "exploratory"))
    assert not any(failure("mismatched", verdict) for verdict in ("harms", "no effect", "undecided"))
    assert not failure(None, "helps")
