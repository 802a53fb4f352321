from dataclasses import replace

import h5py
import numpy as np
import pytest

from tests.shared.exported_volumes import SHAPES, VOXEL_NM, exported, make_volume, noise

NOTHING = 2**64 - 1


class Reader:
    """Finds and reads what the package cremi does (cremi/io/CremiFile.py of cremi/cremi_python)."""

    def __init__(self, path):
        self.file = h5py.File(path, "r")

    def has(self, name):
        return f"/volumes/{name}" in self.file

    def read(self, name):
        dataset = self.file[f"/volumes/{name}"]
        attributes = dataset.attrs
        offset = tuple(attributes["offset"]) if "offset" in attributes else (0.0, 0.0, 0.0)
        return dataset[...], tuple(attributes["resolution"]), offset


def reader(*arguments):
    return Reader(exported(*arguments, "cremi") / "volume.hdf")


@pytest.mark.parametrize("shape", SHAPES)
def test_raw_and_the_only_labels_are_where_the_challenge_has_them(tmp_path, shape):
    volume = make_volume(shape, offset_nm=(100.0, 0.0, 10.0))
    cremi = reader(tmp_path, volume)
    assert cremi.file.attrs["file_format"] == "0.2"
    assert cremi.has("raw") and cremi.has("labels/neuron_ids") and not cremi.has("labels/clefts")
    for name, expected, dtype in (
        ("raw", volume.image, np.uint8),
        ("labels/neuron_ids", volume.labels["cells"], np.uint64),
        ("masks/mito", volume.masks["mito"], np.uint8),
        ("ignore/mito", volume.ignore["mito"], np.uint8),
    ):
        data, resolution, offset = cremi.read(name)
        assert (data.dtype, resolution, offset) == (dtype, VOXEL_NM, (100, 0, 10))
        np.testing.assert_array_equal(data, expected)


def test_labels_up_to_the_largest_read_back(tmp_path):
    labels = noise((2, 7, 5), np.uint32)
    labels[0, 0, :2] = 2**32 - 1, 0
    cremi = reader(tmp_path, replace(make_volume((2, 7, 5)), labels={"cells": labels}))
    np.testing.assert_array_equal(cremi.read("labels/neuron_ids")[0], labels)
    assert cremi.file["volumes/labels/neuron_ids"].attrs["background"] == 0


def test_clefts_have_the_background_of_the_challenge(tmp_path):
    labels = np.zeros((1, 6, 4), np.uint32)
    labels[0, 0, 0] = 3
    cremi = reader(tmp_path, replace(make_volume((1, 6, 4)), labels={"clefts": labels}))
    assert cremi.has("labels/clefts") and not cremi.has("labels/neuron_ids")
    data = cremi.read("labels/clefts")[0]
    assert data[0, 0, 0] == 3 and (data == NOTHING).sum() == 23
    assert cremi.file["volumes/labels/clefts"].attrs["background"] == NOTHING


def test_of_several_labels_those_called_neuron_ids_are(tmp_path):
    one, two = np.full((2, 1, 6, 4), 5, np.uint32)
    two = two + 1
    cremi = reader(tmp_path, replace(make_volume((1, 6, 4)), labels={"neuron_ids": one, "other": two}))
    assert (cremi.read("labels/neuron_ids")[0] == 5).all() and (cremi.read("labels/other")[0] == 6).all()
    cremi = reader(tmp_path, replace(make_volume((1, 6, 4)), labels={"one": one, "two": two}))
    assert cremi.has("labels/one") and cremi.has("labels/two") and not cremi.has("labels/neuron_ids")


def test_what_nobody_knows_is_what_the_package_does_not_score(tmp_path):
    volume = make_volume((1, 6, 4))
    unknown = np.zeros((1, 6, 4), np.uint8)
    unknown[0, 2, 1] = 1
    data = reader(tmp_path, replace(volume, ignore={"cells": unknown})).read("labels/neuron_ids")[0]
    assert data[0, 2, 1] == NOTHING and (data == NOTHING).sum() == 1
    with np.errstate(over="ignore"):
        assert (data + np.uint64(1))[0, 2, 1] == 0  # the package adds 1 and leaves out 0


def test_the_users_grey_levels_come_back(tmp_path):
    grey = {"type": "int16", "scale": 1.0, "offset": -100.0}
    volume = make_volume((2, 7, 5), np.uint16, grey=grey)
    volume = replace(volume, image=volume.image // 3)
    data = reader(tmp_path, volume).read("raw")[0]
    assert data.dtype == np.int16
    np.testing.assert_array_equal(data, volume.image.astype(int) - 100)


def test_colours_are_a_fourth_axis(tmp_path):
    volume = make_volume((2, 7, 5, 3))
    np.testing.assert_array_equal(reader(tmp_path, volume).read("raw")[0], volume.image)
