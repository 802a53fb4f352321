"""Steps of small networks, timed for real."""

import pytest

from synthem.plans.timing import measured
from tests.shared.demo_config import DEMO, checked
from tests.shared.settings import edited

SMALL = {"batch_size": 2, "patch": 32}


def small(section, **changes):
    """A section of the demo's config with what its own keys are changed to."""
    config = edited(checked(DEMO)[section], **changes)
    return section, {**config, "training": config["training"] | SMALL}


UNET = small("unets", network__unet__base_width=2)


@pytest.mark.parametrize(
    "wanted",
    [
        UNET,
        small("unets", target__kind="affinities", network__unet__base_width=2),
        small("unets", network__kind="unet3d", network__unet3d__patch_slices=4),
        small("membranes", network__unet__base_width=2),
        small("gans", generator__resize_unet={"base_width": 2, "depth": 3, "noise_channels": 1}),
        small("pretraining", generator__base_width=2),
        small("mask_generator", network={"base_width": 4, "size": 8}, progressive__first_side=0),
        small("stylegan", network={"base_width": 4, "size": 8}, progressive__first_side=0),
    ],
    ids=["U-Net", "affinities", "3-D", "membranes", "GAN", "pre-training", "mask generator", "StyleGAN"],
)
def test_every_kind_of_network_has_a_step_and_a_size(wanted):
    (step,) = measured([wanted], torch_threads=1, limit=1)
    assert 0 < step["seconds"] < 60
    assert step["state"] > 2 * step["network"] > 0  # a state holds two moments of each weight, too


def test_equal_settings_are_timed_once_and_without_time_nothing_is():
    first, second = measured([UNET, UNET], torch_threads=1, limit=1)
    assert first is second
    assert measured([UNET], torch_threads=1, limit=0) == [None]
