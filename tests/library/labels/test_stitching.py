import numpy as np
import pytest
from scipy import ndimage

from synthem.kernels.components import label_components
from synthem.labels.stitching import boxes_of, fill_holes_in_blocks, label_in_blocks


def test_boxes_cover_every_voxel_once():
    seen = np.zeros((3, 7, 5), int)
    for box in boxes_of(seen.shape, (2, 3, 5)):
        seen[box] += 1
    assert (seen == 1).all()


def test_a_snake_through_many_blocks_is_one_part():
    mask = np.zeros((1, 9, 9), bool)
    mask[0, ::2] = True
    mask[0, 1::4, -1] = mask[0, 3::4, 0] = True
    labels = np.zeros(mask.shape, np.uint32)
    assert label_in_blocks(mask.__getitem__, labels, block=(1, 2, 2), neighbours=4) == 1
    np.testing.assert_array_equal(labels, mask)


@pytest.mark.parametrize("neighbours", [4, 8, 6, 18, 26])
@pytest.mark.parametrize("block", [(1, 1, 1), (2, 3, 4), (5, 4, 20), (3, 16, 16), (8, 30, 30)])
def test_blocks_are_labelled_as_the_whole_volume(block, neighbours):
    for filled in (0.15, 0.4, 0.6):
        mask = np.random.default_rng(int(100 * filled)).random((6, 13, 14)) < filled
        labels = np.zeros(mask.shape, np.uint32)
        count = label_in_blocks(mask.__getitem__, labels, block=block, neighbours=neighbours)
        expected, expected_count = label_components(mask, neighbours=neighbours)
        np.testing.assert_array_equal(labels, expected)
        assert count == expected_count


def test_a_volume_without_slices_has_no_part():
    assert label_in_blocks(None, np.zeros((0, 4, 4), np.uint32), neighbours=6) == 0


def test_an_empty_mask_has_no_part():
    mask, labels = np.zeros((2, 4, 4), bool), np.ones((2, 4, 4), np.uint32)
    assert label_in_blocks(mask.__getitem__, labels, block=(1, 2, 4), neighbours=6) == 0
    assert not labels.any()


@pytest.mark.parametrize("block", [(1, 1, 1), (2, 3, 4), (8, 30, 30)])
@pytest.mark.parametrize("depth", [1, 3, 6])
def test_holes_in_blocks_are_those_of_the_whole(depth, block):
    mask = np.random.default_rng(depth).random((depth, 13, 14)) < 0.7
    if depth == 1:
        expected = ndimage.binary_fill_holes(mask[0])[None]
    else:
        expected = ndimage.binary_fill_holes(mask)
    assert (expected != mask).any()
    fill_holes_in_blocks(mask, zeros=np.zeros, block=block)
    np.testing.assert_array_equal(mask, expected)
