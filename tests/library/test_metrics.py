import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.metrics.masks import (
    COLUMNS,
    UNDEFINED,
    apply_global_threshold,
    best_global_threshold,
    components,
    instance_scores,
    membrane_f1,
    overlap_scores,
    score_rows,
    voxel_counts,
)


def line(*values):
    return np.array(values)[None, None]  # [1, 1, X]


def test_overlap_of_a_case_counted_by_hand():
    """2 voxels shared, 1 extra, 3 missed, 4 rightly empty."""
    scores = overlap_scores(line(1, 1, 1, 0, 0, 0, 0, 0, 0, 0), line(1, 1, 0, 1, 1, 1, 0, 0, 0, 0))
    assert scores == pytest.approx(
        {"iou": 2 / 6, "dice": 4 / 8, "precision": 2 / 3, "recall": 2 / 5, "accuracy": 6 / 10}
    )


def test_a_perfect_mask_scores_1_everywhere():
    mask = line(0, 1, 1)
    assert set(overlap_scores(mask, mask).values()) == {1.0}


def test_an_empty_prediction_has_no_precision():
    scores = overlap_scores(line(0, 0), line(0, 1))
    assert scores == {"iou": 0.0, "dice": 0.0, "precision": None, "recall": 0.0, "accuracy": 0.5}


def test_an_empty_truth_has_no_recall():
    scores = overlap_scores(line(0, 1), line(0, 0))
    assert scores == {"iou": 0.0, "dice": 0.0, "precision": 0.0, "recall": None, "accuracy": 0.5}


def test_two_empty_masks_have_only_an_accuracy():
    scores = overlap_scores(line(0, 0), line(0, 0))
    assert scores == {"iou": None, "dice": None, "precision": None, "recall": None, "accuracy": 1.0}
    assert {name for name, value in scores.items() if value is None} <= UNDEFINED.keys()


def test_scores_are_plain_floats():
    mask = line(1, 0)
    scores = (
        overlap_scores(mask, mask) | instance_scores(mask, mask) | membrane_f1(mask, mask, tolerance_px=1)
    )
    assert {type(value) for value in scores.values()} == {float, int}


def test_masks_of_different_shapes_are_refused():
    with pytest.raises(SynthemError, match="DATA_SHAPE"):
        overlap_scores(line(1, 0), line(1, 0, 0))


def test_permuted_ids_are_still_perfect():
    scores = instance_scores(line(7, 7, 0, 3, 3), line(1, 1, 0, 900, 900))
    assert scores == {"ap50": 1.0, "instance_f1": 1.0, "count": 2, "true_count": 2}


def test_one_split_with_a_large_piece_keeps_the_match_and_adds_a_false_instance():
    """IoU 3/4 matches, 1/4 does not: TP 1, FP 1, FN 0."""
    scores = instance_scores(line(1, 1, 1, 2), line(5, 5, 5, 5))
    assert scores == {"ap50": 0.5, "instance_f1": pytest.approx(2 / 3), "count": 2, "true_count": 1}


def test_a_split_in_halves_matches_nothing():
    """IoU exactly 0.5 is not above 0.5: TP 0, FP 2, FN 1."""
    scores = instance_scores(line(1, 1, 2, 2), line(5, 5, 5, 5))
    assert scores == {"ap50": 0.0, "instance_f1": 0.0, "count": 2, "true_count": 1}


def test_one_merge_loses_the_smaller_instance():
    """The label covers a true one of 4 and one of 2: IoU 4/6 matches; TP 1, FP 0, FN 1."""
    scores = instance_scores(line(1, 1, 1, 1, 1, 1), line(2, 2, 2, 2, 3, 3))
    assert scores == {"ap50": 0.5, "instance_f1": pytest.approx(2 / 3), "count": 1, "true_count": 2}


@pytest.mark.parametrize(("labels", "truth"), [((0, 0), (1, 2)), ((1, 2), (0, 0))])
def test_nothing_found_and_nothing_true_score_0(labels, truth):
    assert instance_scores(line(*labels), line(*truth))["ap50"] == 0.0


def test_without_any_instance_the_score_is_undefined():
    assert instance_scores(line(0), line(0)) == {
        "ap50": None,
        "instance_f1": None,
        "count": 0,
        "true_count": 0,
    }


def test_instance_scores_agree_with_a_loop_over_all_pairs():
    rng = np.random.default_rng(0)
    for _ in range(20):
        truth = np.repeat(rng.integers(0, 5, (2, 3, 4)), 3, axis=2)
        labels = np.where(rng.random(truth.shape) < 0.3, rng.integers(0, 7, truth.shape), 10 * truth)
        true_ids, found_ids = set(truth[truth > 0]), set(labels[labels > 0])
        matches = sum(
            ((labels == f) & (truth == t)).sum() / ((labels == f) | (truth == t)).sum() > 0.5
            for f in found_ids
            for t in true_ids
        )
        scores = instance_scores(labels, truth)
        assert scores["ap50"] == pytest.approx(matches / (len(found_ids) + len(true_ids) - matches))
        assert scores["instance_f1"] == pytest.approx(2 * matches / (len(found_ids) + len(true_ids)))


def test_components_that_touch_at_a_corner_are_one():
    mask = np.zeros((2, 2, 4), np.uint8)
    mask[0, 0, 0] = mask[1, 1, 1] = mask[0, 0, 3] = 1
    labels = components(mask)
    assert labels.dtype == np.uint32
    assert labels.max() == 2
    assert labels[0, 0, 0] == labels[1, 1, 1] != labels[0, 0, 3]


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


def test_rows_are_one_per_slice_and_one_for_the_volume():
    truth = np.zeros((2, 1, 4), np.uint8)
    truth[0, 0] = 1, 1, 0, 0
    mask = np.zeros_like(truth)
    mask[0, 0] = 1, 1, 1, 0
    rows = score_rows(mask, components(mask), truth, None, slices=[30, 35], linked=True, ignore=None)
    assert [(row["scope"], row["slice"]) for row in rows] == [("slice", 30), ("slice", 35), ("volume", None)]
    assert rows[0]["iou"] == rows[2]["iou"] == pytest.approx(2 / 3)
    assert rows[1]["iou"] is None
    assert "ap50" not in rows[0]
    assert (rows[2]["ap50"], rows[2]["count"], rows[2]["true_count"]) == (1.0, 1, 1)
    assert {key for row in rows for key in row} <= set(COLUMNS)


def test_the_counts_of_the_slices_pool_to_the_iou_of_the_volume():
    rng = np.random.default_rng(0)
    mask, truth = rng.integers(0, 2, (2, 5, 6, 7))
    *slices, volume = score_rows(
        mask, components(mask), truth, None, slices=range(5), linked=True, ignore=None
    )
    shared, extra, missed = (sum(row[c] for row in slices) for c in COLUMNS[-3:])
    assert shared / (shared + extra + missed) == volume["iou"]


def test_given_truth_labels_replace_the_components():
    mask = line(1, 1, 1, 1)
    volume = score_rows(mask, mask, mask, line(1, 1, 2, 2), slices=[0], linked=True, ignore=None)[-1]
    assert volume["true_count"] == 2


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_best_global_threshold_is_that_of_a_loop_over_all_masks(dtype, sign):
    rng = np.random.default_rng(4)
    truth = rng.random((2, 8, 9)) < 0.3
    image = (100 + sign * 20 * truth + rng.normal(0, 12, truth.shape)).astype(dtype)
    masks = {(dark, t): (image <= t if dark else image >= t) for dark in (True, False) for t in range(200)}
    best = max((mask & truth).sum() / (mask | truth).sum() for mask in masks.values())
    found = best_global_threshold(image, truth)
    assert found["iou"] == pytest.approx(best)
    assert found["dark"] == (sign < 0)
    again = apply_global_threshold(image, found["threshold"], found["dark"])
    assert again.dtype == np.uint8
    assert overlap_scores(again, truth)["iou"] == pytest.approx(best)


def test_tied_thresholds_go_to_the_lower_level():
    assert best_global_threshold(np.uint8(line(10, 50)), line(1, 0)) == {
        "threshold": 10,
        "dark": True,
        "iou": 1.0,
    }
    assert best_global_threshold(np.uint8(line(10, 50)), line(0, 1)) == {
        "threshold": 11,
        "dark": False,
        "iou": 1.0,
    }


def test_a_structure_never_seen_is_found_nowhere():
    image = np.uint8(line(1, 2))
    found = best_global_threshold(image, line(0, 0))
    assert found == {"threshold": None, "dark": None, "iou": None}
    assert not apply_global_threshold(image, found["threshold"], found["dark"]).any()


def test_colours_are_averaged_for_the_threshold():
    image = np.zeros((1, 1, 2, 3), np.uint8)
    image[0, 0, 1] = 30, 60, 90
    assert apply_global_threshold(image, 60, False).tolist() == [[[0, 1]]]


def test_an_image_of_floats_is_refused():
    with pytest.raises(SynthemError, match="DATA_FORMAT"):
        best_global_threshold(np.zeros((1, 2, 2)), np.zeros((1, 2, 2)))


def test_unknown_voxels_are_in_no_overlap():
    """The case counted by hand above, with an error of either kind and a hit in unknown ground."""
    mask = line(1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1)
    truth = line(1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1)
    ignore = line(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1)
    assert overlap_scores(mask, truth, ignore) == overlap_scores(mask[..., :10], truth[..., :10])
    assert voxel_counts(mask, truth, ignore) == {"shared_voxels": 2, "extra_voxels": 1, "missed_voxels": 3}


def test_a_slice_of_which_nothing_is_known_has_no_score_and_a_reason():
    scores = overlap_scores(line(0, 1), line(1, 1), line(1, 1))
    assert set(scores.values()) == {None}
    assert all("known" in UNDEFINED[name] for name in scores)
    assert set(voxel_counts(line(0, 1), line(1, 1), line(1, 1)).values()) == {0}


def test_an_instance_mostly_in_unknown_ground_is_not_counted():
    # found: 1 half in unknown ground, 2 all in known, 3 by two thirds in unknown; true: 1 and 9 likewise
    labels = line(1, 1, 0, 2, 2, 0, 3, 3, 3)
    truth = line(1, 1, 0, 0, 0, 0, 9, 9, 9)
    ignore = line(0, 1, 0, 0, 0, 0, 0, 1, 1)
    scores = instance_scores(labels, truth, ignore)
    assert (scores["count"], scores["true_count"]) == (2, 1)
    assert scores["ap50"] == 1 / 2  # 1 found, 2 a false alarm


def test_a_partly_unknown_instance_is_judged_by_its_known_voxels():
    """Of 6 voxels 3 are known: 2 of them found make an IoU of 2/3; with all voxels it would be 2/6."""
    labels, truth = line(0, 1, 1, 0, 0, 0), line(5, 5, 5, 5, 5, 5)
    assert instance_scores(labels, truth)["ap50"] == 0
    assert instance_scores(labels, truth, line(0, 0, 0, 1, 1, 1))["ap50"] == 1


def test_an_instance_left_out_of_one_side_leaves_its_partner_alone():
    """The found one is mostly unknown, the true one is not: it stays missed."""
    scores = instance_scores(line(0, 1, 1, 1), line(5, 5, 0, 0), line(0, 0, 1, 1))
    assert (scores["count"], scores["true_count"], scores["ap50"]) == (0, 1, 0.0)


def test_instances_in_unknown_ground_agree_with_a_loop_over_all_of_them():
    rng = np.random.default_rng(1)
    for _ in range(20):
        truth = np.repeat(rng.integers(0, 5, (2, 3, 4)), 3, axis=2)
        labels = np.where(rng.random(truth.shape) < 0.3, rng.integers(0, 7, truth.shape), 10 * truth)
        known = rng.random(truth.shape) < 0.5

        def counted(array, known=known):
            ids = set(array[array > 0])
            return [
                known & (array == i) for i in ids if 2 * (known & (array == i)).sum() >= (array == i).sum()
            ]

        found, true = counted(labels), counted(truth)
        matches = sum((f & t).sum() / (f | t).sum() > 0.5 for f in found for t in true)
        scores = instance_scores(labels, truth, (~known).astype(np.uint8))
        assert (scores["count"], scores["true_count"]) == (len(found), len(true))
        assert scores["instance_f1"] == pytest.approx(2 * matches / (len(found) + len(true)))


def test_membranes_in_unknown_ground_are_neither_found_nor_missed():
    mask, truth = line(1, 0, 1, 0, 1), line(1, 1, 0, 0, 1)
    unknown = line(0, 1, 1, 0, 0)
    assert membrane_f1(mask, truth, tolerance_px=0)["f1"] == pytest.approx(2 / 3)
    assert membrane_f1(mask, truth, unknown, tolerance_px=0)["f1"] == 1.0
    nothing = membrane_f1(mask, truth, np.ones_like(unknown), tolerance_px=1)
    assert nothing == {"precision": None, "recall": None, "f1": None}


def test_a_threshold_is_not_chosen_on_unknown_voxels():
    image, truth = np.uint8(line(10, 50, 10, 10)), line(0, 1, 1, 1)
    assert best_global_threshold(image, truth)["iou"] == pytest.approx(3 / 4)
    known = best_global_threshold(image, truth, line(0, 0, 1, 1))
    assert known == {"threshold": 11, "dark": False, "iou": 1.0}
    assert best_global_threshold(image, truth, np.ones_like(truth))["threshold"] is None


def test_rows_leave_out_unknown_voxels_of_slices_and_volume():
    truth, mask, ignore = np.zeros((3, 2, 1, 4), np.uint8)
    truth[0, 0], mask[0, 0], ignore[0, 0] = (1, 1, 0, 0), (1, 1, 1, 0), (0, 0, 1, 0)
    mask[1], ignore[1] = 1, 1
    rows = score_rows(mask, components(mask), truth, None, slices=[7, 8], linked=True, ignore=ignore)
    assert [row["iou"] for row in rows] == [1.0, None, 1.0]
    assert [row["accuracy"] for row in rows] == [1.0, None, 1.0]
    # The found one goes on in the unknown slice, with 5 of its 7 voxels: it is not counted.
    assert (rows[2]["count"], rows[2]["true_count"]) == (0, 1)


def test_an_ignore_array_of_another_shape_is_refused():
    mask = line(1, 0)
    with pytest.raises(SynthemError, match="DATA_SHAPE ignore"):
        score_rows(mask, mask, mask, None, slices=[0], linked=True, ignore=line(0, 0, 0))
