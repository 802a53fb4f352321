import numpy as np
import pytest
from scipy import ndimage

from synthem.errors import SynthemError
from synthem.metrics.definitions import BASELINES
from synthem.metrics.trivial import (
    SIGMAS_PX,
    apply_global_threshold,
    best_global_threshold,
    best_smoothed_threshold,
    smoothed,
    trivial_answers,
)
from tests.shared.noisy_discs import block, iou, noisy_discs


def answers(known, test):
    return dict(trivial_answers(known, test, structure="m", cut=lambda mask: mask.astype(np.uint32)))


def test_there_is_an_answer_for_every_baseline_of_the_tables():
    found = answers(noisy_discs(0), noisy_discs(2))
    assert list(found) == [name for name in BASELINES if name != "forest"]  # that has a script of its own
    assert found["everything"].labels.min() == 1 and found["nothing"].labels.max() == 0
    assert all(
        answer.labels.shape == (3, 64, 64) and answer.labels.dtype == np.uint32 for answer in found.values()
    )


def test_smoothing_sees_through_noise_where_one_pixel_does_not():
    test = noisy_discs(2)
    found, truth = answers(noisy_discs(0), test), test.masks["m"]
    assert iou(found["threshold"].labels, truth) < 0.4
    assert iou(found["smoothed"].labels, truth) > 0.7
    assert found["smoothed"].sigma_px in SIGMAS_PX


def test_both_thresholds_are_tuned_on_the_labelled_slices_and_know_no_truth_of_the_test_block():
    known, test = noisy_discs(0), noisy_discs(2)
    before, after = answers(known, test), answers(known, block(test.image, 1 - test.masks["m"]))
    for name in ("threshold", "smoothed"):
        assert before[name][2:] == after[name][2:] and (before[name].mask == after[name].mask).all()
    darker = answers(block(known.image // 2, known.masks["m"]), test)
    assert darker["threshold"].threshold < before["threshold"].threshold
    assert darker["smoothed"].threshold < before["smoothed"].threshold


def test_the_mask_is_what_is_marked_and_instances_are_cut_of_it():
    known, test = noisy_discs(0), noisy_discs(2)
    cut = lambda mask: np.zeros(mask.shape, np.uint32)  # noqa: E731  a size filter that leaves nothing
    found = dict(trivial_answers(known, test, structure="m", cut=cut))
    for name in ("threshold", "smoothed"):
        assert found[name].mask.any() and not found[name].labels.any()


def test_masks_are_those_of_most_of_the_slices():
    known, test = noisy_discs(0), noisy_discs(2)
    how = {"structure": "m", "cut": lambda mask: mask.astype(np.uint32)}
    alone, found = (dict(trivial_answers(known, test, median_slices=slices, **how)) for slices in (1, 3))
    for name, answer in found.items():
        voted = ndimage.median_filter(alone[name].mask, (3, 1, 1), mode="nearest")
        assert (answer.mask == voted).all() and (answer.labels == voted).all()
    assert (found["threshold"].mask != alone["threshold"].mask).any()


def test_the_best_width_is_that_of_an_independent_search():
    volume = noisy_discs(4)
    best = {}
    for sigma in SIGMAS_PX:
        grey = np.stack([ndimage.gaussian_filter(picture.astype(float), sigma) for picture in volume.image])
        best[sigma] = max(iou(np.rint(grey) <= level, volume.masks["m"]) for level in range(256))
    found = best_smoothed_threshold(volume.image, volume.masks["m"])
    assert found["sigma_px"] == max(best, key=best.get)
    assert found["iou"] == pytest.approx(best[found["sigma_px"]], abs=0.01)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_best_level_is_that_of_a_search_through_all_whatever_the_number_of_threads(dtype):
    random = np.random.default_rng(6)
    image, ignore = random.integers(0, 200, (5, 30, 20)).astype(dtype), random.random((5, 30, 20)) < 0.3
    truth = (image > 120) ^ (random.random(image.shape) < 0.2)
    known = [array[~ignore] for array in (image, truth)]
    ious = {level: iou(known[0] >= level, known[1]) for level in range(256)}
    wanted = {"threshold": max(ious, key=ious.get), "dark": False, "iou": pytest.approx(max(ious.values()))}
    for threads in (1, 2, 7):
        given = truth.astype(np.uint8), ignore.astype(np.uint8)
        assert best_global_threshold(image, *given, threads=threads) == wanted


@pytest.mark.parametrize("threads", [1, 3])
def test_smoothed_levels_are_scipys_rounded(threads):
    image = np.random.default_rng(7).integers(0, 2**16, (4, 31, 45)).astype(np.uint16)
    slow = ndimage.gaussian_filter(image.astype(np.float32), (0, 4, 4))
    assert (smoothed(image, 4, threads=threads) == np.rint(slow).astype(np.uint16)).all()


def test_slices_are_smoothed_one_by_one_and_colours_are_averaged():
    image = np.zeros((3, 9, 9), np.uint16)
    image[1] = 1000
    assert (smoothed(image, 2) == image).all()
    assert (smoothed(np.stack([image] * 3, axis=-1), 2) == image).all()


def test_unknown_truth_counts_for_nothing_and_no_truth_finds_nothing():
    volume = noisy_discs(5)
    spoilt, ignore = volume.masks["m"].copy(), np.zeros_like(volume.masks["m"])
    spoilt[:, :, :10], ignore[:, :, :10] = 1, 1
    known = best_smoothed_threshold(volume.image, volume.masks["m"], ignore)
    assert best_smoothed_threshold(volume.image, spoilt, ignore) == known
    empty = block(volume.image, np.zeros_like(spoilt))
    assert answers(empty, volume)["smoothed"].labels.max() == 0


def line(*values):
    return np.array(values)[None, None]  # [1, 1, X]


def test_tied_thresholds_go_to_the_lower_level():
    assert best_global_threshold(np.uint8(line(10, 50)), line(1, 0)) == {
        "threshold": 10,
        "dark": True,
        "iou": 1.0,
    }
    assert best_global_threshold(np.uint8(line(10, 50)), line(0, 1)) == {
        "threshold": 11,
        "dark": False,
        "iou": 1.0,
    }


def test_a_structure_never_seen_is_found_nowhere():
    image = np.uint8(line(1, 2))
    found = best_global_threshold(image, line(0, 0))
    assert found == {"threshold": None, "dark": None, "iou": None}
    assert not apply_global_threshold(image, found["threshold"], found["dark"]).any()


def test_colours_are_averaged_for_the_threshold():
    image = np.zeros((1, 1, 2, 3), np.uint8)
    image[0, 0, 1] = 30, 60, 90
    assert apply_global_threshold(image, 60, False).tolist() == [[[0, 1]]]


def test_an_image_of_floats_is_refused():
    with pytest.raises(SynthemError, match="DATA_FORMAT"):
        best_global_threshold(np.zeros((1, 2, 2)), np.zeros((1, 2, 2)))


def test_a_threshold_is_not_chosen_on_unknown_voxels():
    image, truth = np.uint8(line(10, 50, 10, 10)), line(0, 1, 1, 1)
    assert best_global_threshold(image, truth)["iou"] == pytest.approx(3 / 4)
    known = best_global_threshold(image, truth, line(0, 0, 1, 1))
    assert known == {"threshold": 11, "dark": False, "iou": 1.0}
    assert best_global_threshold(image, truth, np.ones_like(truth))["threshold"] is None
