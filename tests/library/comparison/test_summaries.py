import pytest

from synthem.comparison.summaries import (
    DIFFERENCE_COLUMNS,
    OF_PARTITION,
    OF_RUN,
    PARTITION_SUMMARY_COLUMNS,
    SUMMARY_COLUMNS,
    differences,
    slice_means,
    summarise,
)
from synthem.metrics.columns import PARTITION_COLUMNS, SCORE_COLUMNS
from synthem.metrics.definitions import PARTITIONS, SCORES


def run(arm, seed, columns=SCORE_COLUMNS, fraction=0.1, **scores):
    """The row of the whole block of one network, and that of a slice, which counts in no mean."""
    identity = dict.fromkeys(columns) | {"volume": "v", "arm": arm, "fraction": fraction, "seed": seed}
    whole = identity | {"scope": "volume"} | scores
    return [identity | {"scope": "slice", "slice": 3} | dict.fromkeys(scores, 99.0), whole]


def runs(arm, values, **others):
    return [row for seed, value in enumerate(values) for row in run(arm, seed, **{**others, "iou": value})]


def summary(rows):
    return {row["metric"]: row for row in summarise(rows, SCORES, of=OF_RUN, confidence=0.95)}


def test_summary_of_three_seeds_by_hand():
    """0.5, 0.6, 0.7: mean 0.6, std 0.1, t(2) = 4.303."""
    rows = summary(runs("real", (0.5, 0.6, 0.7)))
    half = 4.303 * 0.1 / 3**0.5
    assert rows["iou"] == {
        "arm": "real",
        "fraction": 0.1,
        "metric": "iou",
        "n_seeds": 3,
        "mean": pytest.approx(0.6),
        "std": pytest.approx(0.1),
        "low": pytest.approx(0.6 - half, abs=1e-4),
        "high": pytest.approx(0.6 + half, abs=1e-4),
        "reason": "",
    }
    assert rows["ap50"]["mean"] is None
    assert rows["ap50"]["n_seeds"] == 0
    assert "instance" in rows["ap50"]["reason"]
    assert set(rows["iou"]) == set(SUMMARY_COLUMNS)
    assert list(rows) == list(SCORES)


def test_a_seed_without_a_score_is_left_out_and_the_reason_says_why():
    row = summary(runs("real", (0.4, None, 0.6)))["iou"]
    assert (row["n_seeds"], row["mean"]) == (2, pytest.approx(0.5))
    assert row["reason"] == SCORES["iou"].undefined


def test_the_baseline_is_summarised_without_fraction_seed_or_interval():
    (row,) = (
        row
        for row in summarise(
            runs("real", (0.5, 0.6)) + run("threshold", "", fraction="", iou=0.4),
            {"iou": SCORES["iou"]},
            of=OF_RUN,
            confidence=0.95,
        )
        if row["arm"] == "threshold"
    )
    assert (row["fraction"], row["n_seeds"], row["mean"]) == (None, 1, 0.4)
    assert (row["std"], row["low"]) == (None, None)


def cells(arm, seed, **voi):
    """Rows of the conventions."""
    return [
        row | {"convention": convention}
        for convention, value in voi.items()
        for row in run(arm, seed, PARTITION_COLUMNS, voi=value)
    ]


def test_conventions_are_never_mixed():
    rows = cells("real", 0, paper=1.0, full=3.0) + cells("real", 1, paper=2.0, full=5.0)
    found = summarise(rows, {"voi": PARTITIONS["voi"]}, of=OF_PARTITION, confidence=0.95)
    assert [(row["convention"], row["mean"]) for row in found] == [("paper", 1.5), ("full", 4.0)]
    assert set(found[0]) == set(PARTITION_SUMMARY_COLUMNS)


def test_the_mean_over_slices_is_of_each_run_and_of_the_slices_with_a_score():
    voi = {"voi": PARTITIONS["voi"]}
    rows = [
        dict.fromkeys(PARTITION_COLUMNS)
        | {"arm": arm, "seed": seed, "convention": "cremi", "scope": "slice", "slice": z, "voi": value}
        for arm, seed, values in (("real", 0, (1.0, 2.0, None)), ("real", 1, (5.0,)), ("mixed", 0, (None,)))
        for z, value in enumerate(values)
    ]
    means = slice_means(rows, voi, of=OF_PARTITION)
    assert [(row["arm"], row["seed"], row["voi"]) for row in means] == [
        ("real", 0, 1.5),
        ("real", 1, 5.0),
        ("mixed", 0, None),
    ]
    whole = rows[0] | {"scope": "volume", "slice": None, "voi": 9.0}
    found = summarise([*rows, whole, *means], voi, of=OF_PARTITION, confidence=0.95)
    assert [(row["arm"], row["scope"], row["mean"]) for row in found] == [
        ("real", "volume", 9.0),
        ("real", "slice", 3.25),
        ("mixed", "slice", None),
    ]


def change(rows, metrics, of=OF_RUN):
    return differences(rows, metrics, of=of, reference="real", confidence=0.95)


def test_a_difference_by_hand_is_paired_by_seed():
    """+0.1 and +0.3 whatever the seeds are worth: mean 0.2, std 0.1 sqrt 2, t(1) = 12.706."""
    rows = runs("mixed", (0.6, 0.5)) + runs("real", (0.5, 0.2))[::-1]
    (row,) = change(rows, {"iou": SCORES["iou"]})
    assert row == {
        "arm": "mixed",
        "reference": "real",
        "fraction": 0.1,
        "convention": None,
        "scope": "volume",
        "metric": "iou",
        "best": 1,
        "n_pairs": 2,
        "reference_mean": pytest.approx(0.35),
        "arm_mean": pytest.approx(0.55),
        "difference": pytest.approx(0.2),
        "low": pytest.approx(0.2 - 12.706 * 0.1, abs=1e-3),
        "high": pytest.approx(0.2 + 12.706 * 0.1, abs=1e-3),
        "change": "better",
        "reason": "",
    }
    assert tuple(row) == DIFFERENCE_COLUMNS


@pytest.mark.parametrize(
    ("metric", "change_of_more"),
    [("iou", "better"), ("assd_nm", "worse"), ("hausdorff_nm", "worse"), ("count_error", "")],
)
def test_more_is_better_or_worse_by_the_score(metric, change_of_more):
    rows = run("real", 0, **{metric: 1}) + run("mixed", 0, **{metric: 2})
    (row,) = change(rows, {metric: SCORES[metric]})
    assert (row["difference"], row["change"]) == (1, change_of_more)


def test_less_variation_of_information_is_better_in_its_own_convention():
    rows = cells("real", 0, cremi=2.0, full=2.0) + cells("mixed", 0, cremi=1.0, full=3.0)
    found = change(rows, {"voi": PARTITIONS["voi"]}, OF_PARTITION)
    assert [(row["convention"], row["change"]) for row in found] == [("cremi", "better"), ("full", "worse")]


def test_equal_scores_are_the_same():
    (row,) = change(run("real", 0, iou=0.5) + run("mixed", 0, iou=0.5), {"iou": SCORES["iou"]})
    assert (row["change"], row["low"]) == ("same", None)


def test_a_pair_with_an_undefined_score_is_no_pair():
    rows = runs("real", (0.5, None, 0.5)) + runs("mixed", (0.6, 0.9, None))
    (row,) = change(rows, {"iou": SCORES["iou"]})
    assert (row["n_pairs"], row["difference"]) == (1, pytest.approx(0.1))
    assert row["reason"] == SCORES["iou"].undefined
    (row,) = change(run("real", 0, iou=0.5) + run("mixed", 1, iou=0.6), {"iou": SCORES["iou"]})
    assert (row["n_pairs"], row["difference"], row["change"]) == (0, None, "")
    assert row["reason"] == "no seed is in both arms"


def test_the_baseline_is_compared_with_nothing():
    rows = run("real", 0, iou=0.5) + run("threshold", None, fraction=None, iou=0.1)
    assert change(rows, {"iou": SCORES["iou"]}) == []


def not_trained(arm):
    whole = run(arm, None)[1]
    return whole | {"scope": "not trained", "reason": "0 of 24 images passed"}


def test_an_arm_that_was_not_trained_has_no_mean_but_the_reason():
    rows = summarise(
        [*runs("real", (0.5, 0.6)), not_trained("mixed")],
        {"iou": SCORES["iou"]},
        of=OF_RUN,
        confidence=0.95,
    )
    assert [(row["arm"], row["n_seeds"], row["mean"]) for row in rows] == [
        ("real", 2, pytest.approx(0.55)),
        ("mixed", 0, None),
    ]
    assert rows[1]["reason"] == "not trained: 0 of 24 images passed"
    assert change([*runs("real", (0.5, 0.6)), not_trained("mixed")], {"iou": SCORES["iou"]}) == []
