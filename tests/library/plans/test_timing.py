"""Steps of small networks, timed for real."""

import pytest
from torch import nn

from synthem.compute.memory import step_bytes
from synthem.networks.unet import UNet
from synthem.plans.timing import TRAINERS, _alone, measured, step_of_a_gpu
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


def test_no_guard_and_no_validation_ends_a_plan():
    """Of noise there is nothing to learn, and a GPU takes hundreds of steps."""
    looks = {"every": 50, "first": 300, "in_a_row": 3, "on_failure": "stop"}
    assert _alone(small("gans", guards=looks)[1])["guards"] == looks | {"on_failure": "record"}
    hasty = {"every": 50, "stop_after": 2, "keep": "best"}
    section, settings = UNET
    settings = {**settings, "training": settings["training"] | {"validation": hasty}}
    assert _alone(settings)["training"]["validation"] == hasty | {"stop_after": 0}
    assert "guards" not in _alone(settings)


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


class Card:
    """Trains as a GPU does, by a clock of its own: seconds as they were on an H200, or near to it."""

    def __init__(self, replay):
        self.replay, self.now, self.algorithms = replay, 0, set()

    def trainer(self, settings):
        self.training = settings["training"]
        return self

    def train(self, saving):
        shape, steps = self.training["batch_size"], self.training["steps"]
        self.now += 1.5 + (0 if shape in self.algorithms else 6)  # networks, data, files
        self.algorithms.add(shape)
        self.now += 0.05 * min(steps, 3) + (0.4 if steps > 3 else 0) + self.replay * max(steps - 3, 0)
        return nn.Linear(1, 1), []


@pytest.mark.parametrize("replay", [0.003, 0.018, 2])
def test_a_step_of_a_gpu_is_one_of_its_graph(replay, monkeypatch):
    card = Card(replay)
    monkeypatch.setitem(TRAINERS, "unets", card.trainer)
    found = step_of_a_gpu(*UNET, 20, lambda: card.now)
    assert found["seconds"] == pytest.approx(replay)


@pytest.mark.parametrize(("seconds", "trainings"), [(1, 3), (20, 5), (30, 6)])
def test_a_gpu_takes_more_steps_while_there_is_time(seconds, trainings, monkeypatch):
    """The first training takes 8.05 s, the next 2.05, and those with 10, 40, 160 and 640 steps of 3 ms more
    2.08, 2.17, 2.53 and 3.97: the one with 640 ends after 20.9 s, one with 2560 would after 30.6.
    """
    card = Card(0.003)
    card.taken, train = [], card.train
    card.train = lambda saving: card.taken.append(card.training["steps"]) or train(saving)
    monkeypatch.setitem(TRAINERS, "unets", card.trainer)
    step_of_a_gpu(*UNET, seconds, lambda: card.now)
    assert card.taken == [4, 4, 14, 44, 164, 644][:trainings]
