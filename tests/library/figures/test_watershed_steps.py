import io

import numpy as np
from PIL import Image

from synthem.figures.watershed_steps import painted, steps_sheet
from synthem.watershed.steps import steps_of_slice
from tests.shared.membrane_cells import SETTINGS, two_cells

THRESHOLDS = {name: SETTINGS[name] for name in ("interior_threshold", "edge_threshold")}


def pixels_of(gap, colour):
    """How many pixels of a colour the picture has, of two cells with such a probability in the gap."""
    steps = steps_of_slice(two_cells(gap), **SETTINGS)
    data = steps_sheet(steps, (50.0, 5.0, 5.0), **THRESHOLDS)
    picture = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    return (picture == colour).all(axis=2).sum()


def test_a_closed_gap_is_vermillion_and_one_left_open_is_blue():
    """Beside its square of the legend, each line has 3 pixels of 25 in a panel of 450 pixels: 18 x 54."""
    vermillion, sky = (213, 94, 0), (86, 180, 233)
    more_red = pixels_of(0.6, vermillion) - pixels_of(0.9, vermillion)
    assert 500 < more_red < 1500
    assert pixels_of(0.9, sky) > 500


def test_cells_on_both_sides_of_a_wide_border_have_two_colours():
    cells = np.zeros((8, 40), np.uint32)
    cells[:, :10], cells[:, 24:] = 1, 2  # 14 pixels apart
    picture = painted(cells)
    assert picture.shape == (8, 40, 3) and (picture[:, 10:24] == picture[0, 10]).all()
    assert len({tuple(picture[0, x]) for x in (0, 12, 30)}) == 3
