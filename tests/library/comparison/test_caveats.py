"""What is to be known beside a verdict: losses and means are set by hand."""

import numpy as np
import pytest

from synthem.comparison.caveats import caveats, last_phase, of_targets

LEVEL = [1.0] * 10 + [0.2] * 90
FALLING = list(np.arange(100, 0, -1))  # 56 % of its fall in the second half of the steps
ONE = {"then": {}, "switch": 0.5}


def scored(score="iou", budget="3", **means):
    return [
        {"arm": arm, "budget": budget, "replicate": number, "scope": scope, score: mean + change}
        for arm, mean in means.items()
        for number, change in enumerate((-0.1, 0.1), start=1)
        for scope in ("volume", "slice")
    ]


def found(rows, losses=None, *, arms=None, stops_early=False, endpoint="iou"):
    arms = arms or {"mixed": ONE}
    losses = {arm: losses or {"3": [LEVEL]} for arm in arms}
    settings = {"stops_early": dict.fromkeys(arms, stops_early), "endpoint": endpoint}
    return caveats(rows, losses, arms=arms, **settings)


def test_networks_whose_loss_still_falls_had_not_finished_learning():
    rows = scored(mixed=0.6, forest=0.5)
    assert found(rows, {"3": [FALLING]}) == {
        ("mixed", "3"): "its networks had not finished learning: 56 % of the fall of their loss came in the "
        "second half of the steps, where at most 25 % should; this compares equal steps, not networks"
    }
    assert found(rows, {"3": [LEVEL]}) == {}
    assert found(rows, {"3": [FALLING]}, stops_early=True) == {}
    assert found(rows, {"8": [FALLING]}) == {}  # with these labels no networks of the arm were trained


def test_the_best_baseline_that_is_better_is_named_with_both_means():
    rows = scored(mixed=0.4, smoothed=0.5, forest=0.6, everything=0.1)
    assert found(rows) == {
        ("mixed", "3"): "what needs no network is better: random forest 0.600, its own 0.400"
    }
    assert found(scored(mixed=0.6, forest=0.6)) == {}
    near = found(scored(mixed=0.5999, forest=0.6))
    assert near["mixed", "3"].endswith("random forest 0.6000, its own 0.5999")
    assert found(scored(mixed=0.4) + scored(budget="8", forest=0.6)) == {}  # it had other labels


@pytest.mark.parametrize(("forest", "where_it_failed", "said"), [(0.6, 0.1, True), (0.56, 0.9, False)])
def test_an_arm_is_held_to_the_baselines_of_the_replicates_that_it_has(forest, where_it_failed, said):
    rows = scored(mixed=0.58, forest=forest)
    alone = {"arm": "forest", "budget": "3", "replicate": 3, "scope": "volume", "iou": where_it_failed}
    better = {("mixed", "3"): "what needs no network is better: random forest 0.600, its own 0.580"}
    assert found([*rows, alone]) == (better if said else {})


def test_of_an_error_less_is_better():
    assert found(scored("voi", mixed=1.5, forest=1.25), endpoint="voi") == {
        ("mixed", "3"): "what needs no network is better: random forest 1.250, its own 1.500"
    }
    assert found(scored("voi", mixed=1.25, forest=1.5), endpoint="voi") == {}


def test_where_an_arm_goes_over_to_other_images_its_loss_is_judged_from_there():
    """It falls by a leap at the switch, and is level on both sides."""
    leap = [1.0] * 50 + [0.2] * 50
    rows = scored(painted_first=0.6)
    assert found(rows, {"3": [leap]}, arms={"painted_first": {"then": {"real": 1}, "switch": 0.5}}) == {}
    assert found(rows, {"3": [leap]}, arms={"painted_first": ONE})
    assert last_phase([[1, 2, 3, 4, 5]], {"then": {"real": 1}, "switch": 0.5}) == [[4, 5]]  # 2.5 steps: 3


def test_of_several_targets_it_is_said_of_which():
    rows = {"a": [{"arm": "mixed", "budget": "3", "caveat": "it is slow"}], "b": []}
    assert of_targets(rows) == {("mixed", "3"): "in a, it is slow"}
    rows["b"] = [rows["a"][0], {"arm": "new", "budget": "3", "caveat": None}]
    assert of_targets(rows) == {("mixed", "3"): "in a, it is slow; in b, it is slow"}
