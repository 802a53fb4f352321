import numpy as np
import pytest
from scipy import stats

from synthem.comparison.looks import adjusted, level


def walks(last, n=100_000):
    """Mean of n, over its standard error: [walk, replicates]."""
    steps = np.random.default_rng(0).standard_normal((n, last))
    return np.cumsum(steps, axis=1) / np.sqrt(np.arange(1, last + 1))


def test_a_study_that_keeps_to_its_plan_spends_four_fifths_of_its_error():
    assert level(0.05, replicates=7, planned=7) == pytest.approx(0.04)
    assert adjusted(0.04, replicates=7, planned=7) == pytest.approx(0.05)


@pytest.mark.parametrize("planned", [5, 10])
def test_looking_after_each_replicate_up_to_twenty_errs_as_often_as_is_spent(planned):
    """0.05 * (1 - 0.2 * planned / 20) of simulated studies without any effect."""
    numbers = range(planned, 21)
    bounds = [stats.norm.isf(level(0.05, replicates=n, planned=planned) / 2) for n in numbers]
    wrong = (np.abs(walks(20)[:, planned - 1 :]) > bounds).any(axis=1).mean()
    assert wrong == pytest.approx(0.05 * (1 - 0.2 * planned / 20), abs=0.002)


def test_the_first_later_look_rejects_what_is_left():
    """0.05 * (1 - 0.2 * 5 / 6) at 5 and 6 together."""
    z = np.abs(walks(6)[:, 4:])
    bounds = [stats.norm.isf(level(0.05, replicates=n, planned=5) / 2) for n in (5, 6)]
    assert (z > bounds).any(axis=1).mean() == pytest.approx(0.05 * (1 - 1 / 6), abs=0.002)


def test_the_adjusted_p_is_the_error_whose_level_is_p():
    for error in (0.001, 0.0083, 0.05, 0.2):
        for n in (5, 6, 12, 20):
            p = level(error, replicates=n, planned=5)
            assert adjusted(p, replicates=n, planned=5) == pytest.approx(error, rel=0.01)


def test_adjusted_ps_stay_in_order_and_within_bounds():
    ps = [0.0, 1e-12, 1e-4, 0.01, 0.3, 1.0]
    found = [adjusted(p, replicates=8, planned=5) for p in ps]
    assert found == sorted(found) and 0 < found[0] < 1e-6 and found[-1] == 1
    assert all(own >= p for own, p in zip(found, ps, strict=True))


def test_before_the_plan_is_complete_it_is_judged_as_planned():
    assert level(0.05, replicates=3, planned=5) == level(0.05, replicates=5, planned=5)
