import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.synthesis import FILTER_COLUMNS, filter_slices

SHAPE = (32, 32)


def slices(number, *, seed, mean=120, noise=20, contrast=-50):
    """EM-like slices: noise around a mean, a darker square as the structure."""
    structure = np.zeros((number, *SHAPE), np.uint8)
    structure[:, 8:20, 8:20] = 1
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
    largest_deviation=6,
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
    image = np.uint8([[[10, 10], [40, 20]]])
    masks = {"mitochondria": np.uint8([[[1, 0], [0, 0]]])}
    (row,) = judge(image, masks, largest_deviation=1e9)
    assert row["mean"] == 20
    assert row["std"] == pytest.approx(150**0.5)  # (100 + 100 + 400 + 0) / 4
    assert row["contrast"] == pytest.approx(10 - 70 / 3)
    assert row["sharpness"] == 15  # steps: 30, 10 along y; 0, 20 along x


def test_the_deviation_is_in_robust_standard_deviations_of_the_real_slices():
    """Flat real slices of means 100, 110, 120, 130, 200 plus a checkerboard: median 120, MAD 10."""
    board = 30 * (2 * (np.indices(SHAPE).sum(0) % 2) - 1)
    real = np.stack([mean + board for mean in (100, 110, 120, 130, 200)]).astype(np.uint8)
    masks = {"mitochondria": np.zeros(real.shape, np.uint8)}
    (row,) = judge(
        (164 + board)[None].astype(np.uint8),
        {"mitochondria": masks["mitochondria"][:1]},
        reference=(real, masks),
    )
    assert row["deviation"] == pytest.approx(44 / 14.826)
    assert row["furthest"] == "mean"


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
    image, masks = slices(3, seed=5, contrast=0)
    masks["mitochondria"][1] = 0
    masks["mitochondria"][2] = 1
    row, empty, full = judge(image, masks)
    assert row["furthest"] == "contrast"
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
    ignore[:, :, 24:] = 1
    before = judge(image, masks, reference=(REAL[:, :, :24], {"mitochondria": masks_of(REAL_MASKS, 24)}))
    spoilt, wrong = REAL.copy(), REAL_MASKS["mitochondria"].copy()
    spoilt[:, :, 24:], wrong[:, :, 24:] = 250, 1
    after = judge(image, masks, reference=(spoilt, {"mitochondria": wrong}), ignore=ignore)
    assert after == before


def masks_of(masks, width):
    return masks["mitochondria"][:, :, :width]


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
