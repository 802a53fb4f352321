from math import inf

import pytest

from synthem.metrics.definitions import PARTITIONS, SCORES
from synthem.metrics.ranges import possible, possible_difference, within


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
