"""Slices brought to another number of pixels: by hand, and through ingest from files."""

import numpy as np
import pytest
import tifffile

from synthem.config.entries import filled_in
from synthem.errors import SynthemError
from synthem.ingest.ingesting import ingest, withhold
from synthem.ingest.resizing import resizing_of
from synthem.storage.arrays import read_array
from synthem.storage.volumes import read_volume

HALF = {"resize": [32, 16]}
SPLIT = {"test": 0.5, "gap_nm": 0, "fold": 0}


def resizing(frame, size, *, alike=True):
    return resizing_of({"resize": size}, frame, alike=alike)


def test_marks_are_those_of_the_nearest_pixel():
    marks = np.arange(16, dtype=np.uint32).reshape(1, 4, 4)
    # Of 4 -> 2, pixel centres lie at 1 and 3: between 0 | 1 and 2 | 3, whose upper one is taken.
    assert resizing((4, 4), (2, 2)).marks(marks).tolist() == [[[5, 7], [13, 15]]]
    assert resizing((4, 4), (8, 8)).marks(marks)[0].tolist() == np.kron(marks[0], np.ones((2, 2))).tolist()


def test_images_keep_their_mean_and_lose_what_is_finer_than_their_pixels():
    board = (np.indices((64, 64)).sum(axis=0) % 2 * 200).astype(np.uint8)[None]
    small = resizing((64, 64), (16, 16)).image(board)
    assert small.shape == (1, 16, 16) and small.dtype == np.uint8
    assert abs(small.astype(int) - 100).max() <= 8
    ramp = np.broadcast_to(np.arange(64, dtype=np.uint8), (1, 64, 64))
    found = resizing((64, 64), (64, 32)).image(ramp)[0, 32].astype(float)
    assert np.abs(found - (np.arange(32) * 2 + 0.5))[2:-2].max() <= 0.5  # where the pixel centres lie


def test_colours_are_resized_each():
    planes = np.zeros((2, 32, 32, 3), np.uint8)
    planes[..., 1] = 90
    found = resizing((32, 32), (16, 16)).image(planes)
    assert found.shape == (2, 16, 16, 3) and found[..., 1].min() == 90 and found[..., 0].max() == 0


@pytest.mark.parametrize(
    ("size", "alike", "found"),
    [
        ((129, 32), True, "129 x 32 pixels, more than 4 times"),
        ((16, 16), False, "tiles, or slices of several sizes"),
    ],
)
def test_what_has_no_sense_is_refused(size, alike, found):
    with pytest.raises(SynthemError) as error:
        resizing((32, 32), size, alike=alike)
    assert str(error.value).startswith(f"ERROR DATA_SHAPE resize: {found}")


@pytest.fixture
def entry(tmp_path):
    """A stack with a mask, instances, withheld truth and a test stack of its own, half as wide as it was."""
    image = np.random.default_rng(0).integers(0, 255, (6, 64, 64), np.uint8)
    mask = np.zeros((6, 64, 64), np.uint8)
    mask[:, 16:48, 32:64] = 255
    numbers = np.where(mask > 0, 70_000, 0).astype(np.uint32)
    for name, stack in (
        ("image", image),
        ("mask", mask),
        ("numbers", numbers),
        ("test", image),
        ("true", mask),
    ):
        tifffile.imwrite(tmp_path / f"{name}.tif", stack)
    given = {
        "image": f"{tmp_path}/image.tif",
        "masks": {"mitochondria": f"{tmp_path}/mask.tif"},
        "labels": {"mitochondria": f"{tmp_path}/numbers.tif"},
        "withheld": {"membrane": f"{tmp_path}/true.tif"},
        "test": {
            "image": f"{tmp_path}/test.tif",
            "masks": {"mitochondria": f"{tmp_path}/mask.tif"},
            "labels": {"mitochondria": f"{tmp_path}/numbers.tif"},
        },
        "voxel_size_nm": [30, 5, 5],
    }
    return filled_in("mine", given | HALF, "mitochondria")


def test_a_volume_and_its_test_stack_become_smaller_alike_and_nm_stay_right(entry, tmp_path):
    ingest(tmp_path / "volume.h5", entry, split=SPLIT, content="c0ffee")
    volume = read_volume(tmp_path / "volume.h5")
    assert volume.image.shape == (12, 32, 16)
    assert volume.facts.voxel_size_nm == (30, 10, 20)
    for marks, value in ((volume.masks, 1), (volume.labels, 70_000)):
        expected = np.zeros((12, 32, 16), int)
        expected[:, 8:24, 8:16] = value
        assert (marks["mitochondria"] == expected).all()
    assert not volume.ignore  # nothing is filled up
    withhold(tmp_path / "truth.h5", entry)
    assert read_array(tmp_path / "truth.h5", "membrane").sum() == 6 * 16 * 8


def test_an_entry_without_the_key_is_what_it_was(entry):
    assert entry["resize"] == [32, 16]
    assert "resize" not in filled_in("mine", {"image": "a.tif"}, "mitochondria")
