import io

import numpy as np
from PIL import Image

from synthem.figures.membrane_variants import membrane_variants_sheet, middle_of


def picture(predicted, image=None):
    image = np.full((2, 40, 40), 60, np.uint8) if image is None else image
    sheet = membrane_variants_sheet(image, predicted, slices=[3, 9], voxel_size_nm=(50, 5, 5))
    return np.asarray(Image.open(io.BytesIO(sheet)).convert("RGB")).astype(int)


def blue(pixels):
    """Part of the rows that have the colour of membranes."""
    return ((pixels[..., 2] - pixels[..., 0]) > 100).any(axis=1)


def test_a_row_for_each_network_below_the_image_alone():
    cross = np.zeros((2, 40, 40), np.uint8)
    cross[:, 10:30, 10:30] = 1
    none = np.zeros_like(cross)
    pixels = picture({"noise-0": none, "noise-0.4": cross})
    thirds = np.array_split(blue(pixels), 3)
    assert not thirds[0].any() and not thirds[1][:-20].any() and thirds[2].any()


def test_of_large_slices_the_middle_is_shown():
    assert middle_of((1000, 200)) == (slice(350, 650), slice(0, 300))
