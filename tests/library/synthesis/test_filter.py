import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.synthesis.filter import FILTER_COLUMNS, filter_slices

SHAPE = (64, 64)


def slices(number, *, seed, mean=120, noise=20, contrast=-50):
    """EM-like slices: noise around a mean, a darker square in each quarter as the structure."""
    structure = np.zeros((number, *SHAPE), np.uint8)
    for y, x in ((8, 8), (8, 40), (40, 8), (40, 40)):
        structure[:, y : y + 12, x : x + 12] = 1
    image = np.random.default_rng(seed).normal(mean, noise, structure.shape) + contrast * structure.astype(
        float
    )
    return image.clip(0, 255).astype(np.uint8), {"mitochondria": structure}


REAL, REAL_MASKS = slices(8, seed=0)


def judge(
    image,
    masks,
    *,
    reference=(REAL, REAL_MASKS),
    ignore=None,
    worst_fraction=0,
    largest_deviation=3,
):
    return filter_slices(
        image,
        masks,
        reference_image=reference[0],
        reference_masks=reference[1],
        reference_ignore=ignore,
        structure="mitochondria",
        worst_fraction=worst_fraction,
        largest_deviation=largest_deviation,
    )


def test_slices_like_the_real_ones_are_kept():
    rows = judge(*slices(12, seed=1))
    assert [row["kept"] for row in rows] == [True] * 12
    assert {row["reason"] for row in rows} == {""}
    assert [row["slice"] for row in rows] == list(range(12))
    assert all(tuple(row) and set(row) == set(FILTER_COLUMNS) for row in rows)


def test_features_of_a_slice_counted_by_hand():
    quarter = np.uint8([[10, 10], [40, 20]])
    image = np.block([[quarter, quarter], [quarter, quarter + 40]])[None]
    masks = {"mitochondria": np.zeros((1, 4, 4), np.uint8)}
    masks["mitochondria"][0, 0, 0] = 1
    (row,) = judge(image, masks, largest_deviation=1e9)
    assert row["mean"] == 30  # 20 in three quarters, 60 in the last
    assert row["std"] == pytest.approx(150**0.5)  # (100 + 100 + 400 + 0) / 4, in each
    assert row["contrast"] == pytest.approx(10 - 70 / 3)  # of the one quarter that has structure
    assert row["sharpness"] == 15  # steps: 30, 10 along y; 0, 20 along x
    assert row["grid"] == 0  # a quarter of 2 x 2 pixels has no room for one


def test_the_grid_of_transposed_convolutions_is_found_by_hand():
    """Stripes of four columns 0, 0, 10, 10: steps along x are 0, 10, 0, 10, their mean 5; none along y."""
    image = np.tile(np.uint8([100, 100, 110, 110]), (1, 64, 16))
    (row,) = judge(image, {"mitochondria": np.zeros((1, 64, 64), np.uint8)}, largest_deviation=1e9)
    assert row["grid"] == pytest.approx(2)


def test_a_slice_with_a_grid_deviates_though_all_else_fits():
    image, masks = slices(2, seed=14)
    noise = image[1].astype(float) - image[1].mean()
    noise[:, 1::2] = 0.8 * noise[:, ::2] + 0.6 * noise[:, 1::2]  # columns in pairs that resemble each other
    image[1] = (image[1].mean() + noise).clip(0, 255)
    plain, grid = judge(image, masks)
    assert plain["kept"] and (grid["furthest"], grid["reason"]) == ("grid", "deviates")


BOARD = 30 * (2 * (np.indices((8, 8)).sum(0) % 2) - 1)  # std 30


def flat_quarters(*means):
    """A slice of four quarters of 8 x 8: a chess-board around a mean each. Each quarter has the std 30."""
    upper, lower = (np.hstack([BOARD + mean for mean in pair]) for pair in (means[:2], means[2:]))
    return np.vstack([upper, lower])[None].astype(np.uint8)


def test_a_unit_is_the_distance_that_real_quarters_keep_from_the_others():
    """One real slice, quarters of means 100, 110, 120, 170. Held out, they lie from the medians of the others
    (120, 120, 110, 110) by 20, 10, 10, 60; 95 % of four numbers lie below 20 + 0.85 x 40 = 54. The median of
    all is 115: the synthetic quarters 145, 145, 145, 157 lie 30, 30, 30, 42 away, 33 on average."""
    nothing = {"mitochondria": np.zeros((1, 16, 16), np.uint8)}
    (row,) = judge(
        flat_quarters(145, 145, 145, 157), nothing, reference=(flat_quarters(100, 110, 120, 170), nothing)
    )
    assert row["deviation"] == pytest.approx(33 / 54)
    assert row["furthest"] == "mean"


def test_real_quarters_that_are_all_alike_leave_a_unit_of_a_twentieth():
    """Of the standard deviation, 30: 1.5. A synthetic slice that is brighter by 6 deviates by 4."""
    nothing = {"mitochondria": np.zeros((1, 16, 16), np.uint8)}
    real = (flat_quarters(100, 100, 100, 100), nothing)
    (row,) = judge(flat_quarters(106, 106, 106, 106), nothing, reference=real)
    assert (row["deviation"], row["furthest"], row["reason"]) == (pytest.approx(4), "mean", "deviates")


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_a_blank_slice_is_dropped_and_good_ones_stay(grey):
    image, masks = slices(5, seed=2)
    image[3] = grey
    rows = judge(image, masks)
    assert [row["reason"] for row in rows] == ["", "", "", "blank", ""]
    assert [row["kept"] for row in rows] == [True, True, True, False, True]


def test_a_saturated_slice_is_dropped_unless_real_ones_are_so_too():
    image, masks = slices(2, seed=3)
    image[1] = np.where(np.random.default_rng(0).random(SHAPE) < 0.5, 0, 255)
    assert [row["reason"] for row in judge(image, masks)] == ["", "blank"]
    saturated = image[1:], {"mitochondria": masks["mitochondria"][1:]}
    assert judge(*saturated, reference=saturated)[0]["kept"]


@pytest.mark.parametrize(
    ("change", "furthest"),
    [({"mean": 200}, "mean"), ({"contrast": 50}, "contrast"), ({"noise": 45, "contrast": -45}, "sharpness")],
)
def test_a_slice_far_from_the_real_ones_deviates(change, furthest):
    (row,) = judge(*slices(1, seed=4, **change))
    assert (row["reason"], row["furthest"], row["kept"]) == ("deviates", furthest, False)


def test_a_slice_without_structure_has_no_contrast_and_is_judged_by_the_rest():
    image, masks = slices(3, seed=5)
    image[0] += 100 * masks["mitochondria"][0]
    masks["mitochondria"][1] = 0
    masks["mitochondria"][2] = 1
    row, empty, full = judge(image, masks)
    assert (row["furthest"], row["reason"]) == ("contrast", "deviates")
    assert empty["contrast"] is None
    assert full["contrast"] is None
    assert empty["reason"] == ""


def test_real_slices_without_structure_set_no_contrast():
    image, masks = slices(4, seed=6)
    nothing = {"mitochondria": np.zeros_like(REAL_MASKS["mitochondria"])}
    assert all(row["kept"] for row in judge(image, masks, reference=(REAL, nothing)))


def test_one_real_slice_is_enough_to_judge():
    reference = REAL[:1], {"mitochondria": REAL_MASKS["mitochondria"][:1]}
    assert all(row["kept"] for row in judge(*slices(10, seed=7), reference=reference))


def test_the_worst_part_of_the_remaining_slices_is_dropped():
    image, masks = slices(26, seed=8)
    image[0] = 0
    rows = judge(image, masks, worst_fraction=0.1)
    worst = sorted(rows[1:], key=lambda row: row["deviation"])[-2:]  # 0.1 x 25, rounded down
    assert [row["slice"] for row in rows if row["reason"] == "among the worst"] == sorted(
        r["slice"] for r in worst
    )
    assert sum(row["kept"] for row in rows) == 23


def test_colours_are_averaged():
    image, masks = slices(3, seed=10)
    rows = judge(np.stack([image] * 3, axis=-1), masks)
    assert rows == judge(image, masks)


def test_generated_colours_are_judged_beside_real_colours():
    image, masks = slices(3, seed=10)
    tinted = np.stack([image // 2, image, 255 - image // 2], axis=-1)
    real = np.stack([REAL // 2, REAL, 255 - REAL // 2], axis=-1)
    assert all(row["kept"] for row in judge(tinted, masks, reference=(real, REAL_MASKS)))
    tinted[1, ..., 2] = 0  # mean and noise of the other slices, but darker by a third
    assert [row["kept"] for row in judge(tinted, masks, reference=(real, REAL_MASKS))] == [True, False, True]


def test_unknown_ground_of_real_slices_counts_for_nothing():
    image, masks = slices(6, seed=12)
    ignore = np.zeros_like(REAL_MASKS["mitochondria"])
    ignore[:, :, 48:] = 1
    before = judge(image, masks, ignore=ignore)
    spoilt, wrong = REAL.copy(), REAL_MASKS["mitochondria"].copy()
    spoilt[:, :, 48:], wrong[:, :, 48:] = 250, 1
    after = judge(image, masks, reference=(spoilt, {"mitochondria": wrong}), ignore=ignore)
    assert after == before


def test_a_sliver_of_known_ground_sets_no_unit():
    """Two known columns beside the middle: those of the other quarters alone decide what is natural."""
    image, masks = slices(4, seed=15, contrast=-20)
    ignore = np.zeros_like(REAL_MASKS["mitochondria"])
    ignore[:, :, 32:] = 1
    without = judge(image, masks, ignore=ignore)
    ignore[:, :, 32:34] = 0
    assert judge(image, masks, ignore=ignore) == without
    assert {row["reason"] for row in without} == {"deviates"}


def test_real_slices_without_known_ground_are_no_reference():
    image, masks = slices(4, seed=13)
    ignore = np.zeros_like(REAL_MASKS["mitochondria"])
    ignore[1:] = 1
    first = REAL[:1], {"mitochondria": REAL_MASKS["mitochondria"][:1]}
    assert judge(image, masks, ignore=ignore) == judge(image, masks, reference=first)
    ignore[0] = 1
    with pytest.raises(SynthemError, match="DATA_VALUE reference_image: no voxel of 8 real slices is known"):
        judge(image, masks, ignore=ignore)


def test_a_mask_of_other_slices_is_refused():
    image, masks = slices(3, seed=11)
    with pytest.raises(SynthemError, match="DATA_SHAPE image"):
        judge(image[:2], masks)
    with pytest.raises(SynthemError, match="DATA_SHAPE reference_image"):
        judge(image, masks, reference=(REAL[:2], REAL_MASKS))
