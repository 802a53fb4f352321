from dataclasses import replace

import numpy as np
import pytest

from tests.shared.exported_volumes import PLAIN, SHAPES, exported, make_volume


def read(folder):
    with np.load(folder / "pairs.npz", allow_pickle=False) as pairs:
        return {name: pairs[name] for name in pairs.files}


@pytest.mark.parametrize("shape", [*SHAPES, (2, 7, 5, 3)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_pairs_read_back_as_they_are_stored(tmp_path, shape, dtype):
    volume = make_volume(shape, dtype)
    pairs = read(exported(tmp_path, volume, "pairs", size=None))
    assert list(pairs) == ["image", "mask_mito"]
    assert (pairs["image"].dtype, pairs["mask_mito"].dtype) == (dtype, np.uint8)
    np.testing.assert_array_equal(pairs["image"], volume.image)
    np.testing.assert_array_equal(pairs["mask_mito"], volume.masks["mito"])


def triangle_weights(old, new):
    """[new, old]: how much of each old pixel lies in a new one, falling evenly to 0 at the next new one."""
    reach = max(old / new, 1)
    weights = np.zeros((new, old))
    for i in range(new):
        for j in range(old):
            weights[i, j] = max(0, 1 - abs((j + 0.5) - (i + 0.5) * old / new) / reach)
    return weights / weights.sum(1, keepdims=True)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("size", [3, 6, 20])
def test_images_are_scaled_without_aliasing(tmp_path, dtype, size):
    volume = make_volume((2, 12, 9), dtype)
    scaled = read(exported(tmp_path, volume, "pairs", size=size))["image"]
    down, across = triangle_weights(12, size), triangle_weights(9, size)
    expected = [down @ plane.astype(float) @ across.T for plane in volume.image]
    assert scaled.dtype == dtype and scaled.shape == (2, size, size)
    assert np.abs(scaled - np.array(expected)).max() <= 0.51  # rounded


def test_colours_are_scaled_one_by_one(tmp_path):
    image = np.zeros((1, 8, 8, 3), np.uint8) + np.uint8([10, 20, 30])
    scaled = read(exported(tmp_path, replace(make_volume(), image=image, **PLAIN), "pairs", size=4))["image"]
    np.testing.assert_array_equal(scaled, image[:, :4, :4])


def test_masks_are_scaled_to_the_nearest_voxel(tmp_path):
    small = (np.indices((2, 4, 4)).sum(0) % 2).astype(np.uint8)
    large = np.kron(small, np.ones((1, 3, 3), np.uint8))  # each voxel three times in y and x
    volume = replace(make_volume((2, 12, 12)), masks={"mito": large}, labels={}, ignore={})
    pairs = read(exported(tmp_path, volume, "pairs", size=4))
    np.testing.assert_array_equal(pairs["mask_mito"], small)


def test_tiles_are_scaled_without_their_padding(tmp_path):
    image, mask = np.full((2, 8, 8), 9, np.uint8), np.zeros((2, 8, 8), np.uint8)
    image[0, :4], image[1, :, :4], mask[0, :4], mask[1, :, :4] = 200, 100, 1, 1
    volume = make_volume((2, 8, 8), tiles=((4, 8), (8, 4)))
    volume = replace(volume, image=image, masks={"mito": mask}, labels={}, ignore={})
    pairs = read(exported(tmp_path, volume, "pairs", size=4))
    assert (pairs["image"][0] == 200).all() and (pairs["image"][1] == 100).all()
    assert (pairs["mask_mito"] == 1).all()


def test_a_volume_without_masks_is_an_image_alone(tmp_path):
    assert list(read(exported(tmp_path, replace(make_volume(), **PLAIN), "pairs", size=None))) == ["image"]
