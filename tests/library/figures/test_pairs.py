import io

import numpy as np
import pytest
from PIL import Image

from synthem.figures import sheets
from synthem.figures.pairs import pairs_sheet
from synthem.storage.volumes import Facts, Volume
from synthem.synthesis.pairs import made_pairs


def pairs(count, marked, channels=()):
    image = np.full((count, 40, 60, *channels), 128, np.uint8)
    image[:, 0], image[:, -1] = 0, 255  # so that 128 is a middle grey
    mask = np.zeros((count, 40, 60), np.uint8)
    mask[:, 10:20, 10:30] = marked
    volume = Volume(image, Facts((50.0, 5.0, 5.0)), {"mito": mask})
    return made_pairs(volume, origin="copies", sources=range(count))


def orange(data):
    """How many pixels of a picture have the colour of the structure."""
    picture = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
    return (abs(picture - (0xE6, 0x9F, 0x00)).max(axis=-1) < 8).sum()


@pytest.mark.parametrize("channels", [(), (3,)])
@pytest.mark.parametrize("count", [1, 3, 24])
def test_any_number_of_slices_of_any_kind_is_a_sheet_of_the_page_width(count, channels):
    picture = Image.open(io.BytesIO(pairs_sheet(pairs(count, 1, channels), structure="mito")))
    assert picture.format == "PNG" and picture.width == sheets.WIDTH * sheets.DPI


def test_only_what_the_mask_marks_is_outlined():
    with_objects, without = (orange(pairs_sheet(pairs(3, marked), structure="mito")) for marked in (1, 0))
    # Three outlines of 60 pixels of a slice, or more of the picture; without them the legend is left.
    assert with_objects > without + 3 * 60
