import io

import numpy as np
import pytest
from PIL import Image

from synthem.figures.batch import batch_sheet, middle, painted_target

WHITE, BLACK, CYAN, MAGENTA, YELLOW = (
    [255] * 3,
    [0] * 3,
    [0, 255, 255],
    [255, 0, 255],
    [255, 255, 0],
)
STEPS = [(-1, 0, 0), (0, -1, 0), (0, 0, -1), (0, 0, -9)]


def colours_of(target, known, steps):
    """Of one row of voxels, a list of channels for each."""
    return painted_target(np.array([target]), np.array([known]), steps)[0].tolist()


def test_colours_name_the_neighbour_that_is_of_another_cell():
    target = [[1, 1, 1, 0], [0, 1, 1, 1], [1, 0, 1, 1], [1, 1, 0, 1], [0, 0, 0, 1]]
    assert colours_of(target, np.ones((5, 4)), STEPS) == [WHITE, CYAN, MAGENTA, YELLOW, BLACK]


def test_a_direction_that_is_unknown_or_not_learnt_is_drawn_like_the_others():
    target, known = [[0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 0]], [[0, 1, 1, 1]] * 3
    assert colours_of(target, known, STEPS) == [WHITE, MAGENTA, BLACK]
    flat = [row[1:3] for row in target]
    assert colours_of(flat, np.ones((3, 2)), STEPS[1:3]) == [WHITE, MAGENTA, BLACK]


def test_unknown_ground_is_striped_and_the_target_orange_elsewhere():
    target, known = np.zeros((12, 12, 1)), np.ones((12, 12, 1))
    target[:6], known[:, :6] = 1, 0
    picture = painted_target(target, known, [])
    assert (picture[:6, 6:] == (230, 159, 0)).all() and (picture[6:, 6:] == 244).all()
    assert len(np.unique(picture[6:, :6].reshape(-1, 3), axis=0)) == 2
    assert (picture[:6, :6] != (230, 159, 0)).any(axis=-1).all()


def test_the_middle_slice_of_deep_patches_is_shown():
    patches = np.arange(2 * 1 * 5 * 3 * 3).reshape(2, 1, 5, 3, 3)
    assert (middle(patches)[..., 0] == patches[:, 0, 2]).all()


@pytest.mark.parametrize("kind", ["mask", "boundaries", "interior"])
def test_a_sheet_has_six_rows_at_most(kind):
    def height(count):
        image = np.random.default_rng(0).normal(size=(count, 1, 16, 16)).astype(np.float32)
        facts = {"data_sets": ["real"] * count, "kind": kind, "steps": [], "voxel_size_nm": (50, 5, 5)}
        data = batch_sheet(image, image, image > 0, np.ones_like(image), **facts)
        return Image.open(io.BytesIO(data)).height

    assert height(3) < height(6) == height(8)
