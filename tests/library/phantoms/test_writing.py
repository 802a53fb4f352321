import time
from types import SimpleNamespace

import numpy as np
import pytest
import tifffile

from synthem.phantoms.writing import write_phantom
from tests.shared.whole_stacks import read_header, read_stack


def phantom(shape=(4, 6, 7)):
    random = np.random.default_rng(0)
    mask = random.integers(0, 2, shape[:3], np.uint8)
    return SimpleNamespace(
        image=random.integers(0, 255, shape, np.uint8),
        masks={"mito": mask, "membrane": 1 - mask},
        labels={"cells": mask.astype(np.uint32) * 70_000},
        voxel_size_nm=(50.0, 8.0, 5.0),
    )


@pytest.mark.parametrize("shape", [(4, 6, 7), (1, 6, 7), (2, 6, 7, 3)])
def test_a_phantom_reads_back_like_a_users_files(tmp_path, shape):
    made, folder = phantom(shape), tmp_path / "larva"
    write_phantom(folder, made)
    np.testing.assert_array_equal(read_stack(str(folder / "image.tif")), made.image)
    for name, mask in made.masks.items():
        np.testing.assert_array_equal(read_stack(str(folder / name)) // 255, mask)
    cells = read_stack(f"{folder}/labels.h5:cells")
    assert cells.dtype == np.uint32
    np.testing.assert_array_equal(cells, made.labels["cells"])


def test_the_image_carries_its_voxel_size_in_nm(tmp_path):
    write_phantom(tmp_path / "larva", phantom())
    assert read_header(str(tmp_path / "larva" / "image.tif")).voxel_size_nm == pytest.approx((50, 8, 5))
    with tifffile.TiffFile(tmp_path / "larva" / "image.tif") as tiff:
        tags, meta = tiff.pages[0].tags, tiff.imagej_metadata
        x, y = tags["XResolution"].value, tags["YResolution"].value
        assert (x[0] / x[1], y[0] / y[1]) == pytest.approx((1 / 5, 1 / 8))
        assert (meta["unit"], meta["spacing"]) == ("nm", 50.0)


def test_the_same_phantom_is_the_same_bytes_at_any_time(tmp_path):
    for name in "ab":
        write_phantom(tmp_path / name, phantom())
        time.sleep(1.1 if name == "a" else 0)
    files = [path for path in (tmp_path / "a").rglob("*") if path.is_file()]
    assert len(files) == 2 + 2 * 4
    for file in files:
        assert file.read_bytes() == (tmp_path / "b" / file.relative_to(tmp_path / "a")).read_bytes()
