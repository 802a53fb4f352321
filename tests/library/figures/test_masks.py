import io

import numpy as np
from PIL import Image

from synthem.figures.masks import masks_sheet, numbers_text

VOXEL = (50, 5, 5)


def opened(real, invented):
    return np.asarray(Image.open(io.BytesIO(masks_sheet(real, invented, voxel_size_nm=VOXEL))).convert("RGB"))


def test_real_masks_stand_above_invented_ones():
    empty, full = (np.full((12, 16, 16), value, np.uint8) for value in (0, 1))
    orange = (230, 159, 0)  # of the structure
    for real, invented, expected in ((full, empty, 0), (empty, full, 1)):
        picture = opened({"mito": real}, {"mito": invented})
        halves = [(half == orange).all(axis=2).mean() for half in np.array_split(picture[:-60], 2)]
        assert np.argmax(halves) == expected and min(halves) < 0.01  # where the halves meet


def test_one_mask_is_enough_for_a_sheet():
    one = {"mito": np.ones((1, 16, 16), np.uint8), "membrane": np.zeros((1, 16, 16), np.uint8)}
    assert opened(one, one).shape[1] == 1400


def test_numbers_stand_above_each_group():
    mask = np.zeros((1, 20, 20), np.uint8)
    mask[0, :10, :10] = 1  # a quarter of 0.01 square micrometres, 50 nm across
    found = numbers_text({"mito": mask, "membrane": 1 - mask}, "mito", VOXEL)
    assert found == (
        "mito 25 %, membrane 75 %; mito: 100 parts in a µm², half of them more than 50 nm across"
    )
    coarse = tuple(100 * size for size in VOXEL)  # a hundred times as long: a part in 100 um2
    assert "mito: 0.01 parts in a µm², half of them more than 5 µm across" in numbers_text(
        {"mito": mask}, "mito", coarse
    )
    assert numbers_text({"mito": 0 * mask}, "mito", VOXEL) == "mito 0 %; mito: 0 parts in a µm²"
