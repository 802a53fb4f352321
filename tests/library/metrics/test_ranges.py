import re
from math import atanh, inf, tanh

import numpy as np
import pytest

from synthem.metrics.definitions import PARTITIONS, SCORES, Metric
from synthem.metrics.ranges import level_interval, possible, possible_difference, wilson, within
from tests.shared.project import PROJECT


@pytest.mark.parametrize(
    ("metric", "bounds", "of_differences"),
    [
        ("iou", (0, 1), (-1, 1)),
        ("v_rand", (0, 1), (-1, 1)),
        ("arand", (0, 1), (-1, 1)),
        ("hd95_nm", (0, inf), (-inf, inf)),
        ("voi", (0, inf), (-inf, inf)),
        ("count_error", (-inf, inf), (-inf, inf)),
        ("fd", (0, inf), (-inf, inf)),
        ("kd", (-inf, inf), (-inf, inf)),
        ("copied", (0, 1), (-1, 1)),
        ("unheard of", (-inf, inf), (-inf, inf)),
    ],
)
def test_scores_have_the_bounds_of_their_definitions(metric, bounds, of_differences):
    assert possible(metric) == bounds and possible_difference(metric) == of_differences


def test_the_best_value_of_every_score_is_possible():
    for metric, known in (SCORES | PARTITIONS).items():
        low, high = possible(metric)
        assert known.best is None or low <= known.best <= high, metric


def test_an_interval_ends_at_the_bounds_and_a_missing_one_stays_missing():
    assert [within(value, (0, 1)) for value in (-0.2, 0.5, 1.115, None)] == [0, 0.5, 1, None]


def test_a_score_may_name_its_own_bounds(monkeypatch):
    monkeypatch.setitem(SCORES, "matthews", Metric(1, "one of the four counts is 0", bounds=(-1, 1)))
    assert possible("matthews") == (-1, 1) and possible_difference("matthews") == (-2, 2)


def test_between_minus_one_and_one_an_interval_is_that_of_fishers_z():
    # Twice its z are the log odds of (1 + x) / 2; the slope of z at x is 1 / (1 - x^2).
    means, half = np.array([-0.10, 0.0, 0.9]), np.array([0.05, 0.5, 0.3])
    found = level_interval(means, half, [(-1.0, 1.0)] * 3)
    for low, high, mean, own in zip(*found, means, half, strict=True):
        z, reach = atanh(mean), own / (1 - mean**2)
        assert (low, high) == pytest.approx((tanh(z - reach), tanh(z + reach)))
        assert -1 < low < mean < high < 1


def test_bounds_that_are_shifted_shift_the_interval():
    (low,), (high,) = level_interval(np.array([0.3]), np.array([0.2]), [(0.0, 1.0)])
    found = level_interval(np.array([5.6]), np.array([0.4]), [(5.0, 7.0)])
    assert np.ravel(found) == pytest.approx([5 + 2 * low, 5 + 2 * high])


def test_a_single_value_has_no_interval_at_a_bound_either():
    means, none = np.array([0.0, 0.5, 1.0]), np.full(3, np.nan)
    assert np.isnan(level_interval(means, none, [(0.0, 1.0)] * 3)).all()


def test_every_score_has_its_row_in_the_documentation():
    text = (PROJECT / "docs/output.md").read_text()
    rows = re.findall(r"^\| (`[^|]+) \|.*\|.*\|.*\|$", text, re.MULTILINE)
    written = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    written |= {f"{name}{part}" for name in ("v_rand", "v_info") for part in ("_split", "_merge")}
    assert (SCORES | PARTITIONS).keys() <= written


def test_the_interval_of_eight_in_ten():
    # z = 1.959964: middle (.8 + .192073) / 1.384146, half 1.416009 * sqrt(.016 + .0096036)
    assert wilson(8, 10, 0.95) == pytest.approx((0.49016, 0.94332), abs=1e-5)
    # of none in ten: 3.841459 / 13.841459
    assert wilson(0, 10, 0.95) == pytest.approx((0, 0.277533), abs=1e-6)
    assert wilson(10, 10, 0.95) == pytest.approx((0.722467, 1), abs=1e-6)
