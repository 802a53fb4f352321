"""Two processes train one GAN together, on the processor. Each start of them costs some seconds."""

import os
import signal

import pytest
import torch

from synthem.compute.devices import use_threads
from synthem.errors import SynthemError
from synthem.gans.drawing import answer, ready_to_draw
from tests.shared.gan_settings import (
    MEMBRANE_TRANSFER,
    averaged,
)
from tests.shared.saved_states import after_a_state_past, last_step
from tests.shared.settings import edited, of_both
from tests.shared.side_by_side import GANS_TOGETHER, fit_gan

use_threads(1)


def assert_alike(found, expected):
    (net, history), (other, rows) = found, expected
    assert len(history) == len(rows)
    for mine, theirs in zip(history, rows, strict=True):
        assert mine == pytest.approx(theirs, rel=1e-4, abs=1e-5)
    # What they draw: the bias before a norm changes nothing, so its gradient is nothing but rounding.
    asked = torch.ones(2, 2, 32, 32).triu()
    drawn = [answer(ready_to_draw(generator, dropout=False), asked) for generator in (net, other)]
    assert torch.allclose(*drawn, atol=1e-3)


@pytest.mark.parametrize("settings", GANS_TOGETHER.values(), ids=GANS_TOGETHER)
def test_two_processes_find_the_losses_of_one(tmp_path, settings):
    """The first of the two is looked at, and the other does not wait for it."""
    live = {"folder": tmp_path / "live", "every": 1}
    assert_alike(fit_gan(2, tmp_path / "two", settings, live=live), fit_gan(1, tmp_path / "one", settings))
    assert "Step 4 of 4" in (tmp_path / "live/index.html").read_text()


def test_a_gan_of_two_processes_is_stopped_and_goes_on_in_one(tmp_path):
    settings = edited(
        MEMBRANE_TRANSFER,
        training__steps=60,
        # With deepest maps of 2 x 2 pixels, of which dropout leaves little, Adam made steps of rounding: on
        # an AMD EPYC, two and one lay 1e-7 apart until step 31, and 1e-3 after it.
        generator__pix2pix__depth=3,
        **of_both(schedule__kind="linear"),
        **averaged(0.9, 2),
    )
    after_a_state_past(tmp_path, 5, lambda: os.kill(os.getpid(), signal.SIGTERM))
    with pytest.raises(SynthemError, match="TRAINING_STOPPED .*SIGTERM after step"):
        fit_gan(2, tmp_path, settings)
    assert 5 < last_step(tmp_path) < 60
    assert_alike(fit_gan(1, tmp_path, settings), fit_gan(1, tmp_path / "undisturbed", settings))
