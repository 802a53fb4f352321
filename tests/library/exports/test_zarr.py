import builtins
import json
import os
from dataclasses import replace

import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.exports import zarr as export_zarr
from tests.shared.exported_volumes import PLAIN, SHAPES, exported, make_volume, noise


@pytest.fixture
def store(tmp_path):
    zarr = pytest.importorskip("zarr")

    def open_export(volume):
        return zarr.open_group(exported(tmp_path, volume, "zarr") / "volume.ome.zarr", mode="r")

    return open_export


@pytest.mark.parametrize("shape", SHAPES)
def test_image_masks_and_labels_read_back(store, shape):
    volume = make_volume(shape)
    group = store(volume)
    np.testing.assert_array_equal(group["0"][...], volume.image)
    assert sorted(group["labels"].attrs["labels"]) == ["cells", "ignore_mito", "mask_mito"]
    assert group["labels/cells/0"].dtype == np.uint32
    np.testing.assert_array_equal(group["labels/cells/0"][...], volume.labels["cells"])
    np.testing.assert_array_equal(group["labels/mask_mito/0"][...], volume.masks["mito"])
    np.testing.assert_array_equal(group["labels/ignore_mito/0"][...], volume.ignore["mito"])


def test_labels_up_to_the_largest_read_back(store):
    labels = noise((2, 7, 5), np.uint32)
    labels[1, 2, 3] = 2**32 - 1
    group = store(replace(make_volume((2, 7, 5)), labels={"cells": labels}))
    np.testing.assert_array_equal(group["labels/cells/0"][...], labels)


def test_stacks_deeper_than_a_piece_read_back(store, monkeypatch):
    monkeypatch.setattr(export_zarr, "PIECE", 8)
    volume = make_volume((export_zarr.DEEPEST * 2 + 3, 20, 9))
    group = store(volume)
    assert group["0"].chunks == (export_zarr.DEEPEST, 8, 8)
    np.testing.assert_array_equal(group["0"][...], volume.image)


def test_a_row_of_pieces_is_shallow_where_slices_are_large(store, monkeypatch):
    monkeypatch.setattr(export_zarr, "SLAB_BYTES", 2 * 101 * 99)
    volume = make_volume((5, 101, 99))
    group = store(volume)
    assert group["0"].chunks[0] == 2 and group["labels/cells/0"].chunks[0] == 1
    np.testing.assert_array_equal(group["0"][...], volume.image)


def test_metadata_are_those_of_ome_zarr_0_4(tmp_path):
    pytest.importorskip("zarr")
    folder = exported(tmp_path, make_volume(offset_nm=(100.0, 0.0, 5.0)), "zarr") / "volume.ome.zarr"
    said = json.loads((folder / ".zattrs").read_text())
    (multiscale,) = said["multiscales"]
    assert multiscale["version"] == "0.4"
    assert multiscale["axes"] == [{"name": axis, "type": "space", "unit": "nanometer"} for axis in "zyx"]
    (level,) = multiscale["datasets"]
    assert level["path"] == "0" and level["coordinateTransformations"] == [
        {"type": "scale", "scale": [50.0, 4.0, 5.0]},
        {"type": "translation", "translation": [100.0, 0.0, 5.0]},
    ]
    array = json.loads((folder / "0" / ".zarray").read_text())
    assert (array["zarr_format"], array["dimension_separator"]) == (2, "/")
    labels = json.loads((folder / "labels" / "cells" / ".zattrs").read_text())
    assert labels["image-label"]["source"] == {"image": "../../"}
    assert labels["multiscales"][0]["datasets"] == multiscale["datasets"]


def test_colours_come_first_and_are_channels(store):
    volume = make_volume((2, 7, 5, 3))
    group = store(volume)
    np.testing.assert_array_equal(group["0"][...], np.moveaxis(volume.image, 3, 0))
    np.testing.assert_array_equal(group["labels/cells/0"][...], volume.labels["cells"])
    multiscale = group.attrs["multiscales"][0]
    assert [axis["type"] for axis in multiscale["axes"]] == ["channel", "space", "space", "space"]
    assert multiscale["datasets"][0]["coordinateTransformations"][0]["scale"] == [1, 50, 4, 5]


def test_the_users_grey_levels_come_back(store):
    grey = {"type": "float32", "scale": 0.5, "offset": 10.0}
    volume = make_volume(dtype=np.uint16, grey=grey)
    image = store(volume)["0"][...]
    assert image.dtype == np.float32
    np.testing.assert_array_equal(image, volume.image * 0.5 + 10)


def test_a_volume_without_masks_and_labels_has_no_group_of_them(store):
    assert "labels" not in store(replace(make_volume(), **PLAIN))


def test_without_the_package_one_line_says_how_to_get_it(tmp_path, monkeypatch):
    real = builtins.__import__

    def absent(name, *arguments, **options):
        if name == "zarr":
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(SynthemError, match=r'^ERROR CONFIG_VALUE exports: zarr: .*pip install "zarr>=3"'):
        exported(tmp_path, make_volume(), "zarr")
    assert os.listdir(tmp_path) == ["volume.h5"]


def pyramid(store, monkeypatch, volume, piece):
    monkeypatch.setattr(export_zarr, "PIECE", piece)
    return store(volume)


def steps_of(group):
    (multiscale,) = group.attrs["multiscales"]
    return [
        [change[change["type"]] for change in level["coordinateTransformations"]]
        for level in multiscale["datasets"]
    ]


def test_a_pyramid_of_an_image_holds_means_and_of_labels_every_second_voxel(store, monkeypatch):
    image = np.array([[[0, 4, 8], [0, 4, 8], [1, 1, 1]]] * 2, np.uint8)
    labels = np.array([[[7, 1, 9], [1, 1, 1], [5, 1, 3]]] * 2, np.uint32)
    volume = replace(make_volume((2, 3, 3)), image=image, masks={}, ignore={}, labels={"cells": labels})
    group = pyramid(store, monkeypatch, volume, 2)  # sections of 50 nm, pixels of 4 x 5: not halved along z
    assert group["1"][...].tolist() == [[[2, 8], [1, 1]]] * 2
    assert group["labels/cells/1"][...].tolist() == [[[7, 9], [5, 3]]] * 2
    assert steps_of(group) == [[[50, 4, 5], [0, 0, 0]], [[50, 8, 10], [0, 2, 2.5]]]
    assert steps_of(group["labels/cells"])[1] == [[50, 8, 10], [0, 0, 0]]


def test_sections_as_thin_as_pixels_are_joined_too(store, monkeypatch):
    monkeypatch.setattr(export_zarr, "DEEPEST", 2)
    image = np.zeros((5, 16, 16), np.uint8)
    image[1::2] = 100
    volume = replace(make_volume(image.shape), image=image, masks={}, ignore={}, labels={})
    volume = replace(volume, facts=replace(volume.facts, voxel_size_nm=(5.0, 5.0, 5.0)))
    group = pyramid(store, monkeypatch, volume, 4)
    assert [group[level].shape for level in "012"] == [(5, 16, 16), (3, 8, 8), (2, 4, 4)] and "3" not in group
    assert group["1"][:, 0, 0].tolist() == [50, 50, 0]  # the last section has no other
    assert steps_of(group)[2] == [[20, 20, 20], [7.5, 7.5, 7.5]]


def test_a_pyramid_of_colours_has_them_first(store, monkeypatch):
    volume = make_volume((2, 8, 8, 3))
    group = pyramid(store, monkeypatch, volume, 4)
    assert group["1"].shape == (3, 2, 4, 4)
    first = volume.image[0, :2, :2].astype(float).mean(axis=(0, 1))
    np.testing.assert_allclose(group["1"][:, 0, 0, 0], first, atol=0.5)
    assert steps_of(group)[1][0] == [1, 50, 8, 10]
