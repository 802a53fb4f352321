"""Steps of small networks, timed for real."""

import pytest

from synthem.compute.memory import step_bytes
from synthem.networks.unet import UNet
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


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_step_beyond_the_memory_is_told_and_not_tried(precision, monkeypatch):
    section, settings = small("unets", network__unet__base_width=2, training__precision=precision)
    options = settings["network"]["unet"]
    weights, activations = step_bytes(lambda: UNet(1, 1, **options), (2, 1, 32, 32))
    # Each weight with its gradient and two moments; numbers between layers have half the bytes in bfloat16.
    need = 4 * weights + activations // (2 if precision == "bf16" else 1)
    for most, fits in ((need, True), (need - 1, False)):
        monkeypatch.setattr("synthem.plans.timing.device_bytes", lambda most=most: most)
        (step,) = measured([(section, settings)], torch_threads=1, limit=1)
        assert ("seconds" in step) == fits
    assert step["too_large"].startswith("unets: a training step needs about ")
    assert step["too_large"].endswith("lower unets.training.batch_size (2) or unets.training.patch (32)")


def test_a_batch_that_does_not_fit_is_told_of_even_without_time(monkeypatch):
    """4096 images of 1024 x 1024 pixels in float32 are 17 GB, and the way back reads them."""
    monkeypatch.setattr("synthem.plans.timing.device_bytes", lambda: 17 * 10**9)
    section, settings = UNET
    large = {**settings, "training": settings["training"] | {"batch_size": 4096, "patch": 1024}}
    (step,) = measured([(section, large)], torch_threads=1, limit=0)
    assert "batch_size (4096) or unets.training.patch (1024)" in step["too_large"]
