import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

from scipy import ndimage  # noqa: E402

from synthem.metrics import forest as module  # noqa: E402
from synthem.metrics.forest import FEATURES, Forest  # noqa: E402
from tests.shared.noisy_discs import iou, noisy_discs  # noqa: E402

SIZE = {"trees": 60, "pixels": 20_000}


def taught(volume, seed=1, threads=1, size=SIZE, **changed):
    forest = Forest(seed=seed, threads=threads, **size)
    given = {"image": volume.image, "truth": volume.masks["m"]} | changed
    forest.learn(given["image"], given["truth"], given.get("ignore"))
    return forest


def test_discs_in_noise_are_found_where_no_grey_level_parts_them():
    learnt, test = noisy_discs(1), noisy_discs(2)
    mask = taught(learnt).mask(test.image)
    assert mask.dtype == np.uint8 and set(np.unique(mask)) == {0, 1}
    assert iou(mask, test.masks["m"]) > 0.8


def test_rings_are_found_by_their_shape():
    """Bright rings and bright discs have the same levels: only what lies around a pixel tells them apart."""
    y, x = np.indices((96, 96))
    image, mask = np.full((2, 96, 96), 90.0), np.zeros((2, 96, 96), np.uint8)
    for z, places in enumerate(([(20, 20), (70, 60)], [(25, 60), (65, 25)])):
        for number, (cy, cx) in enumerate(places):
            away = np.hypot(y - cy, x - cx)
            image[z][away < 14] = 160
            if number == z:
                image[z][away < 9] = 90
                mask[z] |= (away < 14) & (away >= 9)
    image = (image + np.random.default_rng(0).normal(0, 8, image.shape)).clip(0, 255).astype(np.uint8)
    forest = Forest(seed=1, threads=1, **SIZE)
    forest.learn(image[:1], mask[:1])
    assert iou(forest.mask(image[1:]), mask[1:]) > 0.6
    grey = ndimage.gaussian_filter(image[1:].astype(float), (0, 2, 2))
    assert max(iou(grey >= level, mask[1:]) for level in range(256)) < 0.6


def test_equal_seeds_give_equal_bits_with_any_number_of_threads_and_other_seeds_do_not():
    learnt, test = noisy_discs(1, slices=4), noisy_discs(2, slices=4)
    one, again, other = (
        taught(learnt, seed, threads).mask(test.image) for seed, threads in ((1, 1), (1, 3), (2, 1))
    )
    assert (one == again).all() and (one != other).any()


def test_unknown_pixels_teach_nothing():
    learnt, test = noisy_discs(1), noisy_discs(2)
    ignore, spoilt = np.zeros_like(learnt.masks["m"]), learnt.masks["m"].copy()
    ignore[:, :, 40:], spoilt[:, :, 40:] = 1, 1
    known, lied = (taught(learnt, truth=truth, ignore=ignore) for truth in (learnt.masks["m"], spoilt))
    assert (known.mask(test.image) == lied.mask(test.image)).all()


def test_what_was_never_shown_is_found_nowhere_and_what_is_all_there_is_everywhere():
    volume = noisy_discs(1)
    for value in (0, 1):
        forest = taught(volume, truth=np.full_like(volume.masks["m"], value))
        assert (forest.mask(volume.image) == value).all()


def test_tiles_answer_like_the_whole_slice(monkeypatch):
    volume = noisy_discs(3)
    whole = taught(volume).mask(volume.image)
    monkeypatch.setattr(module, "TILE", 23)
    assert (taught(volume).mask(volume.image) == whole).all()


def test_the_threshold_is_the_best_for_pixels_that_trees_have_not_seen():
    """Of a rare structure in heavy noise hardly a pixel has half of the trees for it."""
    random = np.random.default_rng(0)
    truth = (random.random((2, 64, 64)) < 0.1).astype(np.uint8)
    image = (100 + 12 * truth + random.normal(0, 10, truth.shape)).clip(0, 255).astype(np.uint8)
    rare = Forest(seed=1, threads=1, **SIZE)
    rare.learn(image, truth)
    assert rare.threshold < 0.4
    clear = Forest(seed=1, threads=1, **SIZE)
    clear.learn(200 * truth, truth)
    assert clear.threshold == 0.5


def test_no_more_trees_grow_and_no_more_pixels_are_learnt_from_than_were_asked_for():
    forest = taught(noisy_discs(1), size={"trees": 20, "pixels": 90})
    assert len(forest.trees.estimators_) == 20
    assert max(tree.tree_.n_node_samples[0] for tree in forest.trees.estimators_) <= 90
    assert forest.trees.n_features_in_ == FEATURES
