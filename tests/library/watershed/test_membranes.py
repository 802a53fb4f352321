import numpy as np
import pytest
from scipy import ndimage
from skimage import measure, segmentation

from synthem.errors import SynthemError
from synthem.watershed.membranes import PRESETS, segment_grid
from tests.shared.membrane_cells import SETTINGS, noisy_cells, segment, segment_cells, two_cells


def slow_segments(p, *, interior_threshold, edge_threshold, marker_radius, neighbours, segment_reach, **_):
    """The steps of section 3.2.8, one call of scipy or scikit-image each, and a loop over the segments."""
    inside = p > interior_threshold
    distance = ndimage.distance_transform_edt(inside)
    top = distance == ndimage.maximum_filter(distance, 2 * marker_radius + 1, mode="constant")
    markers = measure.label(top & inside, connectivity=2)
    heights = -np.round(distance**2)
    # scikit-image takes seeds of equal depth in the order of its heap; here the first in the image is first.
    heights[markers > 0] -= np.linspace(0.9, 0, (markers > 0).sum())
    basins = segmentation.watershed(heights, markers, mask=inside, watershed_line=True)
    segments = measure.label(inside & (basins == 0), connectivity=2)
    border = ~inside
    for number in range(1, segments.max() + 1):
        around = ndimage.binary_dilation(segments == number, np.ones((2 * segment_reach + 1,) * 2))
        if p[around].astype(float).mean() < edge_threshold:
            border |= segments == number
    return measure.label(~border, connectivity=1)


@pytest.mark.parametrize(("gap_probability", "cells"), [(0.4, 2), (0.6, 2), (0.79, 2), (0.81, 1), (0.95, 1)])
def test_a_gap_is_closed_if_the_line_across_it_is_improbable_interior(gap_probability, cells):
    labels = segment(two_cells(gap_probability))
    assert labels.max() == cells
    assert labels.dtype == np.uint32
    assert labels[6, 6] == 1
    assert labels[6, 18] == cells
    assert (labels[6, 12] == 0) == (cells == 2)


def test_interior_is_above_the_threshold_and_a_segment_below_it_is_border():
    probability = two_cells(0.75)
    assert segment(probability, interior_threshold=0.75).max() == 2  # the gap itself is border
    assert segment(probability, edge_threshold=0.75).max() == 1  # a mean of .75 is not below .75
    assert segment(probability, edge_threshold=0.7501).max() == 2


def test_the_mean_over_a_wider_neighbourhood_takes_in_what_lies_around():
    # Within one pixel of the gap's 3 pixels lie 5 x 3: the gap, 10 pixels of .95, 2 of the membrane, 0.
    probability = two_cells(0.7)
    mean = (3 * 0.7 + 10 * 0.95 + 2 * 0) / 15
    assert segment(probability, edge_threshold=mean - 0.01, segment_reach=1).max() == 1
    assert segment(probability, edge_threshold=mean + 0.01, segment_reach=1).max() == 2
    assert segment(probability, edge_threshold=mean - 0.01, segment_reach=0).max() == 2


def test_the_number_of_markers_can_be_limited():
    assert segment(two_cells(0.6), most_markers=1).max() == 1
    assert segment(two_cells(0.6), most_markers=2).max() == 2


def test_markers_that_are_too_near_are_one():
    """The right cell is flatter, and its deepest pixels lie up to 12 columns from deeper ones."""
    probability = two_cells(0.6)
    probability[[1, 11], 13:] = 0
    assert segment(probability, marker_radius=11).max() == 2
    assert segment(probability, marker_radius=12).max() == 1


def test_a_speck_without_a_marker_falls_like_a_line():
    probability = np.zeros((15, 15), np.float32)
    probability[1:12, 1:12] = 0.95
    probability[13, 5] = 0.7
    assert segment(probability)[13, 5] == 0
    assert segment(probability, edge_threshold=0.6)[13, 5] > 0
    assert segment(probability, marker_radius=1)[13, 5] > 0  # now it has one


@pytest.mark.parametrize("reach", [0, 2])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_cells_are_those_of_scipy_and_scikit_image(seed, reach):
    probability = noisy_cells(seed)
    settings = SETTINGS | {"edge_threshold": 0.9, "segment_reach": reach}
    found, expected = segment(probability, **settings), slow_segments(probability, **settings)
    assert expected.max() > 20
    assert not np.array_equal(expected > 0, probability > 0.5)  # some segments became border
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("neighbours", [4, 8])
def test_a_closed_line_separates_for_the_same_neighbours(neighbours):
    """A membrane along the diagonal with a gap: its line is a staircase that must not leak at corners."""
    y, x = np.indices((40, 40))
    probability = np.where(np.abs(y - x) <= 2, 0.1, 0.95).astype(np.float32)
    probability[(np.abs(y - x) <= 2) & (np.abs(y + x - 39) < 7)] = 0.6
    labels = segment(probability, neighbours=neighbours, edge_threshold=0.9)
    assert labels[35, 5] != labels[5, 35]
    assert labels.max() == 2


def test_slices_are_segmented_for_themselves_and_share_no_id():
    stack = np.stack([noisy_cells(seed, 60) for seed in (3, 4, 5)])
    labels = segment_cells(stack, threads=2, **SETTINGS)
    before = 0
    for plane, found in zip(stack, labels, strict=True):
        alone = segment(plane)
        np.testing.assert_array_equal(found, np.where(alone > 0, alone + before, 0))
        before += alone.max()
    np.testing.assert_array_equal(segment_cells(stack, threads=1, **SETTINGS), labels)


def test_the_grid_holds_what_single_runs_give():
    stack = np.stack([noisy_cells(seed, 60) for seed in (6, 7)])
    rest = {name: SETTINGS[name] for name in ("marker_radius", "most_markers", "neighbours", "segment_reach")}
    cells = list(
        segment_grid(stack, interior_thresholds=(0.5, 0.8), edge_rises=(0.0, 0.1), threads=1, **rest)
    )
    assert [cell[:2] for cell in cells] == [(0.5, 0.5), (0.5, 0.6), (0.8, 0.8), (0.8, 0.9)]
    for low, edge, labels in cells:
        alone = segment_cells(stack, interior_threshold=low, edge_threshold=edge, threads=1, **rest)
        np.testing.assert_array_equal(labels, alone)


def test_presets_are_the_numbers_of_the_thesis():
    thresholds = {
        name: (preset["interior_threshold"], preset["edge_threshold"]) for name, preset in PRESETS.items()
    }
    assert thresholds == {
        "paper": (0.83, 0.91),
        "paper-captions": (0.81, 0.91),
        "paper-untuned": (0.73, 0.81),
    }
    assert segment(two_cells(0.6), **PRESETS["paper"]).max() == 2


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_slice_without_border_is_one_cell_and_one_without_interior_has_none(value):
    labels = segment(np.full((9, 11), value))
    assert (labels == value).all()


@pytest.mark.parametrize("bad", [np.full((4, 4), np.nan), np.full((4, 4), 1.5), np.full((4, 4), -0.1)])
def test_numbers_that_are_no_probability_are_refused(bad):
    with pytest.raises(SynthemError, match="DATA_VALUE"):
        segment(bad)


def test_stored_probabilities_are_to_be_converted_first():
    with pytest.raises(SynthemError, match="DATA_VALUE.*uint8"):
        segment_cells(np.zeros((1, 4, 4), np.uint8), threads=1, **SETTINGS)
