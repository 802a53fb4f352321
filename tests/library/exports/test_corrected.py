"""What people do next: correct some slices of a segmentation in another program, and learn from these."""

import numpy as np
import pytest
import tifffile
from PIL import Image

from synthem.config.entries import filled_in
from synthem.ingest.ingesting import ingest
from synthem.storage.volumes import Facts, Volume, read_volume
from tests.shared.exported_volumes import VOXEL_NM, exported, noise

DEPTH, CORRECTED = 14, 11  # the slice that Fiji calls 12
LABELS = np.zeros((DEPTH, 20, 30), np.uint32)
LABELS[:, 2:9, 3:12], LABELS[5:, 12:18, 15:28] = 3, 70
TRUE = LABELS[CORRECTED].copy()
TRUE[12:18, 15:20] = 0  # too much of one was marked, and
TRUE[2:5, 20:24] = 71  # another was missed


def volume_of(folder, **entry):
    """The canonical volume that an entry of the config becomes."""
    filled = filled_in("whole", {"image": str(folder / "image.tif"), **entry}, "mito")
    ingest(folder / "whole.h5", filled, split={"test": 0, "gap_nm": 0, "fold": 0}, content="")
    return read_volume(folder / "whole.h5")


@pytest.fixture
def stack():
    grey = {"type": "uint8", "scale": 1.0, "offset": 0.0}
    facts = Facts(VOXEL_NM, grey=grey)
    mask = (LABELS > 0).astype(np.uint8)
    return Volume(noise(LABELS.shape), facts, {"segmentation": mask}, {"segmentation": LABELS})


def known_slices(volume):
    return [z for z in range(DEPTH) if not volume.ignore["mito"][z].any()]


@pytest.mark.parametrize(("format", "white"), [("fiji", 255), ("napari", 1)])
def test_a_corrected_mask_is_the_truth_of_its_slices_and_of_no_others(tmp_path, stack, format, white):
    folder = exported(tmp_path, stack, format)
    mask = tifffile.imread(folder / "masks/segmentation.tif")
    mask[CORRECTED] = (TRUE > 0) * white
    tifffile.imwrite(folder / "corrected.tif", mask, imagej=format == "fiji")
    mine = {"masks": {"mito": str(folder / "corrected.tif")}}
    volume = volume_of(folder, **mine, labelled_slices=[CORRECTED])
    assert known_slices(volume) == [CORRECTED] and volume.voxel_size_nm == VOXEL_NM
    np.testing.assert_array_equal(volume.image, stack.image)
    np.testing.assert_array_equal(volume.masks["mito"][CORRECTED], TRUE > 0)


@pytest.mark.parametrize("format", ["fiji", "napari"])
def test_corrected_numbers_are_instances(tmp_path, stack, format):
    folder = exported(tmp_path, stack, format)
    labels = tifffile.imread(folder / "labels/segmentation.tif")
    labels[CORRECTED] = TRUE
    tifffile.imwrite(folder / "corrected.tif", labels, imagej=format == "fiji")
    mine = {"labels": {"mito": str(folder / "corrected.tif")}}
    volume = volume_of(folder, **mine, labelled_slices=[CORRECTED])
    np.testing.assert_array_equal(volume.labels["mito"][CORRECTED], TRUE)
    np.testing.assert_array_equal(volume.masks["mito"][CORRECTED], TRUE > 0)


def test_a_corrected_slice_is_put_into_the_folder_of_those_that_were_labelled_before(tmp_path, stack):
    written = sorted(
        path.name for path in (exported(tmp_path, stack, "png") / "masks/segmentation").iterdir()
    )
    folder = exported(tmp_path, stack, "fiji")
    mine = folder / "mine"
    mine.mkdir()
    for z in (0, 1):  # labelled by hand, before
        Image.fromarray((LABELS[z] > 0) * np.uint8(255)).save(mine / f"{z:04}.png")
    Image.fromarray((TRUE > 0) * np.uint8(255)).save(mine / written[CORRECTED])
    volume = volume_of(folder, masks={"mito": str(mine)}, labelled_slices=["0-1", CORRECTED])
    assert known_slices(volume) == [0, 1, CORRECTED]
    for z, truth in ((0, LABELS[0]), (1, LABELS[1]), (CORRECTED, TRUE)):
        np.testing.assert_array_equal(volume.masks["mito"][z], truth > 0)
