import numpy as np
import pytest

from synthem.patches.on_processor import bending, fill_image, fill_mask

NOTHING, NO_SHIFTS = np.empty(0, np.float32), np.empty((2, 0, 0), np.float32)
PLANE = np.arange(12, dtype=np.uint8).reshape(3, 4)  # 0 1 2 3 / 4 5 6 7 / 8 9 10 11


def mask_at(y, x, turned=(0, 0, 0), size=2):
    out = np.empty((size, size), np.float32)
    fill_mask(PLANE, y, x, np.array(turned), NO_SHIFTS, 0, out)
    return out.tolist()


def image_at(
    y,
    x,
    *,
    size,
    turned=(0, 0, 0),
    shifts=NO_SHIFTS,
    margin=0,
    blur=NOTHING,
    noise=0,
    start=0,
    missing=0,
    edge=(0, 0, 0),
):
    out = np.empty((1, size, size), np.float32)
    table = np.arange(10, dtype=np.float32)
    mean, slope = np.zeros(1, np.float32), np.ones(1, np.float32)
    turned = np.array(turned)
    fill_image(
        PLANE[..., None], y, x, turned, shifts, margin, blur, NOTHING, mean, slope, np.float32(0),
        np.float32(noise), table if noise else NOTHING, start, missing, np.array([edge, edge]), out,
    )  # fmt: skip
    return out[0]


@pytest.mark.parametrize(
    ("turned", "expected"),
    [
        ((0, 0, 0), [[5, 6], [9, 10]]),
        ((1, 0, 0), [[5, 9], [6, 10]]),
        ((0, 1, 0), [[9, 10], [5, 6]]),
        ((0, 0, 1), [[6, 5], [10, 9]]),
        ((1, 0, 1), [[6, 10], [5, 9]]),  # a quarter turn against the clock
        ((1, 1, 1), [[10, 6], [9, 5]]),
    ],
)
def test_patches_turn(turned, expected):
    assert mask_at(1, 1, turned) == expected
    assert image_at(1, 1, size=2, turned=turned).tolist() == expected


def test_beyond_its_borders_a_slice_is_mirrored_again_and_again():
    assert mask_at(0, 2, size=4)[0] == [2, 3, 2, 1]
    assert mask_at(0, -7, size=4)[0] == [1, 0, 1, 2]
    assert [row[0] for row in mask_at(0, 0, size=6)] == [0, 4, 8, 4, 0, 4]


def test_half_a_pixel_down_is_the_mean_of_two_rows():
    control = np.zeros((2, 8, 8), np.float32)
    control[0] = 0.5
    weights = np.full((2, 8), 1 / 8, np.float32)
    shifts = bending(control, weights)
    assert shifts.tolist() == [[[0.5] * 2] * 2, [[0] * 2] * 2]
    assert image_at(0, 1, size=2, shifts=shifts, margin=2).tolist() == [[3, 4], [7, 8]]


def test_a_mask_takes_the_nearest_pixel():
    shifts = np.zeros((2, 2, 2), np.float32)
    shifts[1] = [[0.49, 0.51], [-0.49, -0.51]]
    out = np.empty((2, 2), np.float32)
    fill_mask(PLANE, 0, 1, np.zeros(3, np.int64), shifts, 2, out)
    assert out.tolist() == [[1, 3], [5, 5]]


def test_a_blur_mirrors_the_patch_at_its_borders():
    blur = np.array([0.25, 0.5, 0.25], np.float32)
    # Rows 0 1 2 / 4 5 6 / 8 9 10 become .5 1 1.5 and so on, columns 2 4 6 more: only their ends move.
    assert image_at(0, 0, size=3, blur=blur).tolist() == [[2.5, 3, 3.5], [4.5, 5, 5.5], [6.5, 7, 7.5]]


def test_noise_is_read_row_by_row_and_starts_again_at_the_end_of_the_table():
    noisy = image_at(0, 0, size=3, noise=2, start=5) - image_at(0, 0, size=3)
    assert (noisy / 2).tolist() == [[5, 6, 7], [8, 9, 0], [1, 2, 3]]


def test_of_a_patch_a_side_of_a_line_is_missing_or_all_of_it():
    whole = image_at(0, 0, size=4)
    # y + x < 0, where rows and columns lie at -3/4, -1/4, 1/4, 3/4: above the diagonal from below left.
    part = image_at(0, 0, size=4, missing=1, edge=(1, 1, 0))
    gone = np.array([[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]], bool)
    assert (part == np.where(gone, 0, whole)).all()
    # y < -1/2: the first row alone.
    assert (
        image_at(0, 0, size=4, missing=1, edge=(2, 0, -1)) == np.where([[1], [0], [0], [0]], 0, whole)
    ).all()
    assert not image_at(0, 0, size=4, missing=2).any()
