import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.metrics.definitions import MASKS, reasons
from synthem.metrics.masks import (
    membrane_f1,
    overlap_scores,
    voxel_counts,
)


def line(*values):
    return np.array(values)[None, None]  # [1, 1, X]


def test_overlap_of_a_case_counted_by_hand():
    """2 voxels shared, 1 extra, 3 missed, 4 rightly empty."""
    scores = overlap_scores(line(1, 1, 1, 0, 0, 0, 0, 0, 0, 0), line(1, 1, 0, 1, 1, 1, 0, 0, 0, 0))
    assert scores == pytest.approx(
        {
            "iou": 2 / 6,
            "dice": 4 / 8,
            "iou_mean": (2 / 6 + 4 / 8) / 2,
            "dice_mean": (4 / 8 + 8 / 12) / 2,
            "precision": 2 / 3,
            "recall": 2 / 5,
            "accuracy": 6 / 10,
        }
    )


def test_a_perfect_mask_has_the_best_value_of_every_score():
    mask = line(0, 1, 1)
    assert overlap_scores(mask, mask) == {name: metric.best for name, metric in MASKS.items()}


def test_an_empty_prediction_has_no_precision():
    scores = overlap_scores(line(0, 0), line(0, 1))
    assert (scores["iou"], scores["dice"], scores["recall"], scores["accuracy"]) == (0.0, 0.0, 0.0, 0.5)
    assert (scores["iou_mean"], scores["dice_mean"]) == (1 / 4, 1 / 3)
    assert reasons(scores, MASKS) == "precision: the mask is empty, or nothing is known of it"


def test_an_empty_truth_has_no_recall():
    scores = overlap_scores(line(0, 1), line(0, 0))
    assert (scores["iou"], scores["dice"], scores["precision"], scores["accuracy"]) == (0.0, 0.0, 0.0, 0.5)
    assert reasons(scores, MASKS) == "recall: the truth is empty, or nothing is known of it"


def test_two_empty_masks_have_only_an_accuracy():
    scores = overlap_scores(line(0, 0), line(0, 0))
    assert scores == dict.fromkeys(MASKS) | {"accuracy": 1.0}


def test_two_full_masks_have_no_background_to_average_with():
    scores = overlap_scores(line(1, 1), line(1, 1))
    assert (scores["iou"], scores["iou_mean"], scores["dice_mean"]) == (1.0, None, None)


def test_scores_are_plain_floats():
    mask = line(1, 0)
    scores = overlap_scores(mask, mask) | membrane_f1(mask, mask, tolerance_px=1)
    assert {type(value) for value in scores.values()} == {float}


def test_masks_of_different_shapes_are_refused():
    with pytest.raises(SynthemError, match="DATA_SHAPE"):
        overlap_scores(line(1, 0), line(1, 0, 0))


def test_membranes_without_tolerance_give_the_pixel_f1():
    scores = membrane_f1(line(1, 1, 1, 0, 0), line(1, 1, 0, 1, 0), tolerance_px=0)
    assert scores == pytest.approx({"precision": 2 / 3, "recall": 2 / 3, "f1": 2 / 3})


def test_a_membrane_one_pixel_off_is_perfect_with_tolerance_1_and_wrong_without():
    mask, truth = np.zeros((2, 1, 5, 5), np.uint8)
    mask[0, 2], truth[0, 3] = 1, 1
    assert membrane_f1(mask, truth, tolerance_px=0)["f1"] == 0.0
    assert membrane_f1(mask, truth, tolerance_px=1) == {"precision": 1.0, "recall": 1.0, "f1": 1.0}


def test_tolerance_is_a_distance_within_the_slice():
    mask, truth = np.zeros((2, 2, 5, 5), np.uint8)
    mask[0, 2, 2], truth[0, 3, 3] = 1, 1  # the square root of 2 apart
    truth[1, 2, 2] = 1  # in the next slice: no help
    assert membrane_f1(mask, truth, tolerance_px=1)["precision"] == 0.0
    scores = membrane_f1(mask, truth, tolerance_px=1.5)
    assert scores == pytest.approx({"precision": 1.0, "recall": 1 / 2, "f1": 2 / 3})


def test_membrane_scores_of_empty_masks():
    empty, full = np.zeros((1, 3, 3)), np.ones((1, 3, 3))
    assert membrane_f1(empty, full, tolerance_px=2) == {"precision": None, "recall": 0.0, "f1": 0.0}
    assert membrane_f1(full, empty, tolerance_px=2) == {"precision": 0.0, "recall": None, "f1": 0.0}
    assert membrane_f1(empty, empty, tolerance_px=2) == {"precision": None, "recall": None, "f1": None}


def test_unknown_voxels_are_in_no_overlap():
    """The case counted by hand above, with an error of either kind and a hit in unknown ground."""
    mask = line(1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1)
    truth = line(1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1)
    ignore = line(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1)
    assert overlap_scores(mask, truth, ignore) == overlap_scores(mask[..., :10], truth[..., :10])
    assert voxel_counts(mask, truth, ignore) == {
        "shared_voxels": 2,
        "extra_voxels": 1,
        "missed_voxels": 3,
        "empty_voxels": 4,
    }


def test_a_slice_of_which_nothing_is_known_has_no_score_and_a_reason():
    scores = overlap_scores(line(0, 1), line(1, 1), line(1, 1))
    assert set(scores.values()) == {None}
    assert all("known" in MASKS[name].undefined for name in scores)
    assert set(voxel_counts(line(0, 1), line(1, 1), line(1, 1)).values()) == {0}


def test_membranes_in_unknown_ground_are_neither_found_nor_missed():
    mask, truth = line(1, 0, 1, 0, 1), line(1, 1, 0, 0, 1)
    unknown = line(0, 1, 1, 0, 0)
    assert membrane_f1(mask, truth, tolerance_px=0)["f1"] == pytest.approx(2 / 3)
    assert membrane_f1(mask, truth, unknown, tolerance_px=0)["f1"] == 1.0
    nothing = membrane_f1(mask, truth, np.ones_like(unknown), tolerance_px=1)
    assert nothing == {"precision": None, "recall": None, "f1": None}
