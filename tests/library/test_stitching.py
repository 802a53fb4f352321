import h5py
import numpy as np
import pytest
from scipy import ndimage

from synthem.errors import SynthemError
from synthem.kernels.components import label_components
from synthem.watershed.membranes import segment_cells
from synthem.watershed.stitching import boxes_of, close_in_blocks, label_in_blocks

SETTINGS = {
    "interior_threshold": 0.5,
    "edge_threshold": 0.9,
    "marker_radius": 4,
    "most_markers": None,
    "neighbours": 4,
    "segment_reach": 0,
    "threads": 1,
}


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
    assert label_in_blocks(mask, labels, block=(1, 2, 2), neighbours=4) == 1
    np.testing.assert_array_equal(labels, mask)


@pytest.mark.parametrize("neighbours", [4, 8, 6, 18, 26])
@pytest.mark.parametrize("block", [(1, 1, 1), (2, 3, 4), (5, 4, 20), (3, 16, 16), (8, 30, 30)])
def test_blocks_are_labelled_as_the_whole_volume(block, neighbours):
    for filled in (0.15, 0.4, 0.6):
        mask = np.random.default_rng(int(100 * filled)).random((6, 13, 14)) < filled
        labels = np.zeros(mask.shape, np.uint32)
        count = label_in_blocks(mask, labels, block=block, neighbours=neighbours)
        expected, expected_count = label_components(mask, neighbours=neighbours)
        np.testing.assert_array_equal(labels, expected)
        assert count == expected_count


def test_datasets_of_a_file_do_as_well(tmp_path):
    mask = np.random.default_rng(1).random((4, 20, 20)) < 0.3
    with h5py.File(tmp_path / "volume.h5", "w") as file:
        file["mask"] = mask.astype(np.uint8)
        labels = file.create_dataset("labels", mask.shape, np.uint32)
        label_in_blocks(file["mask"], labels, block=(2, 8, 8), neighbours=26)
        np.testing.assert_array_equal(labels[...], label_components(mask, neighbours=26)[0])


def test_an_empty_mask_has_no_part():
    labels = np.ones((2, 4, 4), np.uint32)
    assert label_in_blocks(np.zeros(labels.shape, bool), labels, block=(1, 2, 4), neighbours=6) == 0
    assert not labels.any()


def cells_with_gaps(size):
    """Closed squares of 20 pixels, each of two chambers with a gap between them that a watershed closes."""
    tile = np.zeros((20, 20), np.float32)
    tile[1:19, 1:9] = tile[1:19, 11:19] = 0.95
    tile[8:11, 9:11] = 0.7
    rng = np.random.default_rng(0)
    whole = np.tile(tile, (size // 20, size // 20))
    return np.clip(whole * (1 + 0.02 * rng.standard_normal(whole.shape)), 0, 1).astype(np.float32)


def closed_by_blocks(probability, block, halo, **changes):
    closed = np.zeros(probability.shape, np.uint8)
    return closed, close_in_blocks(probability, closed, block=block, halo=halo, **SETTINGS | changes)


@pytest.mark.parametrize("reach", [0, 1])
@pytest.mark.parametrize("block", [(1, 37, 41), (2, 20, 120), (1, 64, 64)])
def test_cells_that_fit_into_the_halo_are_those_of_whole_slices(block, reach):
    probability = np.stack([cells_with_gaps(120), cells_with_gaps(120)[::-1]])
    closed, unsure = closed_by_blocks(probability, block, 46, segment_reach=reach)
    assert unsure == 0
    expected = segment_cells(probability, **SETTINGS | {"segment_reach": reach})
    labels = np.zeros(expected.shape, np.uint32)
    label_in_blocks(closed, labels, block=block, neighbours=4)
    np.testing.assert_array_equal(labels, expected)
    assert labels[0].max() >= 2 * 36


def test_voxels_that_may_differ_are_counted():
    """Noise whose parts run through many blocks: all voxels that differ are among the unsure ones."""
    noise = np.random.default_rng(2).standard_normal((1, 120, 120))
    probability = (1 / (1 + np.exp(-20 * ndimage.gaussian_filter(noise, (0, 3, 3))))).astype(np.float32)
    closed, unsure = closed_by_blocks(probability, (1, 40, 40), 8)
    expected = segment_cells(probability, **SETTINGS) > 0
    assert 0 < (closed != expected).sum() <= unsure
    closed, unsure = closed_by_blocks(probability, (1, 40, 40), 120)
    assert unsure == 0
    np.testing.assert_array_equal(closed, expected)


def test_a_limit_of_markers_needs_whole_slices():
    with pytest.raises(SynthemError, match="CONFIG_VALUE most_markers: 7"):
        closed_by_blocks(np.zeros((1, 8, 8), np.float32), (1, 4, 4), 2, most_markers=7)
