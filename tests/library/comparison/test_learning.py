import numpy as np
import pytest

from synthem.comparison.learning import late_fall, unlearnt

LEVEL = [1.0] * 10 + [0.2] * 90


def whole(arm, iou, budget="all", replicate=1):
    return {"arm": arm, "budget": budget, "replicate": replicate, "scope": "volume", "iou": iou}


def table(*ious, budget="all", **trivial):
    rows = [whole("real", iou, budget, number) for number, iou in enumerate(ious, start=1)]
    rows += [row | {"scope": "slice", "iou": 0.0} for row in rows]  # single slices count for nothing
    return rows + [whole(arm, iou, budget) for arm, iou in trivial.items()]


def judged(scores, histories=None, **settings):
    settings = {"reference": "real", "score": "iou", "least_gain": 0.01, "stops_early": False} | settings
    return unlearnt(scores, histories or {"all": [LEVEL]}, **settings)


def test_networks_that_mark_everything_have_not_learnt():
    reason = judged(table(0.3, 0.3, everything=0.3, nothing=0.0, threshold=0.2, smoothed=None))["all"]
    assert reason == (
        "the networks of the arm real are no better than what needs no network: their IoU is 0.300, that of "
        "everything marked 0.300 (at least 0.01 more is needed)"
    )


def test_cells_that_fill_the_volume_have_been_learnt_where_they_come_apart():
    """To mark everything has an IoU of 1 there, and a VOI of all bits of the truth: 2 of four equal cells."""
    everything = whole("everything", 1.0) | {"voi": 2.0}
    assert judged([whole("real", 0.9) | {"voi": 0.3}, everything], score="voi") == {}
    reason = judged([whole("real", 0.9) | {"voi": 1.95}, everything], score="voi", least_gain=0.1)["all"]
    assert reason == (
        "the networks of the arm real are hardly better than what needs no network: their VOI is 1.950, that "
        "of everything marked 2.000 (at least 0.1 less is needed)"
    )
    losing = [whole("real", 0.9) | {"voi": 2.2}, everything]
    assert "their VOI is 2.200, that of everything marked 2.000" in judged(losing, score="voi")["all"]


@pytest.mark.parametrize("name", ["threshold", "smoothed", "everything", "nothing"])
def test_the_best_of_all_trivial_answers_has_to_be_beaten_by_the_mean_of_the_runs(name):
    others = dict.fromkeys(("threshold", "smoothed", "everything", "nothing"), 0.1)
    assert judged(table(0.6, 0.8, **others | {name: 0.71}))  # mean 0.7
    assert judged(table(0.6, 0.8, **others | {name: 0.695}))  # + 0.005 is too little
    assert not judged(table(0.6, 0.8, **others | {name: 0.68}))


def test_each_budget_is_judged_by_itself_and_with_its_own_baselines():
    scores = table(0.68, budget="3", smoothed=0.69) + table(0.93, smoothed=0.7)
    assert list(judged(scores, {"3": [LEVEL], "all": [LEVEL]})) == ["3"]


def test_a_forest_has_learnt_and_need_not_be_beaten():
    assert judged(table(0.7, forest=0.8, smoothed=0.6)) == {}


def test_other_arms_and_undefined_scores_decide_nothing():
    assert judged([*table(0.9, smoothed=0.5), whole("mixed", 0.1), whole("mixed", 0.1, "8")]) == {}
    assert judged(table(None, None, smoothed=0.5)) == {}


def test_a_loss_that_falls_in_a_straight_line_has_not_levelled():
    """From 100.. down to 1: means 95.5, 55.5, 5.5 of the tenths 1, 5 and 10: 50 of 90 came late."""
    line = np.arange(100, 0, -1)
    assert late_fall([line]) == pytest.approx(50 / 90)
    reason = judged(table(0.9, smoothed=0.5), {"all": [line]})["all"]
    assert "had not finished learning: 56 % of the fall of their loss came in the second half" in reason
    assert "at most 25 %" in reason


def test_numbers_that_would_look_alike_have_more_digits():
    """Of a fall from 2 to 1, 0.2517 came late: 25.17 % is more than 25 %, and 25.004 % is, too."""

    def reason(late):
        curve = [2.0] * 10 + [1 + late] * 40 + [1.0] * 50
        return judged(table(0.9, smoothed=0.5), {"all": [curve]})["all"]

    assert "learning: 25.2 % of the fall" in reason(0.2517) and "at most 25 %" in reason(0.2517)
    assert "learning: 25.004 % of the fall" in reason(0.25004)
    assert "learning: 26 % of the fall" in reason(0.2551)
    assert "is 0.3099, that of smoothed threshold 0.3000" in judged(table(0.3099, smoothed=0.3))["all"]


def test_trainings_that_stop_early_are_not_asked_whether_their_loss_has_levelled():
    line = np.arange(100, 0, -1)
    assert judged(table(0.9, smoothed=0.5), {"all": [line]}, stops_early=True) == {}
    assert judged(table(0.5, smoothed=0.5), {"all": [line]}, stops_early=True)


def test_a_loss_that_falls_with_a_rate_that_falls_to_nothing_is_seen_too():
    """Steps of a cosine schedule, each as useful as the last: level at the end, and yet not learnt out."""
    fallen = np.cumsum(1 + np.cos(np.pi * np.arange(1000) / 1000))
    assert late_fall([1 - fallen / fallen[-1]]) == pytest.approx((1 - 0.764) / 0.9, abs=0.01)


def test_a_loss_that_has_levelled_is_no_reason():
    assert late_fall([LEVEL]) == 0
    time = np.arange(200)
    assert late_fall([0.3 + np.exp(-time / 20)]) < 0.05
    assert judged(table(0.9, smoothed=0.5)) == {}


def test_a_start_that_was_good_already_is_level_whatever_little_it_fell():
    """All of its fall is late, but that is 2 % of the loss."""
    assert late_fall([[0.50] * 60 + [0.49] * 40]) == 0
    assert late_fall([[0.50] * 60 + [0.40] * 40]) == 1


def test_seeds_are_taken_together_and_short_trainings_are_judged():
    noisy = [np.array(LEVEL) + change for change in (0.1, -0.1)]
    assert late_fall(noisy) == late_fall([LEVEL])
    assert late_fall([[1.0, 0.2, 0.2], [1.0, 0.2]]) == 0.8 / 0.8  # half-time of two steps is after the first
    assert late_fall([[1.0]]) == 0


def test_a_gain_below_the_least_is_enough_where_every_replicate_has_it():
    """Gains 0.004, 0.005, 0.006: mean 0.005, its error 0.001 / sqrt(3), t = 8.7 with 2 degrees of freedom."""
    scores = table(0.604, 0.605, 0.606)
    scores += [whole("smoothed", 0.6, replicate=number) for number in (1, 2, 3)]
    assert judged(scores) == {}
    scores = table(0.654, 0.555, 0.606)  # gains 0.054, -0.045, 0.006: the same mean, by chance
    scores += [whole("smoothed", 0.6, replicate=number) for number in (1, 2, 3)]
    assert "smoothed threshold 0.600" in judged(scores)["all"]


def test_networks_that_equal_a_baseline_in_every_replicate_have_not_learnt():
    scores = table(0.3, 0.3, 0.3) + [whole("everything", 0.3, replicate=number) for number in (1, 2, 3)]
    assert "everything marked 0.300" in judged(scores)["all"]
