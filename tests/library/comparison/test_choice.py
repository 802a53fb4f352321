"""How far scores lie apart between replicates, and which arms show a strategy alone."""

import pytest

from synthem.comparison.choice import choice_rows
from synthem.comparison.strategies import strategies_alone
from tests.shared.label_curve_rows import table


def test_the_spread_over_replicates_with_its_interval():
    """0.6, 0.7, 0.8: sd 0.1; chi square of 2 degrees at 95 %: 0.0506 and 7.378, so 0.1 sqrt(2 / them)."""
    scores = table({"real": {1: {4: 0.6}, 2: {4: 0.7}, 3: {4: 0.8}}, "mixed": {1: {4: 0.9}}})
    (row,) = choice_rows(scores, reference="real", endpoint="iou", confidence=0.95)
    assert (row["n_replicates"], row["lowest"], row["highest"]) == (3, 0.6, 0.8)
    assert (row["mean"], row["sd"]) == pytest.approx((0.7, 0.1))
    assert (row["sd_low"], row["sd_high"]) == pytest.approx((0.0521, 0.6285), rel=1e-3)


def test_one_replicate_has_no_spread():
    (row,) = choice_rows(table({"real": {1: {4: 0.6}}}), reference="real", endpoint="iou", confidence=0.95)
    assert (row["sd"], row["sd_low"]) == (None, None)


def test_arms_that_differ_in_the_strategy_alone():
    plain = {"sets": {"real": 1.0}, "then": {}, "switch": 0.5}
    config = {
        "labels": {"strategy": "spread"},
        "variants": {
            "early": {"labels": {"strategy": "first"}},
            "strong": {"unets": {"training": {"steps": 9}}},
            "both": {"labels": {"strategy": "first"}, "unets": {"training": {"steps": 9}}},
            "same": {"labels": {"strategy": "spread"}},
        },
        "arms": {
            "real": plain | {"variant": ""},
            "again": plain | {"variant": "same"},
            "early": plain | {"variant": "early"},
            "strong": plain | {"variant": "strong"},
            "both": plain | {"variant": "both"},
            "mixed": plain | {"sets": {"real": 0.5, "synthetic": 0.5}, "variant": "early"},
        },
        "study": {"arms": ["early", "real", "strong", "both", "mixed"], "reference": "real"},
    }
    assert strategies_alone(config) == [
        ("early", "real", "first", "spread"),
        ("both", "strong", "first", "spread"),
    ]
