"""The script beside an export for napari: napari itself is not needed here, its layers are."""

import importlib.util
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import tifffile

from tests.shared.exported_volumes import VOXEL_NM, exported, make_volume


@pytest.fixture
def folder(tmp_path):
    """An export whose script is on its own: no path leads to the library."""
    return exported(tmp_path, make_volume(), "napari")


def script_in(folder):
    spec = importlib.util.spec_from_file_location("script", folder / "open_in_napari.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_stack_of_the_export_is_a_layer_at_its_true_size(folder):
    volume = make_volume()
    found = script_in(folder).layers(folder)
    assert [(kind, options["name"]) for kind, _, options in found] == [
        ("image", "image"),
        ("labels", "ignore/mito"),
        ("labels", "labels/cells"),
        ("labels", "masks/mito"),
    ]
    assert {options["scale"] for *_, options in found} == {VOXEL_NM}
    assert {options["translate"] for *_, options in found} == {(0, 0, 0)}
    assert [options.get("visible") for *_, options in found] == [None, False, True, True]
    expected = (volume.image, volume.ignore["mito"], volume.labels["cells"], volume.masks["mito"])
    for (_, data, _), wanted in zip(found, expected, strict=True):
        np.testing.assert_array_equal(data, wanted)


def test_a_mask_does_not_cover_the_instances_that_it_was_cut_into(tmp_path):
    """In napari 0.9.2 both lay over each other, and two mitochondria of two colours had nearly one."""
    volume = make_volume()
    volume = replace(volume, masks={"cells": volume.masks["mito"]}, ignore={})
    folder = exported(tmp_path, volume, "napari")
    shown = {
        options["name"]: options.get("visible", True) for *_, options in script_in(folder).layers(folder)
    }
    assert shown == {"image": True, "labels/cells": True, "masks/cells": False}


def test_confidence_is_a_grey_layer_to_be_switched_on(folder):
    (folder / "confidence").mkdir()
    shutil.copy(folder / "image.tif", folder / "confidence")
    found = {options["name"]: (kind, options) for kind, _, options in script_in(folder).layers(folder)}
    kind, options = found["confidence/image"]
    assert kind == "image" and not options["visible"]


def test_an_image_that_is_not_packed_stays_on_the_disk(folder):
    (_, data, _), *_ = script_in(folder).layers(folder)
    assert isinstance(data, np.memmap)


def test_one_slice_is_a_stack_too(folder, tmp_path):
    for name, shape in {"grey": (5, 7), "colour": (5, 7, 3)}.items():
        tifffile.imwrite(tmp_path / f"{name}.tif", np.ones(shape, np.uint8), ome=True)
        assert script_in(folder).voxels(tmp_path / f"{name}.tif").shape == (1, *shape)


@pytest.mark.parametrize("shape", [(3, 7, 5), (1, 6, 4), (2, 7, 5, 3)])
def test_a_block_lies_where_it_lies_in_its_stack(tmp_path, shape):
    """The test block of a stack, opened beside the whole of it, covers what it was cut from."""
    folder = exported(tmp_path, make_volume(shape, offset_nm=(1300.0, 8.0, 0.0)), "napari")
    places = [options["translate"] for *_, options in script_in(folder).layers(folder)]
    assert places == [(1300, 8, 0)] * 4


def test_layers_are_added_as_what_they_are(folder):
    class Viewer:
        def __init__(self):
            self.added = []

        def add_image(self, data, *, name, scale, translate, units):
            self.added.append(("image", data.shape, data.dtype.name))

        def add_labels(self, data, *, name, opacity, visible, scale, translate, units):
            self.added.append((name, data.shape, data.dtype.name))

    viewer = script_in(folder).show(Viewer(), folder)
    assert viewer.added == [
        ("image", (3, 7, 5), "uint8"),
        ("ignore/mito", (3, 7, 5), "uint32"),
        ("labels/cells", (3, 7, 5), "uint32"),
        ("masks/mito", (3, 7, 5), "uint32"),
    ]


@pytest.mark.skipif(importlib.util.find_spec("napari") is not None, reason="napari is installed")
def test_without_napari_the_script_says_how_to_get_it(folder):
    done = subprocess.run([sys.executable, "open_in_napari.py"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr == (
        "napari is missing in this Python; install it with: pip install 'napari[all]'\n"
    )
