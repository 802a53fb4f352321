"""Two processes train one GAN together, on the processor. Each start of them costs some seconds."""

import os
import signal

import pytest
import torch

from synthem.compute.devices import use_threads
from synthem.compute.launcher import side_by_side
from synthem.errors import SynthemError
from synthem.gans.drawing import answer, ready_to_draw
from synthem.gans.training import train_gan
from tests.library.compute.test_launcher import after_a_state_past, last_step
from tests.shared.gan_settings import (
    EVERYTHING,
    GENTLE,
    OASIS,
    PAPER_1,
    PAPER_5,
    SKIP_PATCH,
    averaged,
    real_or_fake,
    squares,
    system,
)
from tests.shared.settings import edited, of_both, saving

use_threads(1)
BATCH_NORMS = system(
    PAPER_5["generator"],
    PAPER_5["discriminator"],
    real_or_fake(l1_weight=10, mode_seeking_weight=1, r1_weight=1),
    diff_augment=EVERYTHING["diff_augment"],
    guards={"every": 2, "first": 2, "in_a_row": 9},
)
SYSTEMS = {"batch norms, R1": BATCH_NORMS, "skip patch": SKIP_PATCH, "OASIS": OASIS}


def fit(processes, folder, settings):
    settings = edited(settings, **GENTLE) | {"saving": saving(folder)}
    return side_by_side(processes, train_gan, squares(), **settings)


def assert_alike(found, expected):
    (net, history), (other, rows) = found, expected
    assert len(history) == len(rows)
    for mine, theirs in zip(history, rows, strict=True):
        assert mine == pytest.approx(theirs, rel=1e-4, abs=1e-5)
    # What they draw: the bias before a norm changes nothing, so its gradient is nothing but rounding.
    asked = torch.ones(2, 2, 32, 32).triu()
    drawn = [answer(ready_to_draw(generator, dropout=False), asked) for generator in (net, other)]
    assert torch.allclose(*drawn, atol=1e-3)


@pytest.mark.parametrize("settings", SYSTEMS.values(), ids=SYSTEMS)
def test_two_processes_find_the_losses_of_one(tmp_path, settings):
    assert_alike(fit(2, tmp_path / "two", settings), fit(1, tmp_path / "one", settings))


def test_a_gan_of_two_processes_is_stopped_and_goes_on_in_one(tmp_path):
    settings = edited(PAPER_1, training__steps=60, **of_both(schedule__kind="linear"), **averaged(0.9, 2))
    after_a_state_past(tmp_path, 5, lambda: os.kill(os.getpid(), signal.SIGTERM))
    with pytest.raises(SynthemError, match="TRAINING_STOPPED .*SIGTERM after step"):
        fit(2, tmp_path, settings)
    assert 5 < last_step(tmp_path) < 60
    assert_alike(fit(1, tmp_path, settings), fit(1, tmp_path / "undisturbed", settings))
