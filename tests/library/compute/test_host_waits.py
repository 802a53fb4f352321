"""On a GPU a step is only queued: nothing in it may ask for a number, or the host waits for the device.

Whoever does ask, asks one of these operations; on a processor they can be counted.
"""

import pytest
import torch

from synthem.compute.devices import use_threads
from synthem.gans.stylegan import stylegan_trainer
from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import build_network
from synthem.patches.on_gpu import DeviceSets
from synthem.training import losses, opening
from synthem.training.segmenter import Segmentation
from tests.shared.gan_settings import SYSTEMS, averaged, squares
from tests.shared.gan_steps import half_unknown
from tests.shared.gan_steps import task as gan
from tests.shared.host_waits import Waits, waits_of_steps
from tests.shared.segmenter_settings import PLATEAU, TASK, half_known
from tests.shared.settings import edited, of_both, saving
from tests.shared.stylegan_settings import GROWING, STYLEGAN, blobs

use_threads(1)


def test_what_makes_the_host_wait_is_noticed():
    numbers = torch.arange(3.0)
    for asks in (numbers.sum().item, lambda: bool(numbers.any()), lambda: numbers[numbers > 1]):
        with Waits() as waits:
            asks()
        assert len(waits.found) == 1


@pytest.mark.parametrize("schedule", ["cosine", "plateau"])
def test_a_step_of_a_segmenter_never_waits(schedule):
    net = build_network(SEGMENTERS, "unet", seed=0, in_channels=1, out_channels=1, base_width=2, depth=2)
    settings = edited(
        TASK,
        optimiser__schedule=PLATEAU | {"kind": schedule},
        optimiser__clip_norm=1.0,
        optimiser__ema={"decay": 0.9, "warm_up": 2},
        augment__elastic=2,
        augment__blur={"probability": 0.5, "sigma": 2, "radius": 3},
    )
    task = Segmentation(net, [half_known()], half_known(), training=settings)
    task.batches.filled = DeviceSets([half_known()], torch.device("cpu"))  # as a GPU fills them
    assert waits_of_steps(task) == []


@pytest.mark.parametrize("settings", SYSTEMS.values(), ids=SYSTEMS)
@pytest.mark.parametrize("examples", [squares, half_unknown])
def test_a_step_of_a_gan_never_waits(settings, examples):
    task = gan(examples(), edited(settings, **of_both(clip_norm=1.0), **averaged(0.9, 2)))
    task.pairs.filled = DeviceSets([task.pairs.examples], torch.device("cpu"))  # as a GPU has them
    assert waits_of_steps(task) == []


def test_a_step_of_a_growing_stylegan_never_waits(monkeypatch, tmp_path):
    tasks = []
    monkeypatch.setattr(opening, "train", lambda task, **_: tasks.append(task))
    settings = edited(STYLEGAN, **GROWING, training__mixing=1, training__steps=3)
    settings["progressive"] = {"first_side": 8, "fade_steps": 2, "stable_steps": 1}  # steps 1 and 2 fade
    stylegan_trainer(blobs(), **settings).train(saving(tmp_path))
    assert waits_of_steps(tasks[0]) == []


FORMULAS = {
    "bce": losses.bce,
    "weighted_bce": lambda *given: losses.weighted_bce(*given, structure_weight=2),
    "dice": losses.dice,
    "cl_dice": lambda *given: losses.cl_dice(*given, iterations=2),
    "l1": losses.l1,
}


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS)
def test_no_loss_waits(formula):
    logits, target = torch.randn(2, 1, 8, 8, requires_grad=True), torch.ones(2, 1, 8, 8).tril()
    with Waits() as waits:
        formula(logits, target, torch.ones_like(target).triu()).backward()
    assert waits.operations > 0 and waits.found == []
