"""Slices that are learnt from: the smallest of them, by headers."""

import numpy as np
import tifffile
from PIL import Image

from synthem.config.entries import filled_in
from synthem.plans.sizes import slices_seen
from synthem.plans.slices import smallest_slices
from tests.shared.demo_config import DEMO, checked, edited

PHANTOMS = DEMO["phantoms"]


def stack(path, *shape):
    tifffile.imwrite(path, np.zeros(shape, np.uint8), photometric="minisblack")
    return {"image": str(path), "masks": {"mitochondria": str(path)}}


def smallest(**entry):
    return smallest_slices({"mine": filled_in("mine", entry, "mitochondria")}, PHANTOMS)


def test_stacks_that_are_learnt_from_count_and_those_that_test_do_not(tmp_path):
    entry = stack(tmp_path / "image.tif", 3, 30, 24)
    assert smallest(**entry) == {"slices": {"mine": (30, 24)}}
    entry["test"] = stack(tmp_path / "test.tif", 3, 10, 10)
    assert smallest(**entry) == {"slices": {"mine": (30, 24)}}
    entry["validation"] = stack(tmp_path / "validation.tif", 3, 20, 99)
    assert smallest(**entry) == {"slices": {"mine": (20, 99)}}


def test_of_tiles_the_one_with_the_shortest_side_counts(tmp_path):
    for number, size in enumerate([(30, 30), (50, 12), (13, 13)]):
        Image.fromarray(np.zeros(size, np.uint8)).save(tmp_path / f"{number}.png")
    entry = {"image": str(tmp_path), "masks": {}, "tiles": True}
    assert smallest(**entry) == {"slices": {"mine": (50, 12)}}


def test_resized_slices_have_the_size_that_networks_see(tmp_path):
    entry = stack(tmp_path / "image.tif", 3, 30, 24)
    assert smallest(**entry, resize=[60, 48]) == {"slices": {"mine": (60, 48)}}


def test_embedded_data_is_known_before_it_is_made():
    volumes = checked(edited())["volumes"]
    assert smallest_slices(volumes, PHANTOMS)["slices"]["hippocampus"] == (160, 160)


def test_an_image_that_is_missing_is_named(tmp_path):
    found = smallest(image=f"{tmp_path}/nowhere.tif", masks={})
    assert found.keys() == {"unknown"} and "nowhere.tif" in found["unknown"]


def test_a_process_of_its_own_says_the_same(tmp_path):
    volume = filled_in("mine", stack(tmp_path / "image.tif", 3, 30, 24), "mitochondria")
    assert slices_seen({"mine": volume}, PHANTOMS) == {"slices": {"mine": [30, 24]}}
