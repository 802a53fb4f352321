import csv
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageSequence

from synthem.errors import SynthemError
from synthem.exports import tiff as export_tiff
from tests.shared.exported_volumes import PLAIN, SHAPES, exported, make_volume, noise

SHIFTED = {"type": "int16", "scale": 1.0, "offset": -32768.0}
SCALED = {"type": "float32", "scale": 0.25, "offset": -3.0}


def read(path):
    with tifffile.TiffFile(path) as tiff:
        return np.stack([page.asarray() for page in tiff.pages]), tiff.pages[0].tags, tiff.imagej_metadata


@pytest.mark.parametrize("format", ["fiji", "napari"])
@pytest.mark.parametrize("shape", [*SHAPES, (2, 7, 5, 3)])
def test_stacks_read_back_as_they_are_stored(tmp_path, format, shape):
    volume = make_volume(shape)
    folder = exported(tmp_path, volume, format)
    np.testing.assert_array_equal(read(folder / "image.tif")[0], volume.image)
    np.testing.assert_array_equal(read(folder / "labels" / "cells.tif")[0], volume.labels["cells"])
    bright = 255 if format == "fiji" else 1
    np.testing.assert_array_equal(read(folder / "masks" / "mito.tif")[0], volume.masks["mito"] * bright)
    np.testing.assert_array_equal(read(folder / "ignore" / "mito.tif")[0], volume.ignore["mito"] * bright)


@pytest.mark.parametrize("format", ["fiji", "napari"])
def test_16_bits_read_back(tmp_path, format):
    volume = make_volume(dtype=np.uint16)
    image = read(exported(tmp_path, volume, format) / "image.tif")[0]
    assert image.dtype == np.uint16
    np.testing.assert_array_equal(image, volume.image)


@pytest.mark.parametrize("format", ["fiji", "napari"])
def test_the_users_grey_levels_come_back(tmp_path, format):
    image = np.array([[[0, 1], [32768, 65535]]], np.uint16)
    for grey, dtype, levels in (
        (SHIFTED, np.int16, [[[-32768, -32767], [0, 32767]]]),
        (SCALED, np.float32, [[[-3, -2.75], [8189, 16380.75]]]),
    ):
        volume = replace(make_volume(grey=grey), image=image, **PLAIN)
        read_back = read(exported(tmp_path, volume, format) / "image.tif")[0]
        assert read_back.dtype == dtype
        np.testing.assert_array_equal(read_back, levels)


def test_fiji_knows_the_voxel_size_and_the_place_in_nm(tmp_path):
    volume = make_volume(offset_nm=(100.0, 8.0, 0.0))
    folder = exported(tmp_path, volume, "fiji")
    for name in ("image.tif", "masks/mito.tif", "labels/cells.tif"):
        _, tags, said = read(folder / name)
        assert (said["unit"], said["spacing"], said["images"], said["slices"]) == ("nm", 50, 3, 3)
        (x_pixels, x_nm), (y_pixels, y_nm) = tags["XResolution"].value, tags["YResolution"].value
        assert (y_nm / y_pixels, x_nm / x_pixels) == pytest.approx((4, 5))
        assert (said["zorigin"], said["yorigin"], said["xorigin"]) == (-2, -2, 0)


def test_other_programs_than_tifffile_read_the_slices(tmp_path):
    volume = make_volume((3, 101, 99), np.uint16)
    with Image.open(exported(tmp_path, volume, "fiji") / "image.tif") as file:
        slices = [np.asarray(slice_) for slice_ in ImageSequence.Iterator(file)]
    np.testing.assert_array_equal(slices, volume.image)


def test_beyond_4_gb_fiji_gets_one_table_of_contents_and_the_slices_in_one_piece(tmp_path, monkeypatch):
    monkeypatch.setattr(export_tiff, "CLASSIC", 100)
    volume = make_volume((5, 7, 6))
    path = exported(tmp_path, volume, "fiji") / "image.tif"
    with tifffile.TiffFile(path) as tiff:
        first, said = tiff.pages[0], tiff.imagej_metadata
        assert len(tiff.pages) == 1 and not tiff.is_bigtiff
    # As ImageJ does: `images` slices from where the first one begins.
    stack = np.fromfile(path, np.uint8, offset=first.dataoffsets[0], count=said["images"] * 7 * 6)
    np.testing.assert_array_equal(stack.reshape(5, 7, 6), volume.image)


def test_beyond_4_gb_ome_is_big_tiff(tmp_path, monkeypatch):
    monkeypatch.setattr(export_tiff, "CLASSIC", 100)
    volume = make_volume((5, 7, 6))
    folder = exported(tmp_path, volume, "napari")
    with tifffile.TiffFile(folder / "image.tif") as tiff:
        assert tiff.is_bigtiff
    np.testing.assert_array_equal(read(folder / "image.tif")[0], volume.image)


def test_large_labels_are_numbered_anew_for_fiji_and_the_table_leads_back(tmp_path):
    labels = np.zeros((2, 6, 4), np.uint32)
    labels[0, 0, :3], labels[1, 5, 3] = (7, 2**32 - 1, 65536), 65536
    folder = exported(tmp_path, replace(make_volume((2, 6, 4)), labels={"cells": labels}), "fiji")
    small = read(folder / "labels" / "cells.tif")[0]
    assert small.dtype == np.uint16 and small[0, 0].tolist() == [1, 3, 2, 0] and small[1, 5, 3] == 2
    with open(folder / "labels" / "cells.csv", newline="") as file:
        back = {int(row["label"]): int(row["original"]) for row in csv.DictReader(file)}
    np.testing.assert_array_equal(np.vectorize(back.get)(small), labels)


def test_labels_of_16_bits_keep_their_numbers(tmp_path):
    labels = np.full((1, 6, 4), 65535, np.uint32)
    folder = exported(tmp_path, replace(make_volume((1, 6, 4)), labels={"cells": labels}), "fiji")
    np.testing.assert_array_equal(read(folder / "labels" / "cells.tif")[0], labels)
    assert not (folder / "labels" / "cells.csv").exists()


@pytest.mark.parametrize(("numbers", "largest"), [((3, 900), 900), ((7, 65536, 2**32 - 1), 3), ((), 0)])
def test_fiji_shows_labels_from_none_to_the_largest_of_all_slices(tmp_path, numbers, largest):
    """ImageJ's FileOpener reads `min` and `max`; without them it shows the range of the first slice."""
    labels = np.zeros((2, 6, 4), np.uint32)
    labels[1, 0, : len(numbers)] = numbers
    labels[0, 0, 0] = min(numbers, default=0)
    folder = exported(tmp_path, replace(make_volume((2, 6, 4)), labels={"cells": labels}), "fiji")
    said = read(folder / "labels" / "cells.tif")[2]
    assert (said["min"], said["max"]) == (0, largest)
    assert "max" not in read(folder / "image.tif")[2]


def test_65535_instances_fit_into_fiji_and_one_more_does_not(tmp_path):
    labels = np.arange(65536, dtype=np.uint32).reshape(1, 256, 256) * 2
    volume = replace(make_volume((1, 256, 256)), labels={"cells": labels})
    small = read(exported(tmp_path, volume, "fiji") / "labels" / "cells.tif")[0]
    np.testing.assert_array_equal(small.astype(int) * 2, labels)
    labels[0, 0, 0] = 1
    with pytest.raises(SynthemError, match=r"^ERROR DATA_VALUE labels/cells: 65536 instances"):
        exported(tmp_path, volume, "fiji")


def test_napari_gets_32_bit_labels_which_it_shows_as_labels(tmp_path):
    labels = noise((2, 6, 4), np.uint32)
    labels[0, 0, 0] = 2**32 - 1
    folder = exported(tmp_path, replace(make_volume((2, 6, 4)), labels={"cells": labels}), "napari")
    read_back = read(folder / "labels" / "cells.tif")[0]
    assert read_back.dtype == read(folder / "masks" / "mito.tif")[0].dtype == np.uint32
    np.testing.assert_array_equal(read_back, labels)


@pytest.mark.parametrize("shape", [(3, 7, 5), (3, 7, 5, 3)])
def test_ome_xml_says_where_each_slice_lies(tmp_path, shape):
    folder = exported(tmp_path, make_volume(shape, offset_nm=(100.0, 8.0, -3.0)), "napari")
    for name in ("image.tif", "labels/cells.tif"):
        with tifffile.TiffFile(folder / name) as tiff:
            slices = ElementTree.fromstring(tiff.ome_metadata).findall(".//{*}Plane")
        assert [one.get("TheZ") for one in slices] == ["0", "1", "2"]
        assert [float(one.get("PositionZ")) for one in slices] == [100, 150, 200]  # slices of 50 nm
        assert {(float(one.get("PositionY")), float(one.get("PositionX"))) for one in slices} == {(8, -3)}
        assert {one.get(f"Position{axis}Unit") for one in slices for axis in "ZYX"} == {"nm"}


@pytest.mark.parametrize("shape", [(3, 7, 5), (3, 7, 5, 3), (1, 6, 4)])
def test_ome_xml_says_size_and_voxels(tmp_path, shape):
    folder = exported(tmp_path, make_volume(shape), "napari")
    for name in ("image.tif", "labels/cells.tif"):
        with tifffile.TiffFile(folder / name) as tiff:
            pixels = ElementTree.fromstring(tiff.ome_metadata).find(".//{*}Pixels")
        z, y, x = shape[:3]
        assert [pixels.get(f"Size{axis}") for axis in "ZYX"] == [str(z), str(y), str(x)]
        assert [float(pixels.get(f"PhysicalSize{axis}")) for axis in "ZYX"] == [50, 4, 5]
        assert {pixels.get(f"PhysicalSize{axis}Unit") for axis in "ZYX"} == {"nm"}


@pytest.mark.parametrize("format", ["fiji", "napari"])
def test_a_volume_without_masks_and_labels_is_an_image_alone(tmp_path, format):
    folder = exported(tmp_path, replace(make_volume(), **PLAIN), format)
    assert [path.name for path in folder.rglob("*.tif")] == ["image.tif"]


def test_tiles_keep_their_padding_in_a_stack(tmp_path):
    volume = make_volume((2, 7, 5), tiles=((7, 3), (4, 5)))
    np.testing.assert_array_equal(read(exported(tmp_path, volume, "fiji") / "image.tif")[0], volume.image)
