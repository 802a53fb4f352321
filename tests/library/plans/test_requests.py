"""Reckoned by hand: 10 patches of 100 x 100 pixels are 1e5, a base width of 10 is 100 when squared."""

import pytest

from synthem.plans.requests import (
    Node,
    more_each_time,
    predicting_mb,
    predicting_minutes,
    training_mb,
    training_minutes,
)

UNETS = {
    "network": {"kind": "unet", "unet": {"base_width": 10, "depth": 3}, "unet3d": {"base_width": 99}},
    "training": {"steps": 6000, "batch_size": 10, "patch": 100, "adversary": {"kind": "none"}},
}
ONE_CORE, GPU = Node(), Node(gpu=True)


def changed(**training):
    return UNETS | {"training": UNETS["training"] | training}


def test_time_grows_with_steps_and_patches_and_shrinks_with_threads():
    """A step: 0.02 s + 1e-7 s x 1e5 x 100 = 1.02 s. 6000 are 102 min; 1.5 times that, and 10 to start."""
    assert training_minutes(UNETS, ONE_CORE, 1) == 163
    assert training_minutes(changed(steps=12000), ONE_CORE, 1) == 316
    assert training_minutes(changed(patch=200), ONE_CORE, 1) == 10 + 1.5 * 402
    assert training_minutes(UNETS, Node(threads=2), 1) == 10 + 1.5 * 52


def test_a_gpu_is_reckoned_with_where_the_profile_asks_for_one():
    """0.1 s + 3e-10 s x 1e7 = 0.103 s a step: 10.3 min, 15.45 with what it may be slower."""
    assert training_minutes(UNETS, GPU, 1) == 26
    assert training_mb(UNETS, 0, GPU, 1) - training_mb(UNETS, 0, ONE_CORE, 1) == 3000


def test_each_attempt_has_more_but_never_more_than_the_cluster_gives():
    assert training_minutes(UNETS, ONE_CORE, 2) == 326
    assert training_minutes(UNETS, Node(most_minutes=200), 2) == 200
    assert training_mb(UNETS, 0, Node(most_mb=2000), 2) == 2000
    assert [more_each_time(30, None, attempt) for attempt in (1, 2, 3)] == [30, 60, 90]
    assert more_each_time(30, 60, 3) == 60


def test_memory_is_for_pixels_weights_and_what_is_read():
    """Processes 1500 MB, 160 bytes x 1e5 pixels x width 10, 0.15 MB x 100, six times 50 MB."""
    assert training_mb(UNETS, 0, ONE_CORE, 1) == 1675
    assert training_mb(UNETS, 50, ONE_CORE, 1) == 1975


def test_all_slices_of_a_patch_and_all_networks_of_a_section_count():
    solid = UNETS | {"network": {"kind": "unet3d", "unet3d": {"base_width": 10, "patch_slices": 4}}}
    assert training_minutes(solid, ONE_CORE, 1) == 10 + 1.5 * 402
    pair = {
        "generator": {"kind": "pix2pix", "pix2pix": {"base_width": 8}, "spade": {"base_width": 64}},
        "discriminator": {"kind": "patch70", "patch70": {"base_width": 6}},
    }
    gans = pair | {"training": UNETS["training"]}
    assert training_minutes(gans, ONE_CORE, 1) == training_minutes(UNETS, ONE_CORE, 1)


def test_a_network_whose_patches_are_whole_images_has_their_size():
    stylegan = {"network": {"base_width": 10, "size": 100}, "training": {"steps": 6000, "batch_size": 10}}
    assert training_minutes(stylegan, ONE_CORE, 1) == 163


def test_a_prediction_is_for_the_voxels_of_the_volume_and_its_tile():
    """600 MB are 6e8 voxels: 6000 s a training step, a third of it forwards: 33.3 min, and half again."""
    assert predicting_minutes(UNETS, 600, ONE_CORE, 1) == 61
    assert predicting_minutes(UNETS, 600, ONE_CORE, 1, times=8) == pytest.approx(10 + 8 * 50, abs=1)
    assert predicting_minutes(UNETS, 600, ONE_CORE, 1, times=1 / 5) == 10 + 11  # one share of five
    # A third of 160 bytes x 1e6 x 10: 533 MB beside processes and weights; no more than the volume needs.
    inference = {"tile": 1000, "tile_slices": 32}
    assert predicting_mb(UNETS, inference, 600, ONE_CORE, 1) == 2049
    assert predicting_mb(UNETS, inference, 0.1, ONE_CORE, 1) == 1500 + 54 + 15
