import h5py
import numpy as np
import pytest
import tifffile
from PIL import Image

from synthem.ingest import ingest, read_masks
from synthem.volumes import read_volume, write_volume

SPLIT = {"validation": 0.2, "test": 0.2, "gap_slices": 1}
RAW = np.random.default_rng(0).integers(0, 65535, (10, 6, 7)).astype(np.uint16)
MASK = RAW > 40000
CELLS = np.arange(420, dtype=np.uint64).reshape(10, 6, 7)


@pytest.fixture
def sources(tmp_path):
    tifffile.imwrite(tmp_path / "raw.tif", RAW)
    (tmp_path / "mito").mkdir()
    for z, plane in enumerate(MASK):
        Image.fromarray(plane).save(tmp_path / "mito" / f"{z}.png")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["cells"] = CELLS
    return {
        "image": str(tmp_path / "raw.tif"),
        "masks": {"mito": str(tmp_path / "mito")},
        "labels": {"cells": f"{tmp_path}/a.h5:cells"},
        "withheld": {"membrane": str(tmp_path / "missing.tif")},
        "voxel_size_nm": [50.0, 5.0, 4.0],
    }


def test_the_canonical_volume_holds_what_the_files_hold(sources, tmp_path):
    write_volume(tmp_path / "v.h5", ingest(sources, split=SPLIT, content="hash"))
    volume = read_volume(tmp_path / "v.h5")
    np.testing.assert_array_equal(volume.image, RAW)
    np.testing.assert_array_equal(volume.masks["mito"], MASK)
    np.testing.assert_array_equal(volume.labels["cells"], CELLS)
    kinds = (volume.image.dtype, volume.masks["mito"].dtype, volume.labels["cells"].dtype)
    assert kinds == (np.uint16, np.uint8, np.uint32)
    assert volume.voxel_size_nm == (50, 5, 4)
    assert volume.blocks == {"train": (0, 4), "validation": (5, 7), "test": (8, 10)}
    assert volume.provenance == {"origin": "files", "content": "hash"}


def test_withheld_truth_is_not_even_opened(sources):
    assert list(ingest(sources, split=SPLIT, content="").masks) == ["mito"]


def test_the_same_files_are_the_same_bytes(sources, tmp_path):
    for name in ("one.h5", "two.h5"):
        write_volume(tmp_path / name, ingest(sources, split=SPLIT, content="hash"))
    assert (tmp_path / "one.h5").read_bytes() == (tmp_path / "two.h5").read_bytes()


def test_masks_are_0_and_1_whatever_the_file_says(tmp_path):
    for value in (1, 255, 65535):
        tifffile.imwrite(tmp_path / f"{value}.tif", MASK.astype(np.uint16) * value)
    masks = read_masks({str(value): str(tmp_path / f"{value}.tif") for value in (1, 255, 65535)})
    for mask in masks.values():
        assert mask.dtype == np.uint8
        np.testing.assert_array_equal(mask, MASK)
