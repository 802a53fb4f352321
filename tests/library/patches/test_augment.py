import numpy as np
import pytest

from synthem.patches.augment import (
    FOLDS,
    GRID,
    PART,
    UNCHANGED,
    WHOLE,
    bending_weights,
    blur_weights,
    draw_stack_transforms,
    draw_transforms,
    lines_across,
    margin_of,
    no_transforms,
    noise_table,
)
from synthem.patches.chance import streams_of
from synthem.patches.places import PatchSet, one_after_the_other
from tests.shared.augment_settings import OFF
from tests.shared.slow_patches import SIZE, slow_places

SETS = [PatchSet("real", np.zeros((1, 1, 1), np.uint8))]
STREAMS = streams_of(SETS, one_after_the_other(0, 200), seed=0)
ON = {
    "turn": True,
    "scale": [1, 1],
    "elastic": 5.0,
    "blur": {"probability": 0.3, "sigma": 3, "radius": 5},
    "local_blur": {"probability": 0.3, "sigma": 2, "radius": 4},
    "low_contrast": {"probability": 0.25, "gain": 0.1},
    "brightness": 0.2,
    "contrast": 0.2,
    "noise": 0.4,
    "missing": 0.2,
}
PARTS = {"turned", "control", "blurred", "gain", "shift", "noise", "noise_start"}
PARTS |= {"part_blurred", "missing", "edges"}


def differing(one, other):
    return {name for name in PARTS if not np.array_equal(getattr(one, name), getattr(other, name))}


def test_all_eight_symmetries_are_as_frequent():
    streams = streams_of(SETS, one_after_the_other(0, 8000), seed=0)
    turned = draw_transforms(streams, **UNCHANGED | {"turn": True}).turned
    counts = np.bincount(turned @ [4, 2, 1], minlength=8)
    assert len(counts) == 8 and abs(counts - 1000).max() < 4 * 30  # deviations: sqrt(8000 / 8 * 7 / 8)


def test_flips_and_horizontal_draw_some_of_the_symmetries_and_the_same_mirror_images():
    streams = streams_of(SETS, one_after_the_other(0, 4000), seed=0)
    full, flips, horizontal = (
        draw_transforms(streams, **UNCHANGED | {"turn": turn}).turned
        for turn in (True, "flips", "horizontal")
    )
    assert not flips[:, 0].any() and not horizontal[:, :2].any()
    assert np.array_equal(flips[:, 1:], full[:, 1:]) and np.array_equal(horizontal[:, 2], full[:, 2])
    counts = np.bincount(flips[:, 1:] @ [2, 1], minlength=4)
    assert abs(counts - 1000).max() < 4 * 28  # deviations: sqrt(4000 / 4 * 3 / 4)


def test_a_change_depends_on_the_stream_of_its_patch_alone():
    together, alone = draw_transforms(STREAMS[:4], **ON), draw_transforms(STREAMS[2:3], **ON)
    for name in PARTS:
        assert np.array_equal(getattr(together, name)[2:3], getattr(alone, name))


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ("turn", "turned"),
        ("elastic", "control"),
        ("blur", "blurred"),
        ("low_contrast", "gain"),
        ("brightness", "shift"),
        ("contrast", "gain"),
        ("noise", "noise"),
        ("local_blur", "part_blurred"),
        ("missing", "missing"),
    ],
)
def test_turning_one_change_off_leaves_the_others_as_they_were(change, part):
    changed = draw_transforms(STREAMS, **ON | {change: OFF[change]})
    assert differing(changed, draw_transforms(STREAMS, **ON)) == {part}


@pytest.mark.parametrize("scale", [[0.5, 1], [0.7, 1.4], [2, 2]])
def test_a_piece_of_another_size_anywhere_in_the_patch_is_made_as_large(scale):
    """Where pixels come from, by scipy's splines: equal steps of `side` from the piece's border on."""
    smallest, largest = scale
    control = draw_transforms(STREAMS, **UNCHANGED | {"scale": scale}, size=SIZE).control
    places = np.array([slow_places(points) for points in control])  # [B, 2, SIZE, SIZE]
    side = places[:, 0, 1, 0] - places[:, 0, 0, 0]
    assert smallest - 1e-4 <= side.min() and side.max() <= largest + 1e-4
    assert np.median(side) == pytest.approx((smallest * largest) ** 0.5, rel=0.05)
    border = places[:, :, 0, 0] + 0.5 - side[:, None] / 2  # pixels are as wide as a step
    steps = side[:, None] * (np.arange(SIZE) + 0.5) - 0.5
    expected = border[:, :, None] + steps[:, None]
    assert np.allclose(places[:, 0], expected[:, 0, :, None], atol=1e-3)
    assert np.allclose(places[:, 1], expected[:, 1, None, :], atol=1e-3)
    room = SIZE * (1 - side)
    within = border[room != 0] / room[room != 0][:, None]  # 0: at the upper or left border, 1: at the other
    assert within.min() == pytest.approx(0, abs=0.02) and within.max() == pytest.approx(1, abs=0.02)
    assert abs(np.corrcoef(within.T)[0, 1]) < 0.25


def test_pieces_of_their_own_size_leave_other_changes_as_they_were():
    drawn = draw_transforms(STREAMS, **ON | {"scale": [0.7, 1.4]}, size=SIZE)
    assert differing(drawn, draw_transforms(STREAMS, **ON)) == {"control"}
    assert drawn.reach == pytest.approx(5 + 0.4 * SIZE)


def test_with_everything_off_nothing_happens():
    off = draw_transforms(STREAMS, **OFF)
    # Of noise and lines that are not there.
    assert differing(off, no_transforms(len(STREAMS))) == {"noise_start", "edges"}
    assert off.blur is None and off.part_blur is None and margin_of(off) == 0


def test_strengths_stay_within_their_bounds_and_come_close_to_them():
    drawn = draw_transforms(STREAMS, **ON | {"low_contrast": {"probability": 0, "gain": 1}})
    for values, low, high in (
        (drawn.gain, 0.8, 1.2),
        (drawn.shift, -0.2, 0.2),
        (drawn.noise, 0, 0.4),
        (drawn.control, -5, 5),
    ):
        assert values.dtype == np.float32
        near = 0.03 * (high - low)
        assert low <= values.min() < low + near and high - near < values.max() <= high


@pytest.mark.parametrize(("probability", "low", "high"), [(0, 0, 0), (0.3, 34, 86), (1, 200, 200)])
def test_a_probability_is_a_share_of_the_patches(probability, low, high):
    blur = {"probability": probability, "sigma": 3, "radius": 5}
    faded = {"probability": probability, "gain": 0.1}
    drawn = draw_transforms(STREAMS, **OFF | {"blur": blur, "low_contrast": faded})
    assert low <= drawn.blurred.sum() <= high
    assert low <= (drawn.gain == np.float32(0.1)).sum() <= high
    assert set(drawn.gain) <= {np.float32(1), np.float32(0.1)}


def test_no_pixel_shifts_further_than_the_control_points_and_one_shift_of_all_is_a_shift():
    weights = bending_weights(50)
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-6)


def test_bending_at_its_limit_does_not_fold():
    size = 64
    weights = bending_weights(size).astype(float)
    limit = FOLDS * size / (GRID - 3)
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (50, 2, GRID, GRID))  # the strongest there are
    y, x = np.moveaxis(weights @ (limit * signs) @ weights.T, 1, 0) + np.mgrid[:size, :size][:, None]
    (y_y, y_x), (x_y, x_x) = np.gradient(y, axis=(1, 2)), np.gradient(x, axis=(1, 2))
    assert (y_y * x_x - y_x * x_y).min() > 0


def test_the_blur_is_a_gaussian_of_sum_1():
    weights = blur_weights(3, 5)
    assert len(weights) == 11 and weights.sum() == pytest.approx(1, abs=1e-6)
    assert weights[8] / weights[5] == pytest.approx(np.exp(-0.5), rel=1e-5)  # one sigma from the centre


def test_the_table_of_noise_is_standard_normal():
    table = noise_table()
    assert abs(table.mean()) < 0.002 and table.std() == pytest.approx(1, abs=0.002)
    assert (np.abs(table) < 1.959964).mean() == pytest.approx(0.95, abs=0.001)
    assert abs(np.corrcoef(table[:-1], table[1:])[0, 1]) < 0.002


def test_lines_cross_nearly_all_patches_and_lie_in_all_directions():
    lines = lines_across(*np.random.default_rng(0).random((2, 2000)))
    y, x = np.indices((32, 32)) * 2 + 1 - 32
    share = np.array([(a * y + b * x < c * 32).mean() for a, b, c in lines])
    assert ((share > 0) & (share < 1)).mean() > 0.9 and share.mean() == pytest.approx(0.5, abs=0.02)
    angles = np.arctan2(lines[:, 0], lines[:, 1])
    assert np.histogram(angles, 8, (-np.pi, np.pi))[0].min() > 180


def test_whole_slices_are_missing_of_stacks_alone():
    flat = draw_transforms(STREAMS, **OFF | {"missing": 0.5})
    stack = draw_stack_transforms(STREAMS, 4, OFF | {"missing": 0.5})
    assert set(flat.missing) == {0, PART} and set(stack.missing) == {0, PART, WHOLE}
    for kind in (PART, WHOLE):  # of half of the slices, each
        assert (stack.missing == kind).mean() == pytest.approx(0.25, abs=0.05)
    assert len(np.unique(stack.edges[:, 1], axis=0)) > 700  # each slice for itself
