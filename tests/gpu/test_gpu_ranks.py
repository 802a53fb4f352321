"""Two processes, each with a GPU of its own, train one network together."""

import pytest
import torch

from tests.shared.side_by_side import GANS_TOGETHER as GANS
from tests.shared.side_by_side import fit_gan, fit_segmenter, fit_stylegan


@pytest.fixture(autouse=True)
def two_gpus(device):
    """On a processor, the two share it."""
    if device.type == "cuda" and torch.cuda.device_count() < 2:
        pytest.skip(f"needs 2 GPUs, {torch.cuda.device_count()} here")


def assert_near(found, expected):
    (_, history), (_, rows) = found, expected
    assert len(history) == len(rows)
    for mine, theirs in zip(history, rows, strict=True):
        assert mine == pytest.approx(theirs, rel=0.02, abs=0.01)


def test_two_gpus_find_the_losses_of_a_segmenter_on_one(tmp_path):
    gentle = {"training__steps": 8, "training__optimiser__learning_rate": 1e-4, "checkpoint_every": 8}
    assert_near(fit_segmenter(2, tmp_path / "two", **gentle), fit_segmenter(1, tmp_path / "one", **gentle))


@pytest.mark.parametrize("name", GANS)
def test_two_gpus_find_the_losses_of_a_gan_on_one(tmp_path, name):
    assert_near(fit_gan(2, tmp_path / "two", GANS[name]), fit_gan(1, tmp_path / "one", GANS[name]))


def test_two_gpus_find_the_losses_of_a_stylegan_on_one(tmp_path):
    assert_near(fit_stylegan(2, tmp_path / "two"), fit_stylegan(1, tmp_path / "one"))
