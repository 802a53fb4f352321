import numpy as np
import torch
from torch import nn

from synthem.gans.completing import completed_images
from tests.shared.boundless_settings import waves


class Grey(nn.Module):
    """Answers with one grey level, and remembers what it was shown."""

    def __init__(self, level, colours=1):
        super().__init__()
        self.level, self.colours = level, colours

    def forward(self, channels):
        self.shown = channels
        return torch.full_like(channels[:, : self.colours], self.level)


def test_a_generator_sees_images_without_their_hidden_part():
    grey = Grey(0.0)
    found = completed_images([grey], waves(), hidden="right", count=3, size=32)
    assert found["true"].shape == found["hidden"].shape == (3, 32, 32) and found["true"].dtype == np.uint8
    assert (found["hidden"][:, :, 24:] == 1).all() and not found["hidden"][:, :, :24].any()
    image, mask, ones = grey.shown.split(1, dim=1)
    assert (image[..., 24:] == 0).all() and (ones == 1).all()
    np.testing.assert_array_equal(mask[:, 0], found["hidden"])
    np.testing.assert_allclose(image[..., :24][:, 0], found["true"][..., :24] / 127.5 - 1, atol=1e-6)


def test_all_generators_are_asked_about_the_same_pieces():
    found = completed_images([Grey(-1.0), Grey(1.0)], waves(), hidden="random", count=2, size=33)
    assert found["drawn"].shape == (2, 2, 33, 33)
    assert (found["drawn"][0] == 0).all() and (found["drawn"][1] == 255).all()
    again = completed_images([Grey(0.5)], waves(), hidden="random", count=2, size=33)
    assert (again["true"] == found["true"]).all() and (again["hidden"] == found["hidden"]).all()


def test_colours_come_last():
    found = completed_images([Grey(0.0, 3)], waves(3), hidden="centre", count=2, size=32)
    assert found["true"].shape == (2, 32, 32, 3) and found["drawn"].shape == (1, 2, 32, 32, 3)
