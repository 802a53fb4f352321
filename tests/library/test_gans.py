import numpy as np
import pytest
import torch

from synthem.errors import SynthemError
from synthem.gans import Pix2Pix, assert_condition_matters, build_discriminator, train_gan
from synthem.networks.pix2pix import GENERATORS
from synthem.networks.saving import build_network, network_bytes
from synthem.patches import PatchSet
from synthem.training import use_threads

use_threads(1)
SETTINGS = {"batch_size": 2, "patch": 32, "learning_rate": 0.002, "l1_weight": 100, "seed": 0}
GENERATOR = {"name": "pix2pix", "base_width": 4, "depth": 4, "dropout": 0.5}
DISCRIMINATOR = {"name": "patch70", "base_width": 4, "scales": 3}


def squares(name="real"):
    """Dark squares with a darker border on a bright ground."""
    random = np.random.default_rng(0)
    structure, membrane = np.zeros((2, 6, 48, 48), np.uint8)
    for plane, (y, x) in enumerate(random.integers(0, 30, (6, 2))):
        membrane[plane, y : y + 18, x : x + 18] = 1
        structure[plane, y + 3 : y + 15, x + 3 : x + 15] = 1
        membrane[plane][structure[plane] > 0] = 0
    image = 200 - 80 * structure - 150 * membrane + random.normal(0, 5, structure.shape)
    return PatchSet(name, image.astype(np.uint8), {"structure": structure, "membrane": membrane})


def fit(folder, steps, **changed):
    settings = (
        SETTINGS | {"generator": GENERATOR, "discriminator": DISCRIMINATOR, "fingerprint": "a"} | changed
    )
    return train_gan(squares(), steps=steps, checkpoint_every=steps, folder=folder, **settings)


def test_a_generator_learns_squares(tmp_path):
    net, history = fit(tmp_path, 80)
    assert list(history[0]) == ["d_real", "d_fake", "g_adversarial", "g_l1"]
    assert history[-1]["g_l1"] < history[0]["g_l1"] / 2
    assert_condition_matters(net, list(squares().conditions.values()))


def test_the_same_seed_gives_the_same_generator(tmp_path):
    first, _ = fit(tmp_path / "1", 2)
    torch.randn(5)
    second, _ = fit(tmp_path / "2", 2)
    other, _ = fit(tmp_path / "3", 2, seed=1)
    assert network_bytes(first) == network_bytes(second) != network_bytes(other)


def test_each_scale_has_weights_of_its_own():
    scales = build_discriminator(in_channels=3, seed=0, **DISCRIMINATOR).scales
    weights = {bytes(network_bytes(network)) for network in scales}
    assert len(weights) == 3


def task():
    generator = build_network(GENERATORS, seed=0, in_channels=2, out_channels=1, **GENERATOR)
    discriminator = build_discriminator(in_channels=3, seed=0, **DISCRIMINATOR)
    return Pix2Pix(generator, discriminator, squares(), **SETTINGS)


def test_conditions_and_image_are_one_place_in_the_range_of_tanh():
    conditions, image = task().batch_of(0)
    assert conditions.shape == (2, 2, 32, 32) and image.shape == (2, 1, 32, 32)
    assert set(conditions.unique().tolist()) == {-1, 1}
    dark = image[conditions[:, 1:] > 0]  # membrane: grey level 50, i.e. 50 / 127.5 - 1 = -0.61
    assert dark.mean().item() == pytest.approx(-0.61, abs=0.02)


def test_one_step_moves_both_networks_once():
    step = task()
    before = {name: part.state_dict() for name, part in step.parts.items() if "optimizer" not in name}
    before = {name: {key: value.clone() for key, value in state.items()} for name, state in before.items()}
    losses = step.step(0)
    # Untrained discriminators are undecided: log 2 each.
    assert losses["d_real"].item() == pytest.approx(np.log(2), abs=0.1)
    for name, state in before.items():
        after = step.parts[name].state_dict()
        assert any(not torch.equal(after[key], value) for key, value in state.items())
    for optimizer in (step.generator_optimizer, step.discriminator_optimizer):
        assert {int(state["step"]) for state in optimizer.state.values()} == {1}


def test_the_generator_step_leaves_no_gradient_in_the_discriminator():
    step = task()
    step.discriminator_optimizer.step = lambda: step.discriminator_optimizer.zero_grad(set_to_none=True)
    step.step(0)
    assert all(parameter.grad is None for parameter in step.discriminator.parameters())


class Deaf(torch.nn.Module):
    """Draws the same noise whatever it is asked for."""

    def forward(self, conditions):
        drawn = torch.randn(1, 1, *conditions.shape[2:], generator=torch.Generator().manual_seed(0))
        return torch.tanh(drawn).expand(len(conditions), -1, -1, -1)


class Obedient(torch.nn.Module):
    def forward(self, conditions):
        return 0.1 * conditions[:, :1]


def test_a_generator_that_ignores_its_masks_is_found_out():
    masks = list(squares().conditions.values())
    with pytest.raises(SynthemError, match="ERROR GAN_COLLAPSED"):
        assert_condition_matters(Deaf(), masks)
    assert_condition_matters(Obedient(), masks)


def test_one_slice_is_enough_to_judge():
    masks = [mask[:1] for mask in squares().conditions.values()]
    with pytest.raises(SynthemError, match="ERROR GAN_COLLAPSED"):
        assert_condition_matters(Deaf(), masks)
    assert_condition_matters(Obedient(), masks)
