"""All that a study says of labels, from made-up score tables."""

import pytest

from synthem.comparison.label_value import strategy_rows, value_of_labels
from synthem.metrics.columns import SCORE_COLUMNS

ASKED = {
    "controls": {},
    "reference": "real",
    "endpoint": "iou",
    "confidence": 0.95,
    "planned": 5,
    "hours": {},
}


def run(arm, slices, replicate, ious):
    """Rows of one U-Net: test slices of 1000 marked voxels each, and all of them together."""
    own = {"volume": "mine", "arm": arm, "budget": str(slices), "labelled_slices": slices}
    own |= {"replicate": replicate, "seed": 1}
    counts = [(round(1000 * iou), 1000 - round(1000 * iou)) for iou in ious]
    whole = [{"scope": "volume", "iou": sum(shared for shared, _ in counts) / (1000 * len(ious))}]
    parts = [
        {"scope": "slice", "slice": z, "iou": shared / 1000}
        | {"shared_voxels": shared, "missed_voxels": missed, "extra_voxels": 0}
        for z, (shared, missed) in enumerate(counts)
    ]
    return [dict.fromkeys(SCORE_COLUMNS) | own | row for row in whole + parts]


def study(ious):
    """Rows of {arm: {slices: IoU}}: five replicates around it, and eight test slices, some of them harder."""
    return [
        row
        for arm, points in ious.items()
        for slices, iou in points.items()
        for replicate in range(1, 6)
        for row in run(arm, slices, replicate, [iou + 0.01 * replicate + 0.002 * (z % 3) for z in range(8)])
    ]


def test_two_arms_with_another_strategy_are_compared_in_pairs():
    """The same luck in both arms: the difference is 0.1 in each replicate and slice, without any spread."""
    scores = study({"real": {3: 0.5}, "early": {3: 0.6}, "late": {3: 0.5}})
    (row,) = strategy_rows(
        scores, [("early", "late", "spread", "first")], endpoint="iou", confidence=0.95, planned=5
    )
    assert (row["difference"], row["low"], row["high"]) == pytest.approx((0.1, 0.1, 0.1), abs=1e-6)
    assert (row["labelled_slices"], row["strategies"]) == (3, ["spread", "first"])


def test_the_ps_of_all_comparisons_of_strategies_are_corrected_together():
    """Holm: the smallest times 3, the next times 2, the last as it is; none below one that is smaller."""
    scores = study({"real": {1: 0.5, 2: 0.5, 4: 0.5}, "late": {1: 0.5, 2: 0.5, 4: 0.5}})
    for slices, gains in (
        (1, (0.06, -0.02, 0.05, 0.01, 0.06)),
        (2, (0.05, 0.03, 0.05, 0.01, 0.04)),
        (4, (0.05, 0.045, 0.05, 0.04, 0.05)),
    ):
        for replicate, gain in enumerate(gains, 1):
            ious = [0.5 + gain + 0.01 * replicate + 0.002 * (z % 3) for z in range(8)]
            scores += run("early", slices, replicate, ious)
    said = value_of_labels(scores, [], [], strategies=[("early", "late", "spread", "first")], **ASKED)[2]
    by_budget = {row["budget"]: row for row in said["strategies"]}
    one, two, four = (by_budget[budget] for budget in ("1", "2", "4"))
    assert four["p"] < two["p"] < one["p"] and {row["family"] for row in by_budget.values()} == {3}
    assert four["p_adjusted"] == pytest.approx(3 * four["p"])
    assert two["p_adjusted"] == pytest.approx(2 * two["p"])
    assert one["p_adjusted"] == pytest.approx(max(one["p"], 2 * two["p"]))
    assert two["low"] > 0 and "corrected for 3 comparisons" in said["sentences"]["strategies"][1]


def test_everything_is_said_once_for_each_arm_and_budget():
    scores = study({"real": {1: 0.5, 2: 0.6, 4: 0.7}, "mixed": {1: 0.6, 2: 0.7, 4: 0.72}})
    row = {"arm": "mixed", "difference": 0.1, "low": 0.09, "high": 0.11, "verdict": "helps", "reason": ""}
    compared = [row | {"budget": "2"}]
    savings, choices, said = value_of_labels(scores, compared, [], strategies=[], **ASKED)
    assert [(row["arm"], row["budget"]) for row in savings] == [
        ("mixed", "1"),
        ("mixed", "2"),
        ("mixed", "4"),
    ]
    assert savings[0]["equal_slices"] == pytest.approx(2, rel=1e-3)
    assert [row["labelled_slices"] for row in choices] == [1, 2, 4]
    assert [row["verdict"] for row in savings] == [None, "helps", None]
    assert said["sentences"]["saving"][0].startswith("1 labelled slice with mixed = 2 (")
    saves = ["saves 2 slices" in sentence for sentence in said["sentences"]["saving"]]
    assert saves == [False, True, False]
    assert [sentence.split(",")[0] for sentence in said["sentences"]["choice"]] == [
        "With 1 labelled slice",
        "With 2 labelled slices",
        "With 4 labelled slices",
    ]
    assert said["more_slices"]["slices"] == 8
    assert len(said["sentences"]["more"]) == 1


def test_where_the_endpoint_is_of_instances_the_iou_is_read_and_has_no_verdict():
    scores = study({"real": {1: 0.5, 2: 0.6}, "mixed": {1: 0.6, 2: 0.7}})
    helps = {"arm": "mixed", "budget": "1", "difference": -0.5, "low": -0.6, "high": -0.4}
    helps |= {"verdict": "helps", "reason": ""}
    savings, _, said = value_of_labels(scores, [helps], [], strategies=[], **ASKED | {"endpoint": "voi"})
    assert [(row["endpoint"], row["verdict"]) for row in savings] == [("iou", None)] * 2
    assert "there is no verdict about this score" in said["sentences"]["saving"][0]


def test_a_study_of_the_reference_alone_says_how_much_the_choice_of_slices_moves():
    savings, (choice,), said = value_of_labels(study({"real": {3: 0.5}}), [], [], strategies=[], **ASKED)
    assert savings == []
    assert (choice["lowest"], choice["highest"]) == pytest.approx((0.512, 0.552), abs=1e-3)
    assert said["more_slices"]["score"] is None


def test_labels_have_no_worth_where_there_is_no_answer_and_controls_have_none():
    curve = {1: 0.6, 2: 0.7, 4: 0.72}
    scores = study({"real": {1: 0.5, 2: 0.6, 4: 0.7}, "mixed": curve, "copies": curve})
    row = {"difference": 0.1, "low": 0.09, "high": 0.11, "reason": "the networks have not learnt"}
    compared = [
        row | {"arm": arm, "budget": "2", "verdict": verdict}
        for arm, verdict in (("mixed", "no answer"), ("copies", "no effect"))
    ]
    asked = ASKED | {"controls": {"copies": "copies"}}
    savings, _, said = value_of_labels(scores, compared, [], strategies=[], **asked)
    assert [(row["arm"], row["equal_slices"] is None) for row in savings] == [
        ("mixed", False),
        ("mixed", True),
        ("mixed", False),
    ]
    assert said["sentences"]["saving"][1].endswith("can be read off, for the networks have not learnt.")


def test_where_the_reference_has_not_learnt_more_labels_and_strategies_have_no_worth_either():
    """With 1 slice no arm has an answer; with 2 and 4 `mixed` has."""
    points = {1: 0.5, 2: 0.6, 4: 0.7}
    scores = study({"real": points, "mixed": points, "early": points, "late": points})
    row = {"difference": 0.1, "low": 0.09, "high": 0.11, "reason": ""}
    helps = [row | {"arm": "mixed", "budget": budget, "verdict": "helps"} for budget in ("1", "2", "4")]
    strategies = [("early", "late", "spread", "first")]
    said = value_of_labels(scores, helps, [], strategies=strategies, **ASKED)[2]
    assert [moved["budget"] for moved in said["strategies"]] == ["1", "2", "4"]

    why = "the networks of the arm real are no better"
    helps[0] |= {"verdict": "no answer", "reason": why}
    unlearnt = [{"budget": "1", "reason": why}]
    savings, _, said = value_of_labels(scores, helps, unlearnt, strategies=strategies, **ASKED)
    assert {row["fewest"] for row in savings if row["arm"] == "mixed" and row["budget"] != "1"} == {2}
    assert [moved["budget"] for moved in said["strategies"]] == ["2", "4"]
    assert said["more_slices"]["score"] is None
    (sentence,) = said["sentences"]["more"]
    assert sentence == "What more labels would bring is not said: the networks of the arm real are no better."


def test_a_generator_that_was_rejected_takes_no_answer_from_real_labels():
    points = {1: 0.5, 2: 0.6, 4: 0.7}
    scores = study({"real": points, "early": points, "late": points})
    row = {"arm": "mixed", "difference": None, "low": None, "high": None, "verdict": "no answer"}
    row |= {"reason": "5 of 5 replicates have no networks: 0 of 24 images passed the filter"}
    compared = [row | {"budget": str(budget)} for budget in points]
    strategies = [("early", "late", "spread", "first")]
    said = value_of_labels(scores, compared, [], strategies=strategies, **ASKED)[2]
    assert [moved["budget"] for moved in said["strategies"]] == ["1", "2", "4"]
    assert "have no networks" not in said["more_slices"]["reason"]


def test_a_control_that_fails_takes_all_answers_of_its_budget():
    points = {1: 0.5, 2: 0.6}
    scores = study({"real": points, "copies": points, "early": points, "late": points})
    row = {"arm": "copies", "difference": 0.1, "low": 0.09, "high": 0.11, "reason": ""}
    compared = [row | {"budget": "1", "verdict": "helps"}, row | {"budget": "2", "verdict": "no effect"}]
    strategies = [("early", "late", "spread", "first")]
    asked = ASKED | {"controls": {"copies": "copies"}}
    said = value_of_labels(scores, compared, [], strategies=strategies, **asked)[2]
    assert [moved["budget"] for moved in said["strategies"]] == ["2"]
