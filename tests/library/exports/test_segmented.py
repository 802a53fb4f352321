from dataclasses import replace

import h5py
import numpy as np
import pytest
import tifffile
from skimage import io

from synthem.errors import SynthemError
from synthem.exports.formats import export
from synthem.exports.segmented import open_segmentation
from synthem.storage.arrays import write_arrays
from synthem.storage.volumes import write_volume
from tests.shared.exported_volumes import make_volume

BLOCKS = {"train": ((0, 3),), "test": ((6, 8),)}
MASK = np.ones((2, 7, 5), np.uint8)
LABELS = np.arange(70, dtype=np.uint32).reshape(2, 7, 5)


@pytest.fixture
def written(tmp_path):
    def write(volume, mask=MASK, labels=LABELS):
        write_volume(tmp_path / "volume.h5", volume)
        arrays = {"mask": mask, "labels": labels}
        write_arrays(tmp_path / "segmentation.h5", arrays, {"voxel_size_nm": (50.0, 4.0, 5.0)})
        return tmp_path

    return write


def exported(folder, format):
    segmentation, volume = folder / "segmentation.h5", folder / "volume.h5"
    with open_segmentation(segmentation, volume=volume, structure="mito") as block:
        export(folder / format, block, format=format)
    return folder / format


@pytest.mark.parametrize("format, white", [("fiji", 255), ("napari", 1)])
def test_a_segmentation_stands_beside_the_image_and_the_truth_of_its_block(written, format, white):
    volume = make_volume((9, 7, 5), blocks=BLOCKS)
    folder = exported(written(volume), format)
    for name, expected in (
        ("image", volume.image[6:8]),
        ("masks/segmentation", MASK * white),
        ("masks/truth", volume.masks["mito"][6:8] * white),
        ("ignore/truth", volume.ignore["mito"][6:8] * white),
        ("labels/segmentation", LABELS),
    ):
        np.testing.assert_array_equal(tifffile.imread(folder / f"{name}.tif"), expected)
    assert len([*folder.rglob("*.tif")]) == 5


def test_true_instances_are_there_where_the_volume_has_them(written):
    volume = make_volume((9, 7, 5), blocks=BLOCKS)
    folder = exported(written(replace(volume, labels={"mito": volume.labels["cells"]})), "napari")
    truth = tifffile.imread(folder / "labels" / "truth.tif")
    np.testing.assert_array_equal(truth, volume.labels["cells"][6:8])


def test_for_cremi_it_is_the_neurons_and_lies_where_the_block_does(written):
    volume = make_volume((9, 7, 5), blocks=BLOCKS, offset_nm=(1000.0, 0.0, 0.0))
    folder = exported(written(replace(volume, labels={"mito": volume.labels["cells"]})), "cremi")
    with h5py.File(folder / "volume.hdf") as file:
        neurons = file["volumes/labels/neuron_ids"]
        np.testing.assert_array_equal(neurons[...], LABELS)
        assert tuple(neurons.attrs["offset"]) == (1300, 0, 0)  # six slices of 50 nm further
        known = volume.ignore["mito"][6:8] == 0
        truth = file["volumes/labels/truth"][...]
        np.testing.assert_array_equal(truth[known], volume.labels["cells"][6:8][known])


@pytest.mark.parametrize(
    ("own", "place"),
    [
        ([(5, (70.0, 8.0, 15.0))], (120, 8, 15)),  # the second of its slices, of 50 nm
        ([(3, (9000.0, 0.0, 0.0)), (6, (0.0, 0.0, 0.0))], (0, 0, 0)),  # a file that has no offset
        ([(8, (9000.0, 0.0, 0.0))], (1300, 20, 0)),  # a stack behind it is another
    ],
)
@pytest.mark.parametrize("format", ["cremi", "zarr"])
def test_a_test_stack_of_its_own_lies_where_its_file_says(written, own, place, format):
    volume = make_volume((9, 7, 5), blocks=BLOCKS, offset_nm=(1000.0, 20.0, 0.0), own_stacks=tuple(own))
    folder = exported(written(replace(volume, labels={"mito": volume.labels["cells"]})), format)
    if format == "cremi":
        with h5py.File(folder / "volume.hdf") as file:
            for name in ("raw", "labels/neuron_ids", "labels/truth", "masks/segmentation"):
                assert tuple(file["volumes"][name].attrs["offset"]) == place
        return
    zarr = pytest.importorskip("zarr")
    group = zarr.open_group(folder / "volume.ome.zarr", mode="r")
    for part in (group, group["labels/segmentation"], group["labels/mask_truth"]):
        scale, translation = part.attrs["multiscales"][0]["datasets"][0]["coordinateTransformations"]
        assert translation == {"type": "translation", "translation": list(place)}


def test_zarr_holds_it_as_labels(written):
    zarr = pytest.importorskip("zarr")
    volume = make_volume((9, 7, 5), blocks=BLOCKS)
    folder = exported(written(volume), "zarr")
    group = zarr.open_group(folder / "volume.ome.zarr", mode="r")
    np.testing.assert_array_equal(group["0"][...], volume.image[6:8])
    np.testing.assert_array_equal(group["labels/segmentation/0"][...], LABELS)
    np.testing.assert_array_equal(group["labels/mask_truth/0"][...], volume.masks["mito"][6:8])


def test_tiles_of_the_block_keep_their_sizes(written):
    sizes = tuple((7, x) for x in (5, 5, 5, 5, 5, 5, 3, 4, 5))
    folder = exported(written(make_volume((9, 7, 5), blocks=BLOCKS, tiles=sizes)), "png")
    sizes = [io.imread(path).shape for path in sorted((folder / "image").iterdir())]
    assert sizes == [(7, 3), (7, 4)]


def test_a_segmentation_of_another_block_is_refused(written):
    folder = written(make_volume((9, 7, 5), blocks=BLOCKS), mask=MASK[:1], labels=LABELS[:1])
    with pytest.raises(SynthemError, match=r"^ERROR FILE_READ .*\(1, 7, 5\).*expected \(2, 7, 5\)"):
        exported(folder, "fiji")
