import os
import time

import numpy as np
import pytest
from PIL import Image

from synthem.export import export_pairs, export_png
from synthem.sources import as_mask, read_stack
from synthem.volumes import Volume

SHAPE = (12, 5, 7)


def volume(dtype=np.uint8, shape=SHAPE):
    image = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)
    return Volume(image, (50, 5, 5), {"mito": np.indices(SHAPE).sum(0).astype(np.uint8) % 2})


@pytest.mark.parametrize("dtype, shape", [(np.uint8, SHAPE), (np.uint16, SHAPE), (np.uint8, (*SHAPE, 3))])
def test_png_slices_read_back_as_the_volume(tmp_path, dtype, shape):
    written = volume(dtype, shape)
    export_png(tmp_path / "png", written)
    assert sorted(os.listdir(tmp_path / "png")) == ["image", "mito"]
    image = read_stack(str(tmp_path / "png" / "image"))
    assert image.dtype == dtype
    np.testing.assert_array_equal(image, written.image)
    np.testing.assert_array_equal(as_mask(read_stack(str(tmp_path / "png" / "mito"))), written.masks["mito"])


def test_masks_are_black_and_white_to_the_eye(tmp_path):
    export_png(tmp_path / "png", volume())
    with Image.open(tmp_path / "png" / "mito" / "0011.png") as picture:
        assert picture.mode == "L" and picture.getextrema() == (0, 255) and picture.size == (7, 5)


def test_a_second_export_leaves_no_slice_of_the_first(tmp_path):
    export_png(tmp_path / "png", volume())
    short = Volume(volume().image[:3], (50, 5, 5))
    export_png(tmp_path / "png", short)
    assert sorted(path.name for path in (tmp_path / "png").rglob("*")) == [
        "0000.png",
        "0001.png",
        "0002.png",
        "image",
    ]


def test_pairs_read_back_without_pickles(tmp_path):
    export_pairs(tmp_path / "pairs.npz", volume())
    with np.load(tmp_path / "pairs.npz", allow_pickle=False) as pairs:
        assert sorted(pairs) == ["image", "mask_mito"]
        np.testing.assert_array_equal(pairs["image"], volume().image)
        np.testing.assert_array_equal(pairs["mask_mito"], volume().masks["mito"])


def test_the_same_volume_is_the_same_bytes_at_any_time(tmp_path):
    for name in "ab":
        export_pairs(tmp_path / f"{name}.npz", volume())
        export_png(tmp_path / name, volume())
        time.sleep(2.1 if name == "a" else 0)  # dates in a zip file have steps of two seconds
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    for file in (tmp_path / "a").rglob("*.png"):
        assert file.read_bytes() == (tmp_path / "b" / file.relative_to(tmp_path / "a")).read_bytes()
