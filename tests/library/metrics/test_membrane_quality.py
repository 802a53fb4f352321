import numpy as np
import pytest

from synthem.metrics.membrane_quality import assess_membranes, closedness


def wall(height=20, width=21, gap=0):
    """One slice with a vertical membrane in the middle, open at its lower end for `gap` rows."""
    membrane = np.zeros((1, height, width), np.uint8)
    membrane[0, : height - gap, width // 2] = 1
    return membrane


def assess(membrane, *, probability=None, structure=None, truth=None, ignore=None, truth_ignore=None):
    probability = membrane.astype(np.float32) if probability is None else probability
    structure = np.zeros_like(membrane) if structure is None else structure
    return assess_membranes(probability, membrane, structure, truth, ignore=ignore, truth_ignore=truth_ignore)


def test_a_wall_between_two_regions_is_closed():
    assert closedness(wall()) == 1.0


def test_a_wall_with_a_gap_has_one_region_on_both_sides():
    assert closedness(wall(gap=2)) == 0.0


def test_slices_count_by_their_membrane():
    # 20 closed voxels in one slice, 18 open ones in the other
    assert closedness(np.concatenate([wall(), wall(gap=2)])) == pytest.approx(20 / 38)


def test_a_slice_full_of_membrane_separates_nothing():
    assert closedness(np.ones((1, 9, 9), np.uint8)) == 0.0


def test_without_membrane_closedness_is_unknown():
    assert closedness(np.zeros((2, 9, 9), np.uint8)) is None


def test_a_thick_wall_is_closed_as_far_as_both_sides_are_near():
    membrane = np.zeros((1, 30, 40), np.uint8)
    membrane[0, :, 14:24] = 1  # 10 wide: 5 pixels reach out of it on one side only, or on both in none
    assert closedness(membrane) == 0.0
    membrane[0, :, 19:24] = 0  # 5 wide: every voxel sees both sides
    assert closedness(membrane) == 1.0


def test_coverage_and_undecided_are_parts_of_the_image():
    probability = np.full((1, 20, 21), 0.1, np.float32)
    probability[0, :5, :] = 0.5
    quality = assess(wall(), probability=probability)
    assert quality["slices"] == 1
    assert quality["coverage"] == pytest.approx(1 / 21)
    assert quality["undecided"] == pytest.approx(0.25)


def test_membrane_deep_in_the_structure_is_counted_and_at_its_border_not():
    structure = np.zeros((1, 20, 21), np.uint8)
    structure[0, 2:13, 5:16] = 1  # 11 x 11; 3 pixels inside: 5 x 5 around the wall at column 10
    assert assess(wall(), structure=structure)["inside_structure"] == pytest.approx(1 / 5)
    thin = np.zeros_like(structure)
    thin[0, 2:7, 5:16] = 1
    assert assess(wall(), structure=thin)["inside_structure"] is None


def test_without_truth_there_is_no_agreement():
    assert "f1" not in assess(wall())


def test_a_membrane_that_is_the_truth_agrees_wholly():
    quality = assess(wall(), truth=wall())
    assert (quality["precision"], quality["recall"], quality["f1"], quality["f1_tolerant"]) == (1, 1, 1, 1)
    assert quality["truth_coverage"] == pytest.approx(1 / 21)


def test_a_membrane_two_pixels_aside_agrees_within_the_tolerance():
    moved = np.roll(wall(), 2, axis=2)
    quality = assess(moved, truth=wall())
    assert (quality["f1"], quality["f1_tolerant"]) == (0, 1)
    assert assess(np.roll(wall(), 3, axis=2), truth=wall())["f1_tolerant"] == 0


def rows_below(first, like):
    """Unknown from row `first` on."""
    ignore = np.zeros_like(like)
    ignore[:, first:] = 1
    return ignore


def test_membrane_in_unknown_ground_is_neither_closed_nor_open():
    membrane = np.concatenate([wall(), wall(gap=2)])  # 20 closed voxels, 18 open ones
    ignore = np.zeros_like(membrane)
    ignore[0, 15:] = 1
    assert closedness(membrane, ignore) == pytest.approx(15 / (15 + 18))
    ignore[1] = 1
    assert closedness(membrane, ignore) == 1.0
    assert closedness(membrane, np.ones_like(membrane)) is None


def test_where_the_structure_is_unknown_nothing_is_judged():
    membrane, structure = wall(), np.zeros((1, 20, 21), np.uint8)
    structure[0, 10:] = 1  # the wall runs through it
    probability = membrane.astype(np.float32)
    probability[0, 10:] = 0.5
    quality = assess(membrane, probability=probability, structure=structure)
    assert quality["undecided"] == pytest.approx(1 / 2) and quality["inside_structure"] > 0
    ignore = rows_below(10, membrane)
    quality = assess(membrane, probability=probability, structure=structure, ignore=ignore)
    assert quality["undecided"] == 0 and quality["inside_structure"] is None
    assert quality["coverage"] == pytest.approx(1 / 21)  # 10 of 210 known voxels


def test_agreement_is_measured_where_structure_and_truth_are_known():
    membrane, truth = wall(), wall(gap=10)  # right in rows 0-9, a false alarm in rows 10-19
    assert assess(membrane, truth=truth)["precision"] == 1 / 2
    unknown = rows_below(10, membrane)
    for place in ("ignore", "truth_ignore"):
        quality = assess(membrane, truth=truth, **{place: unknown})
        assert (quality["precision"], quality["recall"], quality["f1"]) == (1, 1, 1)
        assert quality["truth_coverage"] == pytest.approx(1 / 21)
    # What the truth does not know takes nothing from the numbers that need no truth.
    assert assess(membrane, truth=truth, truth_ignore=unknown)["closed"] == closedness(membrane)


def test_a_membrane_of_which_nothing_is_known_has_no_numbers():
    quality = assess(wall(), truth=wall(), ignore=np.ones_like(wall()))
    assert {quality.pop("slices")} == {1}
    assert set(quality.values()) == {None}


def test_agreement_has_the_iou_of_its_exact_f1():
    truth = np.roll(wall(), 1, axis=2)
    truth[0, :10] = wall()[0, :10]  # half of 20 voxels agree: 10 shared, 10 extra, 10 missed
    quality = assess(wall(), truth=truth)
    assert quality["iou"] == pytest.approx(1 / 3) and quality["f1"] == pytest.approx(1 / 2)
