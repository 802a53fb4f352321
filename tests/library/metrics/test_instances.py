import numpy as np
import pytest

from synthem.metrics.instances import (
    THRESHOLDS,
    instance_scores,
    instances,
    matches,
    without_hidden,
)
from tests.shared.overlap_tables import overlaps

PERFECT = dict.fromkeys(("ap50", "ap75", "map", "f1", "pq", "sq", "rq"), 1.0) | {"count_error": 0}


def row(*values):
    return np.array(values)[None, None]  # [1, 1, X]


def found(labels, truth, ignore=None):
    known = overlaps(labels, truth, ignore)
    if ignore is None:
        return instances(known)
    return instances(without_hidden(known, known, overlaps(labels, truth, 1 - ignore)))


def scores_of(labels, truth, ignore=None):
    return instance_scores(found(labels, truth, ignore))


def test_permuted_ids_are_perfect():
    scores = scores_of(row(7, 7, 0, 4_000_000_000), row(1, 1, 0, 900))
    assert scores == PERFECT | {"count": 2, "true_count": 2}


def test_one_split_with_a_large_piece_keeps_the_match_and_adds_a_false_instance():
    """IoU 4/5 matches up to 0.75, and is not above 0.8: at 6 of 10 thresholds TP 1, FP 1, FN 0."""
    assert scores_of(row(1, 1, 1, 1, 2), row(5, 5, 5, 5, 5)) == pytest.approx(
        {
            "ap50": 1 / 2,
            "ap75": 1 / 2,
            "map": 6 / 10 * 1 / 2,
            "f1": 2 / 3,
            "pq": 0.8 / 1.5,
            "sq": 0.8,
            "rq": 2 / 3,
            "count": 2,
            "true_count": 1,
            "count_error": 1,
        }
    )


def test_a_merge_of_equals_matches_nothing():
    """IoU exactly 0.5 is not above 0.5: TP 0, FP 1, FN 2."""
    scores = scores_of(row(1, 1, 1, 1), row(5, 5, 6, 6))
    assert [scores[name] for name in ("ap50", "map", "f1", "pq", "rq")] == [0.0] * 5
    assert scores["sq"] is None
    assert scores["count_error"] == -1


def test_a_shift_by_a_pixel():
    """A cell of 4, one pixel on: IoU 3/5, above 0.5 and 0.55 and not above 0.6."""
    scores = scores_of(row(0, 1, 1, 1, 1, 0), row(1, 1, 1, 1, 0, 0))
    assert (scores["ap50"], scores["ap75"]) == (1.0, 0.0)
    assert scores["map"] == pytest.approx(2 / 10)
    assert scores["pq"] == scores["sq"] == pytest.approx(3 / 5)


def test_an_empty_truth_or_prediction_scores_0():
    for labels, truth, error in ((row(0, 0), row(1, 2), -2), (row(1, 2), row(0, 0), 2)):
        scores = scores_of(labels, truth)
        assert (scores["ap50"], scores["map"], scores["f1"], scores["pq"]) == (0.0, 0.0, 0.0, 0.0)
        assert scores["count_error"] == error


def test_without_any_instance_every_score_is_undefined_for_a_reason():
    scores = scores_of(row(0), row(0))
    assert {name for name, value in scores.items() if value is None} == PERFECT.keys() - {"count_error"}
    assert (scores["count"], scores["true_count"], scores["count_error"]) == (0, 0, 0)


def test_a_single_voxel_is_an_instance():
    assert scores_of(row(3), row(9)) == PERFECT | {"count": 1, "true_count": 1}


def test_scores_are_plain_numbers():
    kinds = {name: type(value) for name, value in scores_of(row(1, 1, 2), row(1, 1, 3)).items()}
    assert {name for name, kind in kinds.items() if kind is int} == {"count", "true_count", "count_error"}
    assert set(kinds.values()) == {int, float}


def test_instances_mostly_in_hidden_ground_count_nowhere():
    """Label 2 and true 8 lie half in hidden ground and stay; label 3 and true 9 do by more and are gone."""
    labels = row(1, 1, 2, 2, 3, 3, 3)
    truth = row(7, 7, 8, 8, 9, 9, 9)
    ignore = row(0, 0, 0, 1, 1, 1, 0)
    rows = matches(found(labels, truth, ignore))
    assert [(r["truth"], r["label"], r["voxels"]) for r in rows] == [(7, 1, 2), (8, 2, 1)]


def test_a_label_whose_true_instance_is_hidden_is_false():
    rows = matches(found(row(1, 0, 0), row(7, 7, 7), row(0, 1, 1)))
    assert rows == [{"truth": None, "label": 1, "true_voxels": None, "voxels": 1, "iou": None}]


def test_matches_are_a_row_per_true_instance_and_then_the_labels_left_over():
    labels, truth = row(4, 4, 4, 0, 0, 6), row(1, 1, 1, 1, 2, 0)
    assert matches(found(labels, truth)) == [
        {"truth": 1, "label": 4, "true_voxels": 4, "voxels": 3, "iou": 0.75},
        {"truth": 2, "label": None, "true_voxels": 1, "voxels": None, "iou": None},
        {"truth": None, "label": 6, "true_voxels": None, "voxels": 1, "iou": None},
    ]


def seen(labels, ignore):
    """{id: voxels that are known} of those not hidden by more than half, one by one."""
    masks = {i: labels == i for i in np.unique(labels[labels > 0])}
    if ignore is None:
        return masks
    return {
        i: mask & (ignore == 0)
        for i, mask in masks.items()
        if (mask & (ignore == 0)).any() and (mask & (ignore > 0)).sum() <= (mask & (ignore == 0)).sum()
    }


@pytest.mark.parametrize("hide", [False, True])
def test_scores_agree_with_a_loop_over_all_pairs(hide):
    random = np.random.default_rng(hide)
    for _ in range(30):
        truth = np.repeat(random.integers(0, 5, (2, 3, 4)), 5, axis=2)
        labels = np.where(random.random(truth.shape) < 0.2, random.integers(0, 7, truth.shape), 10 * truth)
        ignore = (random.random(truth.shape) < 0.4).astype(np.uint8) if hide else None
        labelled, true = seen(labels, ignore), seen(truth, ignore)
        ious = [(a & b).sum() / (a | b).sum() for a in labelled.values() for b in true.values()]
        scores = scores_of(labels, truth, ignore)
        averages = []
        for threshold in THRESHOLDS:
            hits = sum(iou > threshold for iou in ious)
            averages.append(hits / (len(labelled) + len(true) - hits))
        half = (len(labelled) + len(true)) / 2
        good = [iou for iou in ious if iou > 0.5]
        assert scores == pytest.approx(
            {
                "ap50": averages[0],
                "ap75": averages[5],
                "map": np.mean(averages),
                "f1": len(good) / half,
                "pq": sum(good) / half,
                "sq": np.mean(good) if good else None,
                "rq": len(good) / half,
                "count": len(labelled),
                "true_count": len(true),
                "count_error": len(labelled) - len(true),
            }
        )
