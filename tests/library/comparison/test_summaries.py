import numpy as np
import pytest
from scipy import stats

from synthem.comparison.summaries import (
    DIFFERENCE_COLUMNS,
    OF_PARTITION,
    OF_RUN,
    differences,
    slice_means,
    summarise,
)
from synthem.metrics.columns import PARTITION_COLUMNS, SCORE_COLUMNS
from synthem.metrics.definitions import PARTITIONS, SCORES
from synthem.storage.frames import frame_of, rows_of
from tests.shared.score_tables import partitions_of, scores_of

IOU = {"iou": SCORES["iou"]}
VOI = {"voi": PARTITIONS["voi"]}
NUMBERS = ("n_replicates", "mean", "sd", "low", "high", "note", "reason")


def run(arm, replicate, seed=1, columns=SCORE_COLUMNS, **scores):
    """The row of the whole block of one network, and that of a slice, which counts in no mean."""
    identity = dict.fromkeys(columns) | {"volume": "v", "arm": arm, "budget": "3", "labelled_slices": 3}
    identity |= {"replicate": replicate, "seed": seed}
    return [
        identity | {"scope": "slice", "slice": 3} | dict.fromkeys(scores, 99.0),
        identity | {"scope": "volume"} | scores,
    ]


def runs(arm, values):
    return [row for number, value in enumerate(values, start=1) for row in run(arm, number, iou=value)]


def summary(rows, metrics=SCORES, of=OF_RUN, columns=SCORE_COLUMNS):
    return rows_of(summarise(frame_of(rows, columns), metrics, of=of, confidence=0.95))


def change(rows, metrics=IOU, of=OF_RUN, columns=SCORE_COLUMNS):
    frame = frame_of(rows, columns)
    return rows_of(differences(frame, metrics, of=of, reference="real", confidence=0.95))


def test_summary_of_three_replicates_by_hand():
    """0.5, 0.6, 0.7: mean 0.6, sd 0.1; t(2) = 4.303: 0.248, of the log odds 0.248 / 0.24; of these 0.405."""
    rows = {row["metric"]: row for row in summary(runs("real", (0.5, 0.6, 0.7)))}
    half = 4.303 * 0.1 / 3**0.5 / (0.6 * 0.4)
    assert rows["iou"] == {
        "arm": "real",
        "budget": "3",
        "labelled_slices": 3,
        "metric": "iou",
        "n_replicates": 3,
        "mean": pytest.approx(0.6),
        "sd": pytest.approx(0.1),
        "low": pytest.approx(1 / (1 + np.exp(half - 0.4055)), abs=1e-4),  # 0.348
        "high": pytest.approx(1 / (1 + np.exp(-half - 0.4055)), abs=1e-4),  # 0.809
        "note": "exploratory: 3 of at least 5 replicates",
        "reason": "",
    }
    assert (rows["ap50"]["mean"], rows["ap50"]["n_replicates"], rows["ap50"]["note"]) == (None, 0, "")
    assert "instance" in rows["ap50"]["reason"]
    assert list(rows["iou"]) == [*OF_RUN, "metric", *NUMBERS]
    assert list(rows) == list(SCORES)


def limits(metric, *values):
    """(low, high) of replicates with these values."""
    metrics = SCORES | PARTITIONS
    rows = [row for n, value in enumerate(values) for row in run("real", n, **{metric: value})]
    (row,) = summary(rows, {metric: metrics[metric]}, columns=[*SCORE_COLUMNS, *PARTITIONS])
    return row["low"], row["high"]


def test_an_interval_never_leaves_the_bounds_of_its_score():
    """Of two replicates, 0.8 and 0.9, Student's is 0.85 +- 12.706 * 0.05 = 0.215 to 1.485."""
    low, high = limits("iou", 0.8, 0.9)
    half = 12.706 * 0.05 / (0.85 * 0.15)
    assert (low, high) == pytest.approx(
        (1 / (1 + np.exp(half) * 15 / 85), 1 / (1 + np.exp(-half) * 15 / 85)), rel=1e-3
    )
    assert 0 < low < 0.85 < high < 1
    low, high = limits("iou", 0.0001, 0.9999)
    assert 0 <= low < 1e-4 and 1 - 1e-4 < high <= 1


def test_what_has_no_upper_bound_has_an_interval_of_its_logarithm():
    """1, 2, 3 bits: mean 2, half of Student's 4.303 / sqrt 3; of the logarithm half of that: times 3.463."""
    assert limits("voi", 1.0, 2.0, 3.0) == pytest.approx((2 / 3.463, 2 * 3.463), rel=1e-3)
    half = 4.303 / 3**0.5
    assert limits("count_error", -1.0, 0.0, 1.0) == pytest.approx((-half, half), rel=1e-3)


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_equal_replicates_have_an_interval_without_width(value):
    assert limits("iou", value, value, value) == pytest.approx((value, value))


def test_far_from_its_bounds_an_interval_is_students():
    values = np.array([0.499, 0.5, 0.502, 0.501])
    students = stats.t.interval(0.95, 3, values.mean(), stats.sem(values))
    assert limits("iou", *values) == pytest.approx(students, abs=1e-6)


def test_several_networks_of_a_replicate_count_as_their_mean():
    """Replicate 1 has two U-Nets (0.4, 0.6), replicate 2 one of 0.7: mean 0.6 of n = 2, not 0.567 of 3."""
    rows = run("real", 1, 1, iou=0.4) + run("real", 1, 2, iou=0.6) + run("real", 2, 1, iou=0.7)
    (row,) = summary(rows, IOU)
    assert (row["n_replicates"], row["mean"]) == (2, pytest.approx(0.6))


def test_five_replicates_are_not_exploratory():
    (row,) = summary(runs("real", (0.5, 0.6, 0.7, 0.6, 0.5)), IOU)
    assert (row["n_replicates"], row["note"]) == (5, "")


def test_a_replicate_without_a_score_is_left_out_and_the_reason_says_why():
    (row,) = summary(runs("real", (0.4, None, 0.6)), IOU)
    assert (row["n_replicates"], row["mean"]) == (2, pytest.approx(0.5))
    assert row["reason"] == SCORES["iou"].undefined


def test_a_baseline_is_summarised_over_its_draws_of_labels():
    rows = [row | {"seed": None} for n in (1, 2) for row in run("forest", n, iou=0.2 * n)]
    (row,) = summary(rows, IOU)
    assert (row["arm"], row["budget"], row["n_replicates"]) == ("forest", "3", 2)
    assert (row["mean"], row["sd"]) == (pytest.approx(0.3), pytest.approx(0.2 / 2**0.5))


def cells(arm, replicate, **voi):
    """Rows of the conventions."""
    return [
        row | {"convention": convention}
        for convention, value in voi.items()
        for row in run(arm, replicate, columns=PARTITION_COLUMNS, voi=value)
    ]


def test_conventions_are_never_mixed():
    rows = cells("real", 1, paper=1.0, full=3.0) + cells("real", 2, paper=2.0, full=5.0)
    found = summary(rows, VOI, OF_PARTITION, PARTITION_COLUMNS)
    assert [(row["convention"], row["mean"]) for row in found] == [("paper", 1.5), ("full", 4.0)]
    assert list(found[0]) == [*OF_PARTITION, "metric", *NUMBERS]


def test_the_mean_over_slices_is_of_each_run_and_of_the_slices_with_a_score():
    rows = [
        dict.fromkeys(PARTITION_COLUMNS)
        | {"arm": arm, "budget": "3", "labelled_slices": 3, "replicate": replicate, "seed": 1}
        | {"convention": "cremi", "scope": "slice", "slice": z, "voi": value}
        for arm, replicate, values in (("real", 1, (1.0, 2.0, None)), ("real", 2, (5.0,)), ("a", 1, (None,)))
        for z, value in enumerate(values)
    ]
    frame = frame_of(rows, PARTITION_COLUMNS)
    means = rows_of(slice_means(frame, VOI, of=OF_PARTITION))
    assert [(row["arm"], row["replicate"], row["voi"]) for row in means] == [
        ("real", 1, 1.5),
        ("real", 2, 5.0),
        ("a", 1, None),
    ]
    whole = rows[0] | {"scope": "volume", "slice": None, "voi": 9.0}
    found = summary([*rows, whole, *means], VOI, OF_PARTITION, PARTITION_COLUMNS)
    assert {(row["arm"], row["scope"]): row["mean"] for row in found} == {
        ("real", "volume"): 9.0,
        ("real", "slice"): 3.25,
        ("a", "slice"): None,
    }


def test_a_difference_by_hand_is_paired_by_replicate():
    """+0.1 and +0.3 whatever the replicates are worth: mean 0.2, sd 0.1 sqrt 2, t(1) = 12.706."""
    (row,) = change(runs("mixed", (0.6, 0.5)) + runs("real", (0.5, 0.2))[::-1])
    assert row == {
        "arm": "mixed",
        "reference": "real",
        "budget": "3",
        "labelled_slices": 3,
        "convention": None,
        "scope": "volume",
        "metric": "iou",
        "best": 1,
        "n_replicates": 2,
        "reference_mean": pytest.approx(0.35),
        "arm_mean": pytest.approx(0.55),
        "difference": pytest.approx(0.2),
        "low": pytest.approx(0.2 - 12.706 * 0.1, abs=1e-3),
        "high": pytest.approx(0.2 + 12.706 * 0.1, abs=1e-3),
        "direction": 1,
        "note": "exploratory: 2 of at least 5 replicates",
        "reason": "",
    }
    assert tuple(row) == DIFFERENCE_COLUMNS


@pytest.mark.parametrize(
    ("metric", "direction_of_more"),
    [("iou", 1), ("assd_nm", -1), ("hausdorff_nm", -1), ("count_error", None)],
)
def test_the_direction_is_a_sign_towards_the_better_value_of_the_score(metric, direction_of_more):
    rows = run("real", 1, **{metric: 1}) + run("mixed", 1, **{metric: 2})
    (row,) = change(rows, {metric: SCORES[metric]})
    assert (row["difference"], row["direction"]) == (1, direction_of_more)


def test_less_variation_of_information_points_up_in_its_own_convention():
    rows = cells("real", 1, cremi=2.0, full=2.0) + cells("mixed", 1, cremi=1.0, full=3.0)
    found = change(rows, VOI, OF_PARTITION, PARTITION_COLUMNS)
    assert [(row["convention"], row["direction"]) for row in found] == [("cremi", 1), ("full", -1)]


def test_no_word_of_the_differences_calls_a_direction_a_finding():
    text = str(change(runs("mixed", (0.6, 0.5)) + runs("real", (0.5, 0.2)), SCORES))
    assert "better" not in text and "worse" not in text


def test_equal_scores_have_no_direction():
    (row,) = change(run("real", 1, iou=0.5) + run("mixed", 1, iou=0.5))
    assert (row["direction"], row["low"]) == (0, None)


def test_a_pair_with_an_undefined_score_is_no_pair():
    rows = runs("real", (0.5, None, 0.5)) + runs("mixed", (0.6, 0.9, None))
    (row,) = change(rows)
    assert (row["n_replicates"], row["difference"]) == (1, pytest.approx(0.1))
    assert (row["reference_mean"], row["arm_mean"]) == (0.5, 0.6)
    assert row["reason"] == SCORES["iou"].undefined
    (row,) = change(run("real", 1, iou=0.5) + run("mixed", 2, iou=0.6))
    assert (row["n_replicates"], row["difference"], row["direction"]) == (0, None, None)
    assert row["reason"] == "no replicate is in both arms"


def test_a_baseline_is_compared_with_nothing():
    assert change(run("real", 1, iou=0.5) + run("threshold", 1, None, iou=0.1)) == []


def not_trained(arm, replicate):
    whole = run(arm, replicate, None)[1]
    return whole | {
        "scope": "not trained",
        "reason": f"replicate {replicate}, painted: 0 of 24 images passed",
    }


def test_an_arm_that_no_replicate_has_networks_of_has_no_mean_but_the_reasons():
    rows = [*runs("real", (0.5, 0.6)), not_trained("mixed", 1), not_trained("mixed", 2)]
    real, mixed = summary(rows, IOU)
    assert (real["n_replicates"], real["mean"], real["reason"]) == (2, pytest.approx(0.55), "")
    assert (mixed["arm"], mixed["n_replicates"], mixed["mean"]) == ("mixed", 0, None)
    assert mixed["reason"] == (
        "not trained: replicate 1, painted: 0 of 24 images passed; "
        "replicate 2, painted: 0 of 24 images passed"
    )
    assert change(rows) == []


def test_an_arm_that_lacks_one_replicate_has_the_mean_of_the_others_and_names_it():
    rows = [*runs("real", (0.5, 0.6, 0.7)), *runs("mixed", (0.6, 0.8)), not_trained("mixed", 3)]
    mixed = summary(rows, IOU)[1]
    assert (mixed["n_replicates"], mixed["mean"]) == (2, pytest.approx(0.7))
    assert mixed["reason"] == "not trained: replicate 3, painted: 0 of 24 images passed"
    (row,) = change(rows)
    assert (row["n_replicates"], row["difference"], row["reason"]) == (2, pytest.approx(0.15), "")


def test_a_study_of_ten_arms_agrees_with_a_loop_over_its_rows():
    scores = scores_of(replicates=6, seeds=2, slices=3)
    plain = [row for row in rows_of(scores) if row["scope"] == "volume"]
    found = rows_of(summarise(scores, SCORES, of=OF_RUN, confidence=0.9))
    assert len(found) == 15 * 4 * len(SCORES)
    row = next(r for r in found if (r["arm"], r["budget"], r["metric"]) == ("mixed-50", "3", "assd_nm"))
    values = {
        (arm, n): np.mean(
            [r["assd_nm"] for r in plain if (r["arm"], r["budget"], r["replicate"]) == (arm, "3", n)]
        )
        for arm in ("mixed-50", "real")
        for n in range(1, 7)
    }
    own = np.array([values["mixed-50", n] for n in range(1, 7)])
    half = stats.t.ppf(0.95, 5) * own.std(ddof=1) / 6**0.5 / own.mean()  # of the logarithm
    bounds = [np.exp(np.log(own.mean()) + sign * half) for sign in (-1, 1)]
    assert [row[name] for name in ("mean", "low", "high")] == pytest.approx([own.mean(), *bounds])
    paired = own - [values["real", n] for n in range(1, 7)]
    low, high = stats.t.interval(0.9, 5, paired.mean(), paired.std(ddof=1) / 6**0.5)
    changes = rows_of(differences(scores, SCORES, of=OF_RUN, reference="real", confidence=0.9))
    row = next(r for r in changes if (r["arm"], r["budget"], r["metric"]) == ("mixed-50", "3", "assd_nm"))
    assert [row[name] for name in ("difference", "low", "high")] == pytest.approx([paired.mean(), low, high])
    partitions = summarise(partitions_of(scores), PARTITIONS, of=OF_PARTITION, confidence=0.9)
    assert len(partitions) == 15 * 4 * 4 * len(PARTITIONS)
