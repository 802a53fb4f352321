import numpy as np
import pytest

from synthem.labels.boundaries import (
    LONG_STEPS,
    LONG_STEPS_IN_SLICE,
    affinities_along,
    filtered_interior,
    interior,
)
from tests.shared.random_cells import cells

HALVES = np.repeat([[1, 1, 1, 2, 2, 2]], 4, axis=0)[None]


def test_the_kernel_of_the_thesis_puts_the_border_on_the_side_of_the_larger_id():
    expected = np.repeat([[1, 1, 1, 0, 1, 1]], 4, axis=0)[None]
    np.testing.assert_array_equal(filtered_interior(HALVES, dilation=0), expected)
    expected = np.repeat([[1, 1, 0, 0, 0, 1]], 4, axis=0)[None]
    np.testing.assert_array_equal(filtered_interior(HALVES, dilation=1), expected)
    np.testing.assert_array_equal(filtered_interior(HALVES[..., ::-1], dilation=0)[0, 0], [1, 1, 0, 1, 1, 1])


def test_the_kernel_misses_a_pixel_whose_neighbours_cancel_out():
    steps = np.repeat([[1, 2, 3]], 3, axis=0)[None]
    assert filtered_interior(steps, dilation=0)[0, 1].tolist() == [1, 1, 0]


def test_ground_without_a_cell_is_no_interior_for_the_kernel():
    row = [3, 3, 3, 0, 0, 0, 0, 7, 7, 7]
    labels = np.repeat([row], 3, axis=0)[None]
    assert filtered_interior(labels, dilation=0)[0, 1].tolist() == [1, 1, 0, 0, 0, 0, 0, 0, 1, 1]
    assert filtered_interior(labels, dilation=1)[0, 1].tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 0, 1]


def test_large_ids_and_other_slices_do_not_disturb_the_kernel():
    labels = np.uint32(HALVES) + np.uint32(4_000_000_000)
    np.testing.assert_array_equal(
        filtered_interior(labels, dilation=0), filtered_interior(HALVES, dilation=0)
    )
    stack = np.concatenate([HALVES, 0 * HALVES + 7])
    assert filtered_interior(stack, dilation=2)[1].all()


@pytest.mark.parametrize(
    ("width", "row"), [(0, [1, 1, 1, 1, 1, 1]), (1, [1, 1, 0, 0, 1, 1]), (2, [1, 0, 0, 0, 0, 1])]
)
def test_a_wider_border_lies_on_both_sides(width, row):
    assert interior(HALVES, width=width, per_slice=True)[0, 2].tolist() == row


@pytest.mark.parametrize("per_slice", [True, False])
def test_interior_is_where_the_whole_box_has_one_id(per_slice):
    labels = cells((4, 9, 10), 6, 0)
    labels[1, 3:5, 3:6] = 0
    found = interior(labels, width=1, per_slice=per_slice)
    for z, y, x in np.ndindex(labels.shape):
        box = (slice(max(z - 1, 0), z + 2), slice(max(y - 1, 0), y + 2), slice(max(x - 1, 0), x + 2))
        ids = set(labels[box if not per_slice else (z, *box[1:])].ravel().tolist())
        assert found[z, y, x] == (len(ids) == 1 and 0 not in ids)


def test_steps_in_a_slice_are_the_published_ones_that_stay_there():
    assert len(LONG_STEPS) == 14
    assert len(LONG_STEPS_IN_SLICE) == 10
    assert {step[0] for step in LONG_STEPS_IN_SLICE} == {0}


def test_a_membrane_on_the_way_lowers_a_long_affinity():
    probability = np.float32([[[0.9, 0.8, 0.1, 0.7, 0.9]]])
    found = affinities_along(probability, [(0, 0, 1), (0, 0, -3), (0, 0, 5)])
    np.testing.assert_array_equal(found[0, 0, 0], np.float32([0.8, 0.1, 0.1, 0.7, 0]))
    np.testing.assert_array_equal(found[1, 0, 0], np.float32([0, 0, 0, 0.1, 0.1]))
    assert not found[2].any()


def test_a_slanted_way_passes_the_nearest_voxels():
    probability = np.ones((1, 3, 5), np.float32)
    probability[0, 1, 2] = 0.25  # the middle of the way from (0, 0) to (2, 4)
    found = affinities_along(probability, [(0, 2, 4)])
    assert found[0, 0, 0, 0] == 0.25
