from math import isclose

import pytest

from synthem.comparison.answers import ENDPOINTS
from synthem.report.scores import PARTITIONS_SHOWN, SHOWN
from synthem.report.terms import EXPLAINED, around, interval_of_difference

SPACE = "\N{NO-BREAK SPACE}"


def test_every_score_of_the_page_is_explained():
    assert {*SHOWN, *PARTITIONS_SHOWN, *ENDPOINTS} <= set(EXPLAINED)


@pytest.mark.parametrize(
    ("mean", "low", "high", "metric", "text"),
    [
        (0.5, 0.25, 0.75, "iou", f"±{SPACE}0.250"),
        (0.847, 0.579, 1.115, "iou", f"0.579{SPACE}to{SPACE}1.000"),
        (0.1, -0.3, 0.5, "arand", f"0.000{SPACE}to{SPACE}0.500"),
        (40.0, -20.0, 100.0, "hd95_nm", f"0.000{SPACE}to{SPACE}100.000"),
        (476.8, 14.803, 15355.6, "hd95_nm", f"14.8{SPACE}to{SPACE}15355.6"),
        (0.344, 6.8e-5, 0.9999999, "boundary_f1", f"0.000{SPACE}to{SPACE}1.000"),
        (149.6, 93.5, 205.7, "hd95_nm", f"±{SPACE}56.1"),  # as exact as the mean
        (-1.0, -4.0, 2.0, "count_error", f"±{SPACE}3.000"),
        (0.5, 0.4, 0.7, "iou", f"0.400{SPACE}to{SPACE}0.700"),  # unequal halves
        (2.0, -1.0, 5.0, "frechet", f"±{SPACE}3.000"),
    ],
)
def test_beside_a_mean_nothing_promises_values_that_the_score_cannot_have(mean, low, high, metric, text):
    assert around(mean, low, high, metric) == text


def test_differences_of_two_shares_end_at_one_and_distances_do_not():
    row = {"endpoint": "iou", "low": -1.4, "high": 1.2}
    assert interval_of_difference(row) == "−1.000 to +1.000"
    assert interval_of_difference(row | {"endpoint": "voi"}) == "−1.400 to +1.200"
    assert isclose(row["high"], 1.2)
