import json
from dataclasses import replace

import numpy as np
import pytest
import tifffile
from skimage import io

from synthem.errors import SynthemError
from tests.shared.exported_volumes import exported, make_volume

OPTIONS = {"dataset": 7, "name": "larva", "structure": "mito"}
BLOCKS = {"train": ((0, 2), (8, 9)), "test": ((5, 7),)}


def dataset_of(folder, volume):
    dataset = exported(folder, volume, "nnunet", **OPTIONS) / "Dataset007_larva"
    return dataset, json.loads((dataset / "dataset.json").read_text())


def read_stack(image):
    """As nnU-Net's Tiff3DIO: three axes, and the voxel size in a file without the channel's number."""
    stack = tifffile.imread(image)
    assert stack.ndim == 3
    case = image.name.removesuffix(".tif")
    if image.parent.name.startswith("images"):
        case = case[:-5]
    return stack, json.loads((image.parent / f"{case}.json").read_text())["spacing"]


def test_each_range_of_a_block_is_a_case_with_its_truth(tmp_path):
    volume = replace(make_volume((9, 7, 5), blocks=BLOCKS), ignore={})
    dataset, said = dataset_of(tmp_path, volume)
    for suffix, case, first, end in (
        ("Tr", "larva_train_z0000", 0, 2),
        ("Tr", "larva_train_z0008", 8, 9),
        ("Ts", "larva_test_z0005", 5, 7),
    ):
        image, spacing = read_stack(dataset / f"images{suffix}" / f"{case}_0000.tif")
        np.testing.assert_array_equal(image, volume.image[first:end])
        assert spacing == [50, 4, 5]
        labels, spacing = read_stack(dataset / f"labels{suffix}" / f"{case}.tif")
        np.testing.assert_array_equal(labels, volume.masks["mito"][first:end])
        assert spacing == [50, 4, 5]
    assert (
        len(list((dataset / "imagesTr").glob("*.tif")))
        == len(list((dataset / "labelsTr").glob("*.tif")))
        == 2
    )
    assert (
        len(list((dataset / "imagesTs").glob("*.tif")))
        == len(list((dataset / "labelsTs").glob("*.tif")))
        == 1
    )
    assert said == {
        "channel_names": {"0": "EM"},
        "labels": {"background": 0, "mito": 1},
        "numTraining": 2,
        "file_ending": ".tif",
        "overwrite_image_reader_writer": "Tiff3DIO",
    }


def test_what_nobody_knows_is_the_highest_label(tmp_path):
    volume = make_volume((9, 7, 5), blocks=BLOCKS)
    dataset, said = dataset_of(tmp_path, volume)
    assert said["labels"] == {"background": 0, "mito": 1, "ignore": 2}
    labels = read_stack(dataset / "labelsTs" / "larva_test_z0005.tif")[0]
    mask, unknown = volume.masks["mito"][5:7], volume.ignore["mito"][5:7]
    assert (labels[unknown == 1] == 2).all() and (labels[unknown == 0] == mask[unknown == 0]).all()
    assert unknown.any()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_colours_are_channels_in_files_of_their_own(tmp_path, dtype):
    volume = make_volume((9, 7, 5, 3), dtype, blocks=BLOCKS)
    dataset, said = dataset_of(tmp_path, volume)
    assert said["channel_names"] == {"0": "red", "1": "green", "2": "blue"}
    for channel in range(3):
        image = read_stack(dataset / "imagesTs" / f"larva_test_z0005_000{channel}.tif")[0]
        assert image.dtype == dtype
        np.testing.assert_array_equal(image, volume.image[5:7, ..., channel])


@pytest.mark.parametrize("shape", [(2, 7, 5), (2, 7, 5, 3)])
def test_each_tile_is_a_case_of_two_dimensions_in_its_own_size(tmp_path, shape):
    blocks = {"train": ((0, 1),), "test": ((1, 2),)}
    facts = {"blocks": blocks, "tiles": ((7, 3), (4, 5)), "linked": False}
    volume = replace(make_volume(shape, **facts), ignore={})
    dataset, said = dataset_of(tmp_path, volume)
    assert said["overwrite_image_reader_writer"] == "NaturalImage2DIO" and said["numTraining"] == 1
    # That reader is skimage's.
    np.testing.assert_array_equal(
        io.imread(dataset / "imagesTr" / "larva_train_z0000_0000.tif"), volume.image[0, :, :3]
    )
    np.testing.assert_array_equal(
        io.imread(dataset / "labelsTs" / "larva_test_z0001.tif"), volume.masks["mito"][1, :4]
    )


def test_a_stack_of_its_own_stays_a_stack_without_its_padding(tmp_path):
    """The two test slices are 4 x 3 pixels in a frame of 7 x 5."""
    blocks, tiles = {"train": ((0, 3),), "test": ((3, 5),)}, ((7, 5),) * 3 + ((4, 3),) * 2
    volume = replace(make_volume((5, 7, 5), blocks=blocks, tiles=tiles), ignore={})
    dataset, said = dataset_of(tmp_path, volume)
    assert said["overwrite_image_reader_writer"] == "Tiff3DIO" and said["numTraining"] == 1
    image, _ = read_stack(dataset / "imagesTs" / "larva_test_z0003_0000.tif")
    np.testing.assert_array_equal(image, volume.image[3:, :4, :3])
    labels, _ = read_stack(dataset / "labelsTs" / "larva_test_z0003.tif")
    np.testing.assert_array_equal(labels, volume.masks["mito"][3:, :4, :3])
    assert read_stack(dataset / "imagesTr" / "larva_train_z0000_0000.tif")[0].shape == (3, 7, 5)


def test_slices_that_nothing_links_are_no_volume(tmp_path):
    volume = replace(make_volume((4, 7, 5), blocks={"train": ((0, 4),)}, linked=False), ignore={})
    dataset, said = dataset_of(tmp_path, volume)
    assert said["overwrite_image_reader_writer"] == "NaturalImage2DIO" and said["numTraining"] == 4
    image = io.imread(dataset / "imagesTr" / "larva_train_z0002_0000.tif")
    np.testing.assert_array_equal(image, volume.image[2])


def test_a_volume_without_the_structure_is_refused(tmp_path):
    with pytest.raises(
        SynthemError, match=r"^ERROR CONFIG_REFERENCE .*larva has no mask mito .*no masks at all"
    ):
        dataset_of(tmp_path, replace(make_volume(), masks={}))
