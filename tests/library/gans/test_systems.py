"""Every system of the papers learns, goes on after a stop as if there had been none, and draws."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from synthem.compute.devices import use_threads
from synthem.gans.drawing import noise_for, ready_to_draw
from synthem.gans.guards import assert_condition_matters
from synthem.gans.oasis import taken_for_real
from synthem.gans.training import gan_trainer
from synthem.networks.registry import GENERATORS
from synthem.networks.saving import load_network, network_bytes, save_network
from synthem.synthesis.generating import generate_slices
from tests.shared.gan_settings import (
    EVERYTHING,
    MEMBRANE_TRANSFER,
    OASIS,
    SYSTEMS,
    TUTORIAL,
    WIDER,
    averaged,
    squares,
)
from tests.shared.gan_steps import half_unknown, task
from tests.shared.settings import edited, saving

use_threads(1)
CPU = torch.device("cpu")


def fit(folder, steps, settings, *, checkpoint_every=1):
    settings = edited(settings, training__steps=steps)
    return gan_trainer(squares(), **settings).train(saving(folder, checkpoint_every))


@pytest.mark.parametrize("settings", SYSTEMS.values(), ids=SYSTEMS)
def test_one_and_two_steps_are_three(tmp_path, settings):
    whole, history = fit(tmp_path / "whole", 3, settings)
    fit(tmp_path / "parts", 1, settings)
    torch.randn(7)  # another process has another chance
    parts, resumed = fit(tmp_path / "parts", 3, settings)
    assert network_bytes(whole) == network_bytes(parts) and history == resumed
    assert all(np.isfinite(value) for row in history for value in row.values())


@pytest.mark.parametrize("settings", SYSTEMS.values(), ids=SYSTEMS)
def test_every_system_draws_slices_again_after_being_saved(tmp_path, settings):
    generator, _ = fit(tmp_path / "folder", 1, settings)
    save_network(tmp_path / "network.pt", generator)
    masks = [mask[:2] for mask in squares().conditions.values()]
    drawing = {"tile": 32, "halo": 8, "device": CPU}
    first = generate_slices(generator, masks, seed=0, **drawing)
    again = generate_slices(load_network(tmp_path / "network.pt", GENERATORS), masks, seed=0, **drawing)
    assert first.shape == (2, 48, 48) and (first == again).all()


@pytest.mark.parametrize("settings", SYSTEMS.values(), ids=SYSTEMS)
def test_every_system_learns_from_the_structure_alone(tmp_path, settings):
    masks = {"structure": squares().conditions["structure"]}
    settings = edited(settings, training__steps=1)
    examples = replace(squares(), conditions=masks)
    generator, (losses,) = gan_trainer(examples, **settings).train(saving(tmp_path))
    assert all(np.isfinite(loss) for loss in losses.values())
    image = generate_slices(generator, list(masks.values()), tile=64, halo=0, seed=0, device=CPU)
    assert image.shape == (6, 48, 48)


def test_a_batch_of_one_is_enough(tmp_path):
    for name, settings in SYSTEMS.items():
        _, (losses,) = fit(tmp_path / name, 1, edited(settings, training__batch_size=1))
        assert losses and all(np.isfinite(loss) for loss in losses.values()), name


def test_oasis_learns_squares_without_l1(tmp_path):
    settings = edited(OASIS, **WIDER)
    generator, history = fit(tmp_path, 80, settings, checkpoint_every=80)
    assert_condition_matters(generator, list(squares().conditions.values()))
    image = generate_slices(
        generator, list(squares().conditions.values()), tile=64, halo=0, seed=0, device=CPU
    )
    structure = squares().conditions["structure"] > 0
    assert image[structure].mean() < image[~structure].mean() - 20  # dark squares, as the real ones


def test_in_unknown_ground_oasis_learns_nothing():
    spoilt = squares().image.copy()
    spoilt[:, :, 24:] = 255 - spoilt[:, :, 24:]
    losses = []
    for examples in (half_unknown(), half_unknown(image=spoilt)):
        step = task(examples, OASIS)
        torch.manual_seed(0)
        losses.append(step.step(0))
    assert losses[0] == losses[1]


def test_oasis_takes_a_pixel_for_real_where_its_classes_outweigh_fake():
    logits = torch.tensor([[1.0, 0, 0], [0.5, 0, 0], [3, 1, 1], [0, 5, 5]]).T.reshape(1, 3, 1, 4)
    labels = torch.zeros(1, 2, 1, 4)
    labels[0, 0, 0, :3] = 1  # the last is unknown
    # log(1 + 1) = 0.69 against 1 and 0.5; log(2 e) = 1.69 against 3.
    assert taken_for_real(logits, labels).flatten().tolist() == [-1, 1, -1, 0]


def test_the_average_is_what_is_drawn_with(tmp_path):
    last, _ = fit(tmp_path / "1", 2, edited(OASIS, **averaged(0, 10)))
    average, _ = fit(tmp_path / "2", 2, OASIS)
    mine, others = dict(average.named_parameters()), dict(last.named_parameters())
    assert any(not torch.equal(mine[name], others[name]) for name in mine)


def test_norms_of_the_average_expect_what_averaged_weights_give():
    step = task(settings=OASIS)
    averaged = step.generator_optimiser.average.network
    averaged.blocks[0].norm1.norm.running_mean.fill_(99)  # as no batch of it ever was
    net = step.result()
    assert net.blocks[0].norm1.norm.running_mean.abs().max() < 10


def test_changes_rise_while_the_discriminator_is_sure_and_their_share_is_told():
    step = task(settings=EVERYTHING)
    for network in step.discriminator.scales:
        torch.nn.init.constant_(network.layers[-1].bias, 100)  # real, whatever it sees
    first, second, third = (step.step(number)["ada_probability"].item() for number in range(3))
    # Certain of every image, but it remembers ten steps: after three, 1 - 0.9^3 is still below 0.6.
    assert (first, second, third) == (0, 0, 0)
    step.changes.certainty.fill_(0.9)
    assert step.step(3)["ada_probability"].item() == pytest.approx(0.5)  # 2 images of 4


# How a trained generator is used


def generator_of(settings):
    return task(settings=settings).generator


def masks():
    return torch.from_numpy(np.stack(list(squares().conditions.values()), axis=1)[:1] * 2.0 - 1)


def test_pix2pix_and_its_kin_draw_as_they_were_trained():
    for settings in (MEMBRANE_TRANSFER, TUTORIAL):
        generator = ready_to_draw(generator_of(settings), dropout=True)
        assert all(module.training for module in generator.modules())


def test_others_draw_with_the_statistics_of_their_training():
    generator = ready_to_draw(generator_of(OASIS), dropout=True)
    assert not any(module.training for module in generator.modules())


def test_noise_is_as_the_generator_has_it_in_training():
    assert noise_for(generator_of(MEMBRANE_TRANSFER), masks()) is None
    everywhere = noise_for(generator_of(TUTORIAL).eval(), masks())
    assert everywhere.shape == (1, 1, 48, 48) and everywhere.std() > 0.9
    one_per_image = noise_for(generator_of(OASIS).eval(), masks())
    assert one_per_image.shape == (1, 4, 48, 48) and one_per_image.std(dim=(2, 3)).max() == 0


def test_noise_is_one_for_all_tiles_and_another_for_each_slice_and_seed():
    class Noise(torch.nn.Module):
        noise_channels = 1

        def own_noise(self, conditions):
            return conditions[:, :1]

        def forward(self, conditions, noise):
            return torch.tanh(noise)

    conditions = [np.zeros((2, 40, 40), np.uint8)]
    whole = generate_slices(Noise(), conditions, tile=40, halo=8, seed=0, device=CPU)
    tiled = generate_slices(Noise(), conditions, tile=16, halo=8, seed=0, device=CPU)
    other = generate_slices(Noise(), conditions, tile=40, halo=8, seed=1, device=CPU)
    assert np.abs(whole.astype(int) - tiled).max() <= 1
    assert (whole[0] != whole[1]).mean() > 0.9 and (whole != other).mean() > 0.9
