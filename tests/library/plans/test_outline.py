"""Slices of a target, before anything is read."""

import numpy as np
import tifffile

from synthem.config.entries import filled_in
from synthem.plans.outline import outline_of, slices_tested
from tests.shared.demo_config import checked, edited

DEMO = checked(edited())
ASKED = {"split": {"test": 0.25, "gap_nm": 10, "fold": 0}, "phantoms": DEMO["phantoms"]}


def test_embedded_data_is_known_before_it_is_made():
    """44 slices of 5 nm: a quarter of them, 11, test; 10 nm are 2 slices of gap; 31 are left."""
    outline = outline_of("hippocampus", DEMO["volumes"]["hippocampus"], **ASKED)
    assert outline == {"train": 31, "test": 11, "slice_pixels": 160 * 160}


def test_of_a_file_the_header_is_enough(tmp_path):
    """20 slices: 5 test, one of 30 nm is the gap, 14 are left."""
    tifffile.imwrite(tmp_path / "image.tif", np.zeros((20, 6, 8), np.uint8))
    entry = {"image": f"{tmp_path}/image.tif", "masks": {}, "voxel_size_nm": [30, 5, 5]}
    outline = outline_of("mine", filled_in("mine", entry, "mitochondria"), **ASKED)
    assert outline == {"train": 14, "test": 5, "slice_pixels": 48}


def test_slices_have_the_pixels_that_resize_leaves_them():
    entry = DEMO["volumes"]["hippocampus"] | {"resize": [80, 40]}
    assert outline_of("hippocampus", entry, **ASKED)["slice_pixels"] == 80 * 40


def test_what_is_missing_is_named_and_no_reason_to_stop(tmp_path):
    entry = {"image": f"{tmp_path}/nowhere.tif", "masks": {}, "voxel_size_nm": [30, 5, 5]}
    outline = outline_of("mine", filled_in("mine", entry, "mitochondria"), **ASKED)
    assert "nowhere.tif" in outline["unknown"]
    other = {"train": 3, "test": 2, "slice_pixels": 4}
    assert slices_tested({"mine": outline, "other": other}) == {"other": 2}
