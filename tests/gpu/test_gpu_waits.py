"""The host only queues the steps of a training: it never waits for the GPU.

tests/library/compute/test_host_waits.py looks for operations that would; here, torch itself refuses them.
"""

from contextlib import contextmanager

import pytest
import torch

from synthem.gans.boundless import boundless_trainer
from synthem.gans.stylegan import stylegan_trainer
from synthem.gans.training import gan_trainer
from synthem.training import opening
from synthem.training.capture import PLAIN_STEPS
from synthem.training.segmenter import segmenter_trainer
from tests.shared.boundless_settings import BOUNDLESS, waves
from tests.shared.gan_settings import SYSTEMS, averaged, squares
from tests.shared.host_waits import Waits
from tests.shared.segmenter_settings import DEEP, SEGMENTER, cell_labels, discs, half_known
from tests.shared.settings import edited, of_both, saving
from tests.shared.stylegan_settings import GROWING, STYLEGAN, blobs

ROUGH = {"training__precision": "bf16"}
EVERYTHING = ROUGH | {
    "training__optimiser__clip_norm": 1.0,
    "training__optimiser__ema": {"decay": 0.9, "warm_up": 2},
    "training__augment__elastic": 2,
    "training__augment__blur": {"probability": 0.5, "sigma": 2, "radius": 3},
}


class Built(BaseException):
    """The task is ready; nothing has been trained or moved back to the host."""


@pytest.fixture
def built(monkeypatch):
    """A function: the task that a training would step through, where it would."""

    def task_of(trainer_of, *examples, **settings):
        def keep(task, **_):
            raise Built(task)

        monkeypatch.setattr(opening, "train", keep)
        with pytest.raises(Built) as stopped:
            trainer_of(*examples, **settings).train(saving(None))
        return stopped.value.args[0]

    return task_of


@contextmanager
def never_waiting(device):
    if device.type == "cpu":
        with Waits() as waits:
            yield
        assert waits.operations > 100 and waits.found == []
        return
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode("default")


def take_steps(task, device):
    """Plain ones and, of steps that all have one form, replayed ones; a capture itself waits, once.

    On a processor all are plain.
    """
    task.step(0)  # the first makes what stays: momenta, tables
    with never_waiting(device):
        for number in range(1, PLAIN_STEPS):
            task.step(number)
    if device.type == "cpu":
        return
    task.step(PLAIN_STEPS)
    with never_waiting(device):
        for number in range(PLAIN_STEPS + 1, PLAIN_STEPS + 3):
            task.step(number)


def test_what_makes_the_host_wait_is_refused(gpu):
    numbers = torch.arange(3.0, device=gpu)
    for asks in (numbers.sum().item, lambda: bool(numbers.any()), lambda: numbers[numbers > 1], numbers.cpu):
        with pytest.raises(RuntimeError, match="synchroniz"), never_waiting(gpu):
            asks()


@pytest.mark.parametrize("sets", [half_known, discs], ids=["partly unknown", "known"])
@pytest.mark.parametrize("shape", [{}, DEEP], ids=["2-D", "3-D"])
def test_a_step_of_a_segmenter_never_waits(built, device, sets, shape):
    examples = sets() if sets is half_known else sets("real")
    settings = edited(SEGMENTER, **EVERYTHING, **shape)
    take_steps(built(segmenter_trainer, [examples], examples, **settings), device)


def test_a_step_that_learns_affinities_never_waits(built, device):
    sets = [cell_labels("real")], cell_labels("validation", 9)
    take_steps(built(segmenter_trainer, *sets, **SEGMENTER), device)


@pytest.mark.parametrize("settings", SYSTEMS.values(), ids=SYSTEMS)
def test_a_step_of_a_gan_never_waits(built, device, settings):
    settings = edited(settings, **ROUGH, **of_both(clip_norm=1.0), **averaged(0.9, 2))
    take_steps(built(gan_trainer, squares(), **settings), device)


def test_a_step_of_a_growing_stylegan_never_waits(built, device):
    settings = edited(STYLEGAN, **GROWING, training__mixing=1)
    settings["progressive"] = {"first_side": 8, "fade_steps": 9, "stable_steps": 1}  # all but step 0 fade
    take_steps(built(stylegan_trainer, blobs(), **settings), device)


def test_a_step_of_boundless_never_waits(built, device):
    take_steps(built(boundless_trainer, waves(), None, **BOUNDLESS), device)
