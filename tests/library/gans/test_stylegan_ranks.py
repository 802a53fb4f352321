"""Two processes train one StyleGAN together, on the processor. Each start of them costs some seconds."""

import pytest
import torch

from synthem.compute.devices import use_threads
from synthem.compute.launcher import side_by_side
from synthem.gans.sampling import drawn_images
from synthem.gans.stylegan import train_stylegan
from tests.shared.gan_settings import GENTLE
from tests.shared.settings import edited, saving
from tests.shared.stylegan_settings import GROWING, STYLEGAN, blobs

use_threads(1)
TOGETHER = edited(
    STYLEGAN,
    **GROWING,
    training__steps=5,
    training__mixing=0.5,
    diff_augment={"changes": ["colour", "translation"], "ada_target": 0.6, "ada_images": 8},
    guards={"every": 2, "first": 2, "in_a_row": 9},
    **GENTLE,
)


def fit(processes, folder):
    return side_by_side(processes, train_stylegan, blobs(), saving=saving(folder), **TOGETHER)


def test_two_processes_find_the_losses_and_the_images_of_one(tmp_path):
    (net, history), (other, rows) = fit(2, tmp_path / "two"), fit(1, tmp_path / "one")
    assert len(history) == len(rows) == 5
    for mine, theirs in zip(history, rows, strict=True):
        assert mine == pytest.approx(theirs, rel=1e-4, abs=1e-5)
    for name, weight in net.state_dict().items():
        assert torch.allclose(weight, other.state_dict()[name], atol=2e-4), name
    drawn = [drawn_images(one, count=2, truncation=1, seed=0).astype(int) for one in (net, other)]
    assert abs(drawn[0] - drawn[1]).max() <= 1
