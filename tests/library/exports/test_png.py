from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from skimage import io

from tests.shared.exported_volumes import PLAIN, SHAPES, exported, make_volume, noise


def slices(folder):
    return [io.imread(path) for path in sorted(folder.glob("*.png"))]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_png16_slices_read_back_as_they_are_stored(tmp_path, shape, dtype):
    volume = make_volume(shape, dtype)
    folder = exported(tmp_path, volume, "png16")
    assert sorted(path.name for path in folder.iterdir()) == ["ignore", "image", "labels", "masks"]
    image, labels = slices(folder / "image"), slices(folder / "labels" / "cells")
    assert {plane.dtype for plane in image} == {np.dtype(dtype)}
    assert {plane.dtype for plane in labels} == {np.dtype(np.uint16)}
    np.testing.assert_array_equal(image, volume.image)
    np.testing.assert_array_equal(labels, volume.labels["cells"])
    np.testing.assert_array_equal(slices(folder / "masks" / "mito"), volume.masks["mito"] * 255)
    np.testing.assert_array_equal(slices(folder / "ignore" / "mito"), volume.ignore["mito"] * 255)


@pytest.mark.parametrize("format", ["png", "png16"])
def test_colours_read_back(tmp_path, format):
    volume = make_volume((2, 7, 5, 3))
    folder = exported(tmp_path, volume, format)
    np.testing.assert_array_equal(slices(folder / "image"), volume.image)
    np.testing.assert_array_equal(slices(folder / "masks" / "mito"), volume.masks["mito"] * 255)


def test_8_bits_to_look_at_are_the_stored_ones(tmp_path):
    volume = make_volume()
    folder = exported(tmp_path, volume, "png")
    np.testing.assert_array_equal(slices(folder / "image"), volume.image)
    with Image.open(folder / "masks" / "mito" / "0002.png") as picture:
        assert picture.mode == "L" and picture.getextrema() == (0, 255) and picture.size == (5, 7)


def test_16_bits_are_shown_on_one_scale_that_hot_pixels_do_not_set(tmp_path):
    image = np.full((2, 100, 50), 1000, np.uint16)
    image[1] = 3000
    image[0, 0, :5] = 65535  # 5 of 10000 voxels
    folder = exported(tmp_path, replace(make_volume(), image=image, **PLAIN), "png")
    first, second = slices(folder / "image")
    assert first.dtype == np.uint8
    assert set(first[1:].ravel()) == {0} and set(second.ravel()) == {255} and first[0, 0] == 255


def test_a_blank_16_bit_volume_is_black(tmp_path):
    blank = replace(make_volume(), image=np.full((2, 6, 4), 700, np.uint16), **PLAIN)
    assert np.max(slices(exported(tmp_path, blank, "png") / "image")) == 0


@pytest.mark.parametrize("format", ["png", "png16"])
def test_tiles_come_back_in_their_own_size(tmp_path, format):
    volume = make_volume((2, 7, 5), tiles=((7, 3), (4, 5)))
    folder = exported(tmp_path, volume, format)
    for name, array in (("image", volume.image), ("masks/mito", volume.masks["mito"] * 255)):
        first, second = slices(folder / name)
        np.testing.assert_array_equal(first, array[0, :, :3])
        np.testing.assert_array_equal(second, array[1, :4])


def test_padding_does_not_set_the_scale(tmp_path):
    image = np.full((2, 10, 10), 60000, np.uint16)
    image[:, :5] = noise((2, 5, 10))
    volume = replace(make_volume(tiles=((5, 10), (5, 10))), image=image, **PLAIN)
    assert np.max(slices(exported(tmp_path, volume, "png") / "image")) == 255


def test_labels_of_65535_just_fit(tmp_path):
    labels = np.full((1, 6, 4), 65535, np.uint32)
    volume = replace(make_volume((1, 6, 4)), labels={"cells": labels})
    np.testing.assert_array_equal(slices(exported(tmp_path, volume, "png16") / "labels" / "cells"), labels)
