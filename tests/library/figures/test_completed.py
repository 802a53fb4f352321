import io

import numpy as np
from PIL import Image

from synthem.figures.completed import completed_sheet


def picture(snapshots=(), level=255, **more):
    """Of two dark pieces with a bright row, whose right half was hidden, and of bright answers."""
    true = np.zeros((2, 40, 40), np.uint8)
    true[:, :8] = 200
    hidden = np.zeros_like(true)
    hidden[:, :, 20:] = 1
    drawn = np.full((len(snapshots) + 1, *true.shape), level, np.uint8)
    options = {"snapshots": list(snapshots), "voxel_size_nm": (50, 5, 5)} | more
    return completed_sheet(true, hidden, drawn, **options)


def pixels(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"))


def test_answers_stand_between_what_was_shown_and_what_was_there():
    masked, drawn, true = np.array_split(pixels(picture()), 3, axis=1)
    dark = [(part < 20).mean() for part in (masked, drawn, true)]
    assert dark[1] < 0.05 < 0.2 < dark[0] < 0.7 * dark[2]  # half of the dark is hidden; the answer is bright


def test_each_snapshot_has_a_column():
    few, many = (pixels(picture(steps)) for steps in ((), (10, 20)))
    assert few.shape[1] == many.shape[1] and few.shape[0] > 1.4 * many.shape[0]  # five panels are smaller


def test_the_same_images_give_the_same_bytes():
    assert picture() == picture() != picture(level=100)
