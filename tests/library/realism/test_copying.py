"""Generators of make-believe that copy their training slices, or do not; and correlations by hand."""

import numpy as np
import pytest
from scipy import ndimage

from synthem.realism.copying import (
    EDGE,
    GRAIN_PX,
    best_matches,
    grain_of,
    in_the_spectrum_of,
    measure_copies,
    pieces_of,
)
from synthem.realism.measurements import realism_rows
from synthem.realism.shares import share_above, share_interval, share_of_unseen

SIDE, COUNT = 48, 20
RANDOM = np.random.default_rng


def tissue(seed, slices=6, size=(96, 112)):
    """Slices of blobs with membranes between them, blurred, and with noise: uint8."""
    random = RANDOM(seed)
    cells = ndimage.gaussian_filter(random.normal(size=(slices, *size)), (0, 5, 5))
    membranes = np.exp(-((cells / cells.std() / 0.15) ** 2))
    grey = 150 + 8 * cells / cells.std() - 70 * ndimage.gaussian_filter(membranes, (0, 1, 1))
    return as_bytes(grey + 9 * ndimage.gaussian_filter(random.normal(size=grey.shape), (0, 0.6, 0.6)) / 0.45)


def as_bytes(grey):
    return np.clip(np.round(grey), 0, 255).astype(np.uint8)


def patches(slices, seed=0, count=COUNT, side=SIDE):
    random = RANDOM(seed)
    corners = [
        (n % len(slices), *random.integers(0, np.array(slices.shape[1:3]) - side)) for n in range(count)
    ]
    return np.stack([slices[z, y : y + side, x : x + side] for z, y, x in corners])


def blurred(images, sigma):
    return as_bytes(ndimage.gaussian_filter(images.astype(float), (0, sigma, sigma)))


def noisy(images, levels):
    return as_bytes(images + RANDOM(7).normal(0, levels, images.shape))


def slow_best_match(piece, plane):
    """Pearson's correlation with each place, one after the other."""
    side = len(piece)
    found = []
    for y in range(plane.shape[0] - side + 1):
        for x in range(plane.shape[1] - side + 1):
            found.append(np.corrcoef(piece.ravel(), plane[y : y + side, x : x + side].ravel())[0, 1])
    return max(found)


LEARNT, UNSEEN = tissue(0), patches(tissue(1))


def copied(painted, unseen=UNSEEN, learnt=LEARNT):
    """Share of images on unseen masks that are called copies."""
    found = measure_copies({"train": painted, "test": painted}, unseen, learnt, workers=1)
    return share_above(found["test/match"], found["test/unseen"])


@pytest.mark.parametrize(
    "made",
    [
        lambda own: own,
        lambda own: own[:, :, ::-1],
        lambda own: np.rot90(own, axes=(1, 2)).swapaxes(1, 2),
        lambda own: 255 - as_bytes(0.6 * (255.0 - own)),
        lambda own: noisy(own, 15),
        lambda own: noisy(own, 30),
        lambda own: blurred(own, 1),
        lambda own: blurred(own, 1.5),
        lambda own: noisy(blurred(own, 1), 5),
        lambda own: np.where(np.arange(SIDE) < SIDE // 2, own, UNSEEN),
    ],
    ids="exact mirrored turned pale noisy noisier blurred smooth blurred-and-noisy half".split(),
)
def test_a_generator_that_pastes_training_patches_is_found(made):
    assert copied(made(patches(LEARNT, seed=3))) >= 0.95


@pytest.mark.parametrize(
    "made",
    [
        lambda own: own,
        lambda own: noisy(own, 15),
        lambda own: blurred(own, 1),
        lambda own: blurred(own, 2),
        lambda own: as_bytes(128 + 2.0 * (ndimage.median_filter(own, (1, 5, 5)) - 128.0)),
        lambda own: np.full_like(own, 140),
        lambda own: as_bytes(128 + RANDOM(5).normal(0, 12, own.shape)),
    ],
    ids="tissue noisy blurred smooth sharp-without-grain flat noise-alone".split(),
)
def test_a_generator_that_paints_new_tissue_is_not(made):
    """Of as many images of tissue that is new, 1 in 20 lies above the limit of 19 in 20, give or take."""
    assert copied(made(patches(tissue(2)))) <= 0.25


def test_smooth_images_would_be_called_copies_beside_real_ones_as_they_are():
    """What the filter of the real patches is for."""
    smooth = grain_of(blurred(patches(tissue(2)), 2))
    sides = LEARNT.shape[1:]
    match, plain, filtered = (
        best_matches(pieces_of(grain, sides), LEARNT, turned=True, workers=1)
        for grain in (smooth, grain_of(UNSEEN), in_the_spectrum_of(smooth, grain_of(UNSEEN)))
    )
    assert share_above(match, plain) > 0.5 and share_above(match, filtered) <= 0.25


def test_an_exact_copy_matches_by_1_wherever_it_is_cut():
    own = patches(LEARNT, seed=3)
    own[0] = LEARNT[2, :SIDE, -SIDE:]
    found = measure_copies({"train": UNSEEN, "test": own}, own, LEARNT, workers=2)
    assert found["test/match"] == pytest.approx(1, abs=1e-3) and found["test/own"] == pytest.approx(
        1, abs=1e-3
    )
    assert (found["train/match"] < 0.6).all()


def test_a_match_is_the_best_of_all_correlations():
    learnt = tissue(4, slices=2, size=(30, 37))
    piece = pieces_of(grain_of(tissue(5, slices=3, size=(24, 24))), learnt.shape[1:])
    planes = [plane.astype(float) for plane in grain_of(learnt)]
    known = [max(slow_best_match(own, plane) for plane in planes) for own in piece]
    assert piece.shape == (3, 12, 12)
    assert best_matches(piece, learnt, turned=False, workers=1) == pytest.approx(known, abs=1e-4)
    ways = [[np.rot90(own, k) for k in range(4)] for own in piece]
    ways = [own + [way.T for way in own] for own in ways]
    known = [max(slow_best_match(way, plane) for way in own for plane in planes) for own in ways]
    assert best_matches(piece, learnt, turned=True, workers=1) == pytest.approx(known, abs=1e-4)


def test_many_pieces_are_searched_for_in_parts(monkeypatch):
    pieces = pieces_of(grain_of(UNSEEN), LEARNT.shape[1:])
    whole = best_matches(pieces, LEARNT, turned=True, workers=1)
    monkeypatch.setattr("synthem.realism.copying.ROOM", 4 * 96 * 112 * 7)
    assert best_matches(pieces, LEARNT, turned=True, workers=1) == pytest.approx(whole, abs=1e-6)


def test_grain_is_the_image_less_its_blur_and_colours_are_averaged():
    point = np.zeros((1, 31, 31), np.uint8)
    point[0, 15, 15] = 200
    weights = np.exp(-(np.arange(-EDGE, EDGE + 1) ** 2) / (2 * GRAIN_PX**2))
    height = 200 - 200 / weights.sum() ** 2
    assert grain_of(point)[0, 15, 15] == pytest.approx(height, rel=1e-5)
    assert grain_of(np.repeat(point[..., None], 3, axis=-1)) == pytest.approx(grain_of(point))
    assert (grain_of(np.full((1, 20, 20), 77, np.uint8)) == 0).all()


def test_weak_grain_is_not_enlarged():
    """Grain of a deviation of 0.2 grey levels counts as a fifth of 1; a flat slice has none."""
    grain = grain_of(LEARNT)
    piece = grain[:1, 20:50, 20:50].copy()
    piece -= piece.mean()
    weak = piece / piece.std() * 0.2
    assert best_matches(weak, LEARNT, turned=False, workers=1) == pytest.approx([0.2], abs=1e-3)
    flat = np.full_like(LEARNT, 90)
    assert best_matches(piece, flat, turned=False, workers=1) == pytest.approx([0], abs=1e-6)


def test_real_patches_get_the_spectrum_of_the_painted_ones():
    def rings(grain):
        power = (np.abs(np.fft.rfft2(grain)) ** 2).mean(axis=0)
        radius = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE))
        edges = np.arange(0.02, 0.5, 0.06)
        return [power[(radius >= a) & (radius < b)].mean() for a, b in zip(edges, edges[1:], strict=False)]

    real, smooth = grain_of(UNSEEN), grain_of(blurred(patches(tissue(2)), 1))
    assert rings(in_the_spectrum_of(smooth, real)) == pytest.approx(rings(smooth), rel=0.1)
    assert in_the_spectrum_of(real, real) == pytest.approx(real, abs=1e-3)


def test_patches_larger_than_slices_and_small_ones_are_cut_to_fit():
    grain = np.zeros((2, 64, 64), np.float32)
    assert pieces_of(grain, (40, 96)).shape == (2, 40 - 2 * EDGE, 40 - 2 * EDGE)
    assert pieces_of(grain[:, :8, :8], (40, 96)).shape == (2, 4, 4)


def test_copies_on_learnt_masks_are_more_than_what_a_mask_alone_fixes():
    """Limits by hand: of 0, 1, ..., 20 it is 19."""
    unseen, own = np.arange(21) / 100, np.arange(21) / 50
    values = np.array([0.18, 0.195, 0.37, 0.39])
    assert share_above(values, unseen) == 0.75 and share_above(values, unseen, own) == 0.25


def test_the_floor_is_the_share_of_real_ones_above_the_limit_of_other_slices():
    """Slices 1 and 2 have 1 to 20, slice 3 has 21 to 40: all of it above the limit of the others."""
    values, slices = np.arange(1.0, 41), np.repeat([1, 2, 3], [10, 10, 20])
    assert share_of_unseen(values, slices) == pytest.approx(20 / 40)
    assert share_of_unseen(values, slices, np.array([30.0])) == pytest.approx(10 / 40)
    assert share_of_unseen(values, np.ones(40)) is None


def test_none_of_64_is_not_certain_and_copies_in_some_slices_are_less_so():
    """Wilson's interval of 0 of 64 ends at z^2 / (64 + z^2), 3.8415 / 67.8415."""
    slices, unseen = np.repeat(np.arange(8), 8), (np.linspace(0, 0.2, 64), np.repeat(np.arange(8), 8))
    low, high = share_interval((np.zeros(64), slices), unseen)
    assert low == 0 and high == pytest.approx(3.8415 / 67.8415, rel=1e-4)
    low, high = share_interval((np.where(slices < 4, 1.0, 0.0), slices), unseen)
    spread = share_interval((np.where(np.arange(64) % 2, 1.0, 0.0), slices), unseen)
    assert low < spread[0] < 0.5 < spread[1] < high
    assert share_interval((np.zeros(9), np.ones(9)), (np.zeros(9), np.ones(9))) == (None, None)


def test_both_blocks_have_a_row_with_limits_of_their_own():
    """Real patches end at 0.2, images beside their own real ones at 0.4: 0.3 copies on unseen masks alone.

    Step 3 was not searched for copies.
    """
    slices, ones = np.repeat(np.arange(4), 4), np.ones(16)
    measured = {
        "patches": 16,
        "steps": [3, 7],
        "00000007/test/own": 0.4 * ones,
        "00000007/test/unseen": 0.2 * ones,
    }
    for block, first in (("train", 50), ("test", 0)):
        measured |= {f"real/{block}/slices": np.tile(slices + first, 4), f"real/{block}/difference": ones}
        measured |= {f"{step:08d}/{block}/diversity": ones for step in (3, 7)}
        measured |= {f"00000007/{block}/match": np.where(slices == 0, 0.5, 0.3)}
    rows = {row["block"]: row for row in realism_rows(measured, []) if row["score"] == "copied"}
    assert rows["train"]["value"] == 0.25 and rows["test"]["value"] == 1
    assert {(row["step"], row["n"], row["floor"]) for row in rows.values()} == {(7, 16, 0.0)}
    assert all(row["low"] <= row["value"] <= row["high"] for row in rows.values())
