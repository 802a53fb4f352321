"""Power laws that are known are found again, and foretold as surely as promised."""

import numpy as np
import pytest

from synthem.comparison.extrapolation import foretold, more_slices
from synthem.comparison.label_curves import Curves

BUDGETS = np.array([1.0, 2.0, 4.0, 8.0])


def curves(scores, slices=BUDGETS):
    return Curves(np.array(slices, float), tuple(range(len(scores))), np.array(scores, float))


def noisy(rng, errors, replicates=6):
    """Scores [R, B] around 1 - errors [B]: each replicate has luck of its own, and each training."""
    luck = 0.1 * rng.normal(size=(replicates, 1)) + 0.1 * rng.normal(size=(replicates, len(errors)))
    return 1 - errors * (1 + luck)


def test_a_power_law_goes_on_as_it_is():
    """An error that halves with each doubling of the slices: 0.4, 0.2, 0.1, and 0.05 with 8."""
    low, score, high = foretold(BUDGETS[:3], 1 - np.array([[0.4, 0.2, 0.1]] * 3), 8)
    assert (low, score, high) == pytest.approx((0.95, 0.95, 0.95))


def test_what_lies_before_the_switching_point_bends_and_does_not_change_the_line_behind_it():
    """Errors fall slowly at first: log error -0.3 x - 0.2 (x - log 4)^2 up to 4 slices."""
    x = np.log(BUDGETS)
    errors = 0.5 * np.exp(-0.3 * x - 0.2 * np.minimum(x - np.log(4), 0) ** 2)
    assert foretold(BUDGETS, 1 - np.array([errors] * 2), 16)[1] == pytest.approx(1 - 0.5 * 16**-0.3)


def test_five_more_slices_but_at_most_twice_as_many():
    law = [1 - 0.4 / n for n in BUDGETS]
    assert more_slices(curves([law, law])).slices == 13
    small = [1 - 0.4 / n for n in (1, 2, 3)]
    assert more_slices(curves([small, small], slices=[1, 2, 3])).slices == 6


@pytest.mark.parametrize(
    ("scores", "slices", "reason"),
    [
        ([[0.5, 0.6], [0.5, 0.7]], [1, 2], "3 budgets or more"),
        ([[0.5, 0.6, 0.7]], [1, 2, 4], "1 complete replicates"),
        ([[0.5, 0.6, np.nan], [0.5, 0.6, 0.7]], [1, 2, 4], "1 complete replicates"),
        # 0.4 and 0.2 foretell 0.1; it stays at 0.2, in all replicates
        ([[0.6, 0.8, 0.80], [0.61, 0.81, 0.81], [0.59, 0.79, 0.79]], [1, 2, 4], "the curve has another"),
    ],
    ids=["budgets", "replicates", "incomplete", "another form"],
)
def test_it_is_withheld_with_a_reason(scores, slices, reason):
    found = more_slices(curves(scores, slices))
    assert found.score is None
    assert found.reason.startswith(reason)


def test_refits_without_the_largest_budget_foretell_it_in_85_percent_of_40_curves():
    """Its interval promises 90 %: of 40 studies with power laws of their own, 34 at least."""
    rng, inside = np.random.default_rng(2), 0
    for _ in range(40):
        errors = rng.uniform(0.3, 0.5) * BUDGETS ** -rng.uniform(0.2, 0.7)
        scores = noisy(rng, errors)
        low, _, high = foretold(BUDGETS[:3], scores[:, :3], 8, seen=scores[:, 3])
        inside += low <= scores[:, 3].mean() <= high
    assert inside >= 34


@pytest.mark.parametrize("floor", [0, 0.06], ids=["power law", "with a floor"])
def test_statements_that_pass_their_check_hold(floor):
    """Also of errors with a part that no label takes away, which is no power law: at least 85 %."""
    rng, held, made = np.random.default_rng(4), 0, 0
    for _ in range(300):
        found = more_slices(curves(noisy(rng, floor + 0.35 * BUDGETS**-0.5)))
        if found.score is not None:
            made += 1
            held += found.low <= 1 - floor - 0.35 * 13**-0.5 <= found.high
    assert made > 150
    assert held / made >= 0.85
