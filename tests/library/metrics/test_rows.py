import math

import numpy as np
import pytest
from skimage.metrics import adapted_rand_error, variation_of_information

from synthem.errors import SynthemError
from synthem.kernels.components import label_components
from synthem.metrics.columns import ISBI_COLUMNS, PARTITION_COLUMNS, RUN, SCORE_COLUMNS
from synthem.metrics.conventions import CONVENTIONS, convention_scores
from synthem.metrics.definitions import INSTANCES, MASKS, PARTITIONS, SCORES, SURFACES
from synthem.metrics.instances import instance_scores, instances
from synthem.metrics.rows import isbi_row, partition_rows, score_rows
from synthem.metrics.surfaces import surface_scores
from synthem.metrics.truth import Truth, truth_of
from synthem.storage.volumes import Facts, Volume
from tests.shared.overlap_tables import overlaps

VOXEL_NM = (40.0, 5.0, 5.0)


def truth_from(mask, labels=None, ignore=None, linked=True):
    """Truth of a block that is the whole volume."""
    mask = np.asarray(mask, np.uint8)
    facts = Facts(voxel_size_nm=VOXEL_NM, blocks={"test": ((0, len(mask)),)}, linked=linked)
    volume = Volume(
        np.zeros(mask.shape, np.uint8),
        facts,
        {"cells": mask},
        {} if labels is None else {"cells": np.asarray(labels, np.uint32)},
        {} if ignore is None else {"cells": np.asarray(ignore, np.uint8)},
    )
    return truth_of(volume, "cells", "test")


def scored(labels, truth, mask=None, tolerance=4.0, threads=1):
    labels = np.asarray(labels, np.uint32)
    mask = labels > 0 if mask is None else mask
    return score_rows(mask, labels, truth, boundary_tolerance_nm=tolerance, threads=threads)


def block(*slices):
    """Slices of rows of ids: [Z, 3, X]."""
    return np.stack([np.tile(np.array(ids, np.uint32), (3, 1)) for ids in slices])


def test_rows_are_one_per_slice_and_one_of_the_block_and_have_every_column():
    truth = truth_from(block([1, 1, 0, 0], [0, 0, 0, 0]))._replace(slices=[30, 35])
    rows = scored(block([7, 7, 7, 0], [0, 0, 0, 0]), truth)
    assert [(row["scope"], row["slice"]) for row in rows] == [("slice", 30), ("slice", 35), ("volume", None)]
    run = {*RUN, "threshold"}  # are the script's to add
    assert all(row.keys() | run == set(SCORE_COLUMNS) for row in rows)
    assert rows[0]["iou"] == rows[2]["iou"] == pytest.approx(2 / 3)
    assert (rows[2]["ap50"], rows[2]["count"], rows[2]["true_count"]) == (1.0, 1, 1)


def test_identical_instances_with_other_ids_are_perfect():
    labels = block([1, 1, 0, 2, 2, 0], [1, 1, 0, 2, 2, 0])
    renamed = np.where(labels > 0, 90 - labels, 0)
    for linked in (True, False):
        for given in (None, labels):
            truth = truth_from(labels > 0, given, linked=linked)
            apart = renamed if linked else renamed + (renamed > 0) * np.arange(2)[:, None, None] * 100
            for row in scored(apart, truth, tolerance=0.0):
                best = {name: metric.best or 0 for name, metric in SCORES.items()}
                assert {name: row[name] for name in SCORES} == best
                assert row["reason"] == ""


def test_an_empty_slice_of_the_truth_has_a_reason_for_each_score_that_is_missing():
    truth = truth_from(block([1, 1, 0, 0], [0, 0, 0, 0]))
    empty = scored(block([1, 1, 0, 0], [0, 0, 0, 0]), truth)[1]
    missing = {name for name in SCORES if empty[name] is None}
    assert missing == SCORES.keys() - {"accuracy", "count_error"}
    said = dict(part.split(": ", 1) for part in empty["reason"].split("; "))
    assert said == {name: SCORES[name].undefined for name in missing}


def test_a_false_alarm_in_an_empty_slice_scores_0_and_has_no_distance():
    truth = truth_from(block([1, 1, 0, 0], [0, 0, 0, 0]))
    row = scored(block([1, 1, 0, 0], [2, 2, 0, 0]), truth)[1]
    assert (row["iou"], row["precision"], row["ap50"], row["boundary_precision"]) == (0.0, 0.0, 0.0, 0.0)
    assert (row["recall"], row["boundary_recall"], row["assd_nm"]) == (None, None, None)
    assert row["count_error"] == 1


def test_one_split():
    """A cell of 4 columns in a slice, found as 3 and 1: IoU 3/4 and a false one."""
    truth = truth_from(block([5, 5, 5, 5, 0]), block([5, 5, 5, 5, 0]))
    row = scored(block([1, 1, 1, 2, 0]), truth)[-1]
    assert (row["iou"], row["ap50"], row["ap75"], row["count_error"]) == (1.0, 1 / 2, 0.0, 1)
    assert row["instance_f1"] == pytest.approx(2 / 3)
    assert (row["sq"], row["pq"]) == (3 / 4, pytest.approx(0.75 * 2 / 3))
    # Found surfaces: columns 2, 3 (where they touch) and 3 (before 0); true: column 3.
    assert row["boundary_precision"] == 1 / 2
    assert row["boundary_recall"] == 1.0
    assert row["hausdorff_nm"] == 5.0
    assert row["assd_nm"] == pytest.approx((3 * 5.0 + 0) / 9)


def test_one_merge():
    """True cells of 4 and 2 columns, found as one: IoU 4/6 matches, the other is missed."""
    truth = truth_from(block([2, 2, 2, 2, 3, 3]), block([2, 2, 2, 2, 3, 3]))
    row = scored(block([1, 1, 1, 1, 1, 1]), truth)[-1]
    assert (row["ap50"], row["count_error"], row["recall"]) == (1 / 2, -1, 1.0)
    assert (row["boundary_precision"], row["boundary_recall"]) == (None, 0.0)  # nothing found ends anywhere


def test_a_shift_by_a_pixel_is_right_within_the_tolerance_and_wrong_below():
    labels, truth = block([0, 0, 0, 1, 1, 1, 1, 0]), truth_from(block([0, 0, 1, 1, 1, 1, 0, 0]))
    forgiven, strict = (scored(labels, truth, tolerance=nm)[-1] for nm in (5.0, 4.9))
    assert (forgiven["boundary_f1"], strict["boundary_f1"]) == (1.0, 0.0)
    assert strict["assd_nm"] == strict["hausdorff_nm"] == strict["hd95_nm"] == 5.0
    assert strict["iou"] == 3 / 5
    assert strict["dice"] == 3 / 4


def test_surfaces_within_a_mask_count_only_where_the_data_has_true_instances():
    labels, mask = block([1, 1, 2, 2, 0]), block([1, 1, 1, 1, 0])
    assert scored(labels, truth_from(mask))[-1]["boundary_f1"] == 1.0
    assert scored(labels, truth_from(mask, mask))[-1]["boundary_precision"] == 1 / 3


def test_a_slice_is_scored_as_a_picture_of_its_own():
    """An instance that goes through two slices is one in each; distances are those within the slice."""
    truth = truth_from(block([1, 1, 0, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0, 0, 0]))
    *slices, whole = scored(block([1, 1, 0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 1, 0]), truth)
    assert [row["true_count"] for row in slices] == [1, 1]
    assert (whole["true_count"], whole["count"]) == (1, 1)
    assert slices[1]["ap50"] == whole["ap50"] == 0.0  # 2 of 7 columns; 4 of 9
    assert slices[0]["hausdorff_nm"] == 0.0
    assert slices[1]["hausdorff_nm"] == 25.0
    assert whole["hausdorff_nm"] == 25.0


def test_a_linked_block_is_measured_in_three_dimensions():
    """One voxel each, a slice apart: 40 nm; of tiles there is no way from one to the other."""
    found, true = np.zeros((2, 2, 5, 5), np.uint32)
    found[0, 2, 2] = true[1, 2, 2] = 1
    linked, tiles = (scored(found, truth_from(true, linked=linked))[-1] for linked in (True, False))
    assert linked["assd_nm"] == 40.0
    assert tiles["assd_nm"] is None
    assert (tiles["boundary_precision"], tiles["boundary_recall"], tiles["boundary_f1"]) == (0.0, 0.0, 0.0)


def test_surface_voxels_of_tiles_are_put_together():
    """Shifts of 5 and 15 nm in two tiles, perfect in the third; the fourth is missed."""
    true = [[1, 1, 0, 0, 0, 0]] * 4
    found = [[1, 1, 1, 0, 0, 0], [1, 1, 1, 1, 1, 0], [1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]]
    row = scored(block(*found), truth_from(block(*true), linked=False), tolerance=5.0)[-1]
    assert (row["boundary_precision"], row["boundary_recall"]) == (2 / 3, 2 / 4)
    assert row["assd_nm"] == pytest.approx((5 + 15 + 0) / 3)
    assert row["hausdorff_nm"] == 15.0


def test_an_id_in_two_tiles_is_two_instances():
    labels = block([1, 1, 0], [1, 1, 0])
    truth = truth_from(labels > 0, labels, linked=False)
    assert scored(labels + (labels > 0) * np.array([0, 5])[:, None, None], truth)[-1]["true_count"] == 2
    assert truth_from(labels > 0, linked=False).instances.max() == 2
    assert truth_from(labels > 0, labels).instances.max() == 1


def test_the_counts_of_the_slices_pool_to_the_scores_of_the_block():
    mask, truth = np.random.default_rng(0).integers(0, 2, (2, 5, 6, 7))
    *slices, whole = scored(label_components(mask > 0, neighbours=26)[0], truth_from(truth), mask)
    shared, extra, missed, empty = (sum(row[f"{name}_voxels"] for row in slices) for name in WHERE)
    assert shared / (shared + extra + missed) == whole["iou"]
    assert shared + extra + missed + empty == mask.size
    assert (shared + empty) / mask.size == whole["accuracy"]


WHERE = ("shared", "extra", "missed", "empty")


def test_scores_of_voxels_are_of_the_mask_and_the_segmented_iou_of_what_the_size_filter_left():
    """Marked: 3 of the 4 true columns and a speck that the filter drops, which leaves 2 of the true ones."""
    mask, labels = block([1, 1, 1, 0, 0, 1]), block([1, 1, 0, 0, 0, 0])
    for row in scored(labels, truth_from(block([1, 1, 1, 1, 0, 0])), mask):
        assert (row["iou"], row["segmented_iou"], row["precision"]) == (3 / 5, 2 / 4, 3 / 4)
    nothing = scored(block([0, 0]), truth_from(block([0, 0])), block([1, 0]))[-1]
    assert (nothing["iou"], nothing["segmented_iou"]) == (0.0, None)
    assert "segmented_iou: neither the mask nor the truth" in nothing["reason"]


def test_unknown_voxels_count_in_no_slice_and_not_in_the_block():
    truth, labels, ignore = np.zeros((3, 2, 1, 4), np.uint32)
    truth[0, 0], labels[0, 0], ignore[0, 0] = (1, 1, 0, 0), (1, 1, 1, 0), (0, 0, 1, 0)
    labels[1], ignore[1] = 1, 1
    rows = scored(labels, truth_from(truth, ignore=ignore))
    assert [row["iou"] for row in rows] == [1.0, None, 1.0]
    assert [row["accuracy"] for row in rows] == [1.0, None, 1.0]
    # The found one goes on in the unknown slice, with 5 of its 7 voxels: it is not counted.
    assert (rows[2]["count"], rows[2]["true_count"]) == (0, 1)
    assert (rows[0]["count"], rows[0]["true_count"]) == (1, 1)
    assert "accuracy: no voxel is known" in rows[1]["reason"]


def test_half_of_an_instance_in_unknown_ground_is_judged_by_the_known_half():
    """Found: 1 half unknown, 2 known, 3 two thirds unknown; true: 1 and 9 likewise."""
    labels, ids = block([1, 1, 0, 2, 2, 0, 3, 3, 3]), block([1, 1, 0, 0, 0, 0, 9, 9, 9])
    truth = truth_from(ids > 0, ids, block([0, 1, 0, 0, 0, 0, 0, 1, 1]))
    for row in scored(labels, truth):
        assert (row["count"], row["true_count"], row["ap50"]) == (2, 1, 1 / 2)
    one = truth_from(block([5, 5, 5, 5, 5, 5]), ignore=block([0, 0, 0, 1, 1, 1]))
    assert scored(block([0, 1, 1, 0, 0, 0]), one)[-1]["ap50"] == 1  # 2 of 3 known voxels; of all it is 2 of 6


def test_instances_of_a_block_agree_with_a_loop_over_all_of_them():
    random = np.random.default_rng(1)
    for _ in range(20):
        truth = np.repeat(random.integers(0, 5, (2, 3, 4)), 3, axis=2)
        labels = np.where(random.random(truth.shape) < 0.3, random.integers(0, 7, truth.shape), 10 * truth)
        known = random.random(truth.shape) < 0.5

        def counted(array, known=known):
            ids = set(array[array > 0].tolist())
            return [
                known & (array == i) for i in ids if 2 * (known & (array == i)).sum() >= (array == i).sum()
            ]

        found, true = counted(labels), counted(truth)
        hits = sum((f & t).sum() / (f | t).sum() > 0.5 for f in found for t in true)
        row = scored(labels, truth_from(truth > 0, truth, ~known))[-1]
        assert (row["count"], row["true_count"]) == (len(found), len(true))
        assert row["instance_f1"] == pytest.approx(2 * hits / (len(found) + len(true)))
        assert row["ap50"] == pytest.approx(hits / (len(found) + len(true) - hits))


def blobs(shape, ids, repeat, random):
    return np.kron(random.integers(0, ids, shape), np.ones((1, repeat, repeat), int)).astype(np.uint32)


def test_the_row_of_the_block_is_that_of_the_whole_arrays():
    random = np.random.default_rng(2)
    labels, ids = (blobs((4, 3, 5), 6, 7, random) for _ in range(2))
    ignore = (random.random(ids.shape) < 0.1).astype(np.uint8)
    whole = scored(labels, truth_from(ids > 0, ids), tolerance=11.0)[-1]
    surfaces = surface_scores(labels, ids, voxel_size_nm=VOXEL_NM, tolerance_nm=11.0, threads=1)
    assert {name: whole[name] for name in SURFACES} == surfaces
    found = instance_scores(instances(overlaps(labels, ids)))
    assert {name: whole[name] for name in INSTANCES if name in found} == {
        name: found[name] for name in INSTANCES if name in found
    }
    assert whole["instance_f1"] == found["f1"]
    for given in (None, ignore):
        truth = truth_from(ids > 0, ids, given)
        rows = [row for row in partition_rows(labels, truth, threads=1) if row["scope"] == "volume"]
        for row, other in zip(
            rows, convention_scores(labels, ids, given, voxel_size_nm=VOXEL_NM, threads=1), strict=True
        ):
            assert {name: row[name] for name in other if name in row} == {
                name: other[name] for name in other if name in row
            }


def partitions(labels, truth, threads=1):
    rows = partition_rows(np.asarray(labels, np.uint32), truth, threads=threads)
    return {(row["scope"], row["slice"], row["convention"]): row for row in rows}


def test_partitions_are_three_rows_a_slice_and_three_of_the_block():
    labels = block([1] * 9 + [2] * 9, [1] * 9 + [2] * 9)
    rows = partitions(labels, truth_from(labels > 0, labels)._replace(slices=[4, 5]))
    scopes = (("slice", 4), ("slice", 5), ("volume", None))
    assert list(rows) == [(*scope, name) for scope in scopes for name in CONVENTIONS]
    for row in rows.values():
        assert row.keys() | set(RUN) == set(PARTITION_COLUMNS)
        assert {name: row[name] for name in PARTITIONS} == {
            name: metric.best for name, metric in PARTITIONS.items()
        }
        assert row["reason"] == ""


def test_partitions_of_one_split_and_of_one_merge():
    """Two halves of 20 columns: a cut, or its lack, costs one bit under each convention."""
    whole, halves = block([1] * 40), block([1] * 20 + [2] * 20)
    for row in partitions(halves, truth_from(whole, whole)).values():
        assert (row["voi_split"], row["voi_merge"], row["arand_precision"]) == (1.0, 0.0, 1.0)
        assert row["cremi_score"] == pytest.approx(math.sqrt(row["arand"]))
        assert row["v_rand_split"] == 1 / 2
    for row in partitions(whole, truth_from(halves > 0, halves)).values():
        assert (row["voi_split"], row["voi_merge"], row["arand_recall"]) == (0.0, 1.0, 1.0)
        assert row["v_rand_merge"] == 1 / 2


def test_a_predicted_border_is_thin_for_v_rand_and_a_piece_of_its_own_for_voi_under_full():
    halves, wide = block([1] * 20 + [2] * 20), block([1] * 17 + [0] * 6 + [2] * 17)
    full = partitions(wide, truth_from(halves > 0, halves))["volume", None, "full"]
    assert full["voi"] > 0
    # Made thin, it is one column of 3 pixels, each a piece of its own beside pieces of 57 and 60.
    pieces = 57**2 + 60**2 + 3
    assert full["v_rand"] == pytest.approx(2 * pieces / (pieces + 2 * 60**2))


def test_the_same_id_in_two_tiles_is_two_cells_of_a_partition():
    ids = block([1] * 40, [1] * 40)
    labels = block([1] * 40, [2] * 40)
    tiles = partitions(labels, truth_from(ids > 0, ids, linked=False))["volume", None, "full"]
    stack = partitions(labels, truth_from(ids > 0, ids))["volume", None, "full"]
    assert (tiles["voi"], stack["voi_split"]) == (0.0, 1.0)


def test_background_of_two_tiles_is_two_pieces():
    empty, objects = np.zeros((2, 3, 4), np.uint32), block([1, 0, 0, 0], [2, 0, 0, 0])
    # Where 0 is one piece in both, its 2 x 12 voxels fall apart in 3, 3 and 18; else in 3 and 9, twice.
    for linked, pieces in ((True, (3, 3, 18)), (False, (3, 9))):
        rows = partition_rows(objects, truth_from(empty, empty, linked=linked), threads=1)
        (full,) = (row for row in rows if (row["scope"], row["convention"]) == ("volume", "full"))
        shares = np.array(pieces) / sum(pieces)
        assert full["voi_split"] == pytest.approx(-(shares * np.log2(shares)).sum())
        assert full["voi_merge"] == 0


def test_partitions_of_an_empty_truth_say_why_cells_have_no_score():
    truth = truth_from(np.zeros((1, 3, 40)))
    rows = partitions(block([1] * 40), truth)
    row = rows["volume", None, "full"]
    assert row["voi"] == 0.0
    assert row["v_rand"] is None
    assert f"v_rand: {PARTITIONS['v_rand'].undefined}" in row["reason"]
    assert {rows["volume", None, "cremi"][name] for name in PARTITIONS} == {None}


def test_full_agrees_with_scikit_image_in_every_slice_and_in_the_block():
    random = np.random.default_rng(3)
    labels, ids = (blobs((3, 4, 4), 5, 6, random) for _ in range(2))
    rows = partitions(labels, truth_from(ids > 0, ids))
    for scope, own, true in [("volume", labels, ids)] + [(z, labels[z], ids[z]) for z in range(3)]:
        row = rows["volume", None, "full"] if scope == "volume" else rows["slice", scope, "full"]
        split, merge = variation_of_information(true, own)
        error, _, _ = adapted_rand_error(true, own, ignore_labels=())
        assert row["voi_split"] == pytest.approx(split, abs=1e-6)
        assert row["voi_merge"] == pytest.approx(merge, abs=1e-6)
        assert row["arand"] == pytest.approx(error, abs=1e-6)


def test_rows_do_not_depend_on_threads_and_hold_plain_numbers():
    random = np.random.default_rng(4)
    labels, ids = (blobs((5, 3, 4), 6, 5, random) for _ in range(2))
    truth = truth_from(ids > 0, ids)
    assert scored(labels, truth) == scored(labels, truth, threads=3)
    assert partitions(labels, truth) == partitions(labels, truth, threads=3)
    numbers = {type(row[name]) for row in scored(labels, truth) for name in (*MASKS, *SURFACES, *INSTANCES)}
    assert numbers <= {float, int, type(None)}


@pytest.mark.parametrize("wrong", ["mask", "labels"])
def test_arrays_of_other_slices_are_refused(wrong):
    truth = truth_from(block([1, 0], [1, 0]))
    arrays = {"mask": np.ones((2, 3, 2), np.uint8), "labels": np.ones((2, 3, 2), np.uint32)}
    arrays[wrong] = arrays[wrong][:1]
    with pytest.raises(SynthemError, match=f"DATA_SHAPE {wrong}"):
        score_rows(*arrays.values(), truth, boundary_tolerance_nm=1.0, threads=1)


def test_an_ignore_array_of_another_shape_is_refused():
    truth = truth_from(block([1, 0]))
    assert isinstance(truth, Truth)
    with pytest.raises(SynthemError, match="DATA_SHAPE ignore"):
        scored(block([1, 0]), truth._replace(ignore=np.zeros((1, 3, 5), np.uint8)))


def test_the_challenge_scores_the_lack_of_membrane_by_the_threshold_that_suits_it():
    """A membrane of probability 0.7 parts the cells; a false one of 0.3 does so up to there."""
    truth = truth_from(block([1] * 10 + [0] + [2] * 10) > 0, block([1] * 10 + [0] + [2] * 10))
    inside = np.ones((1, 3, 21), np.float32)
    inside[:, :, 10], inside[:, :, 15] = 0.25, 0.65
    row = isbi_row(inside, truth, threads=1)
    assert (row["v_rand_best"], row["v_info_best"], row["reason"]) == (1.0, 1.0, "")
    assert row["v_rand_threshold"] == row["v_info_threshold"] == 0.4
    assert row.keys() | set(RUN) == set(ISBI_COLUMNS)


def test_the_challenge_knows_nothing_of_what_other_sections_join():
    line = [1] * 10 + [0] + [1] * 10  # one id, which a membrane parts in this section
    inside = np.ones((1, 3, 21), np.float32)
    inside[:, :, 10] = 0.25
    row = isbi_row(inside, truth_from(block(line) > 0, block(line)), threads=1)
    assert row["v_rand_best"] == row["v_info_best"] == 1.0


def test_the_challenge_has_no_score_without_a_true_cell():
    row = isbi_row(np.ones((1, 3, 4), np.float32), truth_from(np.zeros((1, 3, 4))), threads=1)
    assert (row["v_rand_best"], row["v_rand_threshold"]) == (None, None)
    assert f"v_rand_best: {PARTITIONS['v_rand'].undefined}" in row["reason"]


def test_a_body_in_scattered_slices_is_an_instance_in_each():
    mask = np.zeros((2, 3, 6), np.uint8)
    mask[:, :, 1:3] = 1
    facts = Facts(voxel_size_nm=VOXEL_NM, blocks={"test": ((4, 5), (9, 10))})
    truth = truth_of(Volume(mask, facts, {"cells": mask}), "cells", "test")
    assert (truth.linked, truth.slices, truth.instances.max()) == (False, [4, 9], 2)
