import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from synthem.compute.devices import use_threads
from synthem.errors import SynthemError
from synthem.figures.curves import LOSS_WORDS
from synthem.gans.guards import assert_condition_matters
from synthem.gans.losses import called_real
from synthem.gans.objectives import OBJECTIVES
from synthem.gans.pix2pix import Pix2Pix
from synthem.gans.training import gan_trainer
from synthem.intensity import network_conditions
from synthem.networks.saving import network_bytes, save_network
from synthem.patches.places import PatchSet
from synthem.training.losses import l1
from tests.shared.gan_settings import (
    LEAVE_ALONE,
    MEMBRANE_TRANSFER,
    MODE_SEEKING,
    SKIP_PATCH,
    TUTORIAL,
    squares,
)
from tests.shared.gan_steps import discriminator_of, generator_of, half_unknown, task
from tests.shared.kinds import with_options
from tests.shared.project import PROJECT
from tests.shared.settings import edited, of_both, saving

use_threads(1)


def fit(folder, steps, *, examples=None, **changed):
    settings = edited(MEMBRANE_TRANSFER, training__steps=steps, **changed)
    return gan_trainer(examples or squares(), **settings).train(saving(folder, steps))


def test_a_generator_learns_squares(tmp_path):
    net, history = fit(tmp_path, 80)
    assert list(history[0]) == ["d_real", "d_fake", "g_adversarial", "g_l1"]
    assert history[-1]["g_l1"] < history[0]["g_l1"] / 2
    assert_condition_matters(net, list(squares().conditions.values()))


def test_every_loss_of_a_system_has_words_for_its_figure():
    """Read from the source: a history has no column of a loss whose weight is 0, as that of a new one is."""
    modules = (PROJECT / "workflow_scripts/synthem/gans").glob("*.py")
    written = {name for one in modules for name in re.findall(r'"((?:d|g|ada)_\w+)"', one.read_text())}
    assert {"d_real", "d_label_mix", "d_slope", "g_texture", "g_features", "ada_probability"} < written
    assert written - set(LOSS_WORDS) == set()


def test_the_same_seed_gives_the_same_generator(tmp_path):
    first, _ = fit(tmp_path / "1", 2)
    torch.randn(5)
    second, _ = fit(tmp_path / "2", 2)
    other, _ = fit(tmp_path / "3", 2, training__seed=1)
    assert network_bytes(first) == network_bytes(second) != network_bytes(other)


def test_a_generator_starts_from_what_another_has_learnt(tmp_path):
    trained, _ = fit(tmp_path / "1", 5, training__seed=1)
    save_network(tmp_path / "network.pt", trained)
    still = {"training__optimisers__generator__learning_rate": 1e-12}
    still["training__start__from"] = tmp_path / "network.pt"
    net, _ = fit(tmp_path / "2", 1, **still)
    own, _ = fit(tmp_path / "3", 1, **still | {"training__start__from": ""})
    for name, weight in trained.named_parameters():
        assert torch.allclose(net.get_parameter(name), weight, atol=1e-9)
    assert not torch.allclose(own.head[1].weight, trained.head[1].weight, atol=1e-3)


def test_a_generator_of_another_size_starts_none(tmp_path):
    save_network(tmp_path / "network.pt", generator_of(MEMBRANE_TRANSFER, colours=3))
    told = r"ERROR NETWORK_FILE .*network.pt: 2 of 16 tensors differ: head.1.weight is .* in the"
    with pytest.raises(SynthemError, match=told):
        fit(tmp_path, 1, training__start__from=tmp_path / "network.pt")


def test_each_scale_has_weights_of_its_own():
    scales = discriminator_of(MEMBRANE_TRANSFER).scales
    weights = {bytes(network_bytes(network)) for network in scales}
    assert len(weights) == 3


def test_conditions_and_image_are_one_place_in_the_range_of_tanh():
    conditions, image, known = task().pairs.of_step(0)
    assert known is None
    assert conditions.shape == (2, 2, 32, 32) and image.shape == (2, 1, 32, 32)
    assert set(conditions.unique().tolist()) == {-1, 1}
    dark = image[conditions[:, 1:] > 0]  # membrane: grey level 50, i.e. 50 / 127.5 - 1 = -0.61
    assert dark.mean().item() == pytest.approx(-0.61, abs=0.02)


def test_one_step_moves_both_networks_once():
    step = task()
    before = {name: step.parts[f"{name}_network"].state_dict() for name in ("generator", "discriminator")}
    before = {name: {key: value.clone() for key, value in state.items()} for name, state in before.items()}
    losses = step.step(0)
    # Untrained discriminators are undecided: log 2 each.
    assert losses["d_real"].item() == pytest.approx(np.log(2), abs=0.1)
    for name, state in before.items():
        after = step.parts[f"{name}_network"].state_dict()
        assert any(not torch.equal(after[key], value) for key, value in state.items())
    for optimiser in (step.generator_optimiser, step.discriminator_optimiser):
        assert {int(state["step"]) for state in optimiser.adam.state.values()} == {1}


def test_the_generator_step_leaves_no_gradient_in_the_discriminator():
    step = task()
    adam = step.discriminator_optimiser.adam
    adam.step = lambda: adam.zero_grad()
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


def coloured(name="real"):
    """The squares in red on green, and blue noise."""
    grey = squares(name)
    noise = np.random.default_rng(1).integers(0, 255, grey.image.shape, np.uint8)
    return PatchSet(name, np.stack([grey.image, 255 - grey.image, noise], axis=-1), grey.conditions)


def test_a_generator_learns_colours(tmp_path):
    net, history = fit(tmp_path, 40, examples=coloured())
    assert history[-1]["g_l1"] < history[0]["g_l1"] * 0.7
    masks = list(coloured().conditions.values())
    assert_condition_matters(net, masks)
    drawn = net(torch.from_numpy(network_conditions(np.stack([mask[:1] for mask in masks], axis=1))))
    assert drawn.shape == (1, 3, 48, 48)


def test_a_generator_of_colours_that_ignores_its_masks_is_found_out():
    class DeafToColours(Deaf):
        def forward(self, conditions):
            return super().forward(conditions).repeat(1, 3, 1, 1)

    with pytest.raises(SynthemError, match="ERROR GAN_COLLAPSED"):
        assert_condition_matters(DeafToColours(), list(squares().conditions.values()))


def test_without_unknown_places_the_generator_is_the_one_of_a_set_that_cannot_have_any(tmp_path):
    known = replace(squares(), ignore=np.zeros(squares().image.shape, np.uint8))
    first, _ = fit(tmp_path / "1", 2)
    second, _ = fit(tmp_path / "2", 2, examples=known)
    assert network_bytes(first) == network_bytes(second)


def test_images_in_unknown_ground_teach_neither_network_anything():
    """Another image there gives the same losses and the same gradients."""
    spoilt = squares().image.copy()
    spoilt[:, :, 24:] = 255 - spoilt[:, :, 24:]
    steps = [task(half_unknown()), task(half_unknown(image=spoilt))]
    losses = []
    for step in steps:
        torch.manual_seed(0)  # dropout
        losses.append(step.step(0))
    assert losses[0] == losses[1]
    for one, other in zip(*(step.discriminator.parameters() for step in steps), strict=True):
        assert torch.equal(one, other)
    for one, other in zip(*(step.generator.parameters() for step in steps), strict=True):
        assert torch.equal(one, other)


def test_what_is_drawn_in_unknown_ground_is_not_judged():
    step = task(half_unknown())
    conditions, real, known = step.pairs.of_step(0)
    drawn = (0.5 * real).requires_grad_()
    (called_real(step.judge(conditions, drawn, known)) + l1(drawn, real, known)).backward()
    unknown = known == 0
    assert unknown.any() and (drawn.grad[unknown] == 0).all() and (drawn.grad[~unknown] != 0).any()


def test_the_systems_of_the_papers_differ_in_what_the_discriminator_sees():
    # Two masks beside the image, or the image alone.
    steps = [task(settings=settings) for settings in (MEMBRANE_TRANSFER, MODE_SEEKING)]
    assert [step.seen(*step.pairs.of_step(0)).shape[1] for step in steps] == [3, 1]


def test_the_options_of_a_kind_are_those_of_its_network():
    assert generator_of(MEMBRANE_TRANSFER).built_as["arguments"] == {
        "in_channels": 2,
        "out_channels": 1,
        "base_width": 4,
        "depth": 4,
        "dropout": 0.5,
        "noise_channels": 0,
    }


def test_adam_remembers_and_moves_as_asked():
    two = edited(MEMBRANE_TRANSFER, **of_both(betas=[0.0, 0.9]))
    two["training"]["optimisers"]["generator"]["learning_rate"] = 0.1
    two["training"]["optimisers"]["discriminator"]["learning_rate"] = 0.4
    step = task(settings=two)
    step.step(0)
    for optimiser, rate in ((step.generator_optimiser, 0.1), (step.discriminator_optimiser, 0.4)):
        (group,) = optimiser.adam.param_groups
        assert (group["lr"], optimiser.adam.betas) == (rate, [0.0, 0.9])


def test_the_learning_rates_of_both_networks_follow_the_schedule():
    step = task(
        settings=edited(MEMBRANE_TRANSFER, **of_both(schedule__kind="linear"))
    )  # of 4 steps: 1, 1, 1, 1/2
    rates = []
    for number in range(4):
        step.step(number)
        optimisers = (step.generator_optimiser, step.discriminator_optimiser)
        rates.append([optimiser.adam.param_groups[0]["lr"] for optimiser in optimisers])
    assert rates == 3 * [[0.002, 0.002]] + [[0.001, 0.001]]


def test_the_gradients_of_each_network_are_cut_to_the_norm():
    step = task(settings=edited(MEMBRANE_TRANSFER, **of_both(clip_norm=0.01)))
    step.step(0)
    for net in (step.generator, step.discriminator):
        norm = torch.stack([weight.grad.norm() for weight in net.parameters()]).norm()
        assert norm.item() == pytest.approx(0.01, rel=1e-3)


def test_what_has_no_weight_is_not_in_the_history():
    names = ["d_real", "d_fake", "g_adversarial", "g_l1"]
    assert list(task().step(0)) == names
    more = {"mode_seeking_weight": 1, "feature_matching_weight": 1, "r1_weight": 1}
    every = task(
        settings=MEMBRANE_TRANSFER | {"objective": with_options(MEMBRANE_TRANSFER["objective"], **more)}
    ).step(0)
    assert list(every) == [*names[:2], "d_r1", *names[2:], "g_mode_seeking", "g_features"]


def test_the_other_conditions_of_mode_seeking_are_of_other_places():
    pairs = task().pairs
    mine, others = pairs.of_step(0)[0], pairs.other_conditions(0)
    assert mine.shape == others.shape and not torch.equal(mine, others)
    assert torch.equal(others, pairs.other_conditions(0))


def test_with_changes_unknown_ground_still_teaches_nothing():
    spoilt = squares().image.copy()
    spoilt[:, :, 24:] = 255 - spoilt[:, :, 24:]
    changing = LEAVE_ALONE | {"changes": ["colour", "translation", "cutout"]}
    settings = SKIP_PATCH | {"diff_augment": changing}
    losses = []
    for examples in (half_unknown(), half_unknown(image=spoilt)):
        step = task(examples, settings)
        torch.manual_seed(0)
        losses.append(step.step(0))
    assert losses[0] == losses[1]


def test_a_noisy_generator_is_asked_without_its_noise():
    class Noisy(Deaf):
        """Nothing but its noise."""

        noise_channels = 1

        def forward(self, conditions, noise):
            return noise.expand(-1, -1, *conditions.shape[2:])

    with pytest.raises(SynthemError, match="change the image by 0.0000"):
        assert_condition_matters(Noisy(), list(squares().conditions.values()))


def test_judging_a_generator_does_not_change_it():
    generator = generator_of(TUTORIAL)
    before = bytes(network_bytes(generator))
    try:
        assert_condition_matters(generator, list(squares().conditions.values()))
    except SynthemError as error:
        assert error.code == "GAN_COLLAPSED"
    assert bytes(network_bytes(generator)) == before and generator.training


def test_16_bits_train_almost_as_32_do(tmp_path):
    exact = fit(tmp_path / "1", 3)[1]
    rough = fit(tmp_path / "2", 3, training__precision="bf16")[1]
    for column in exact[0]:
        assert rough[-1][column] == pytest.approx(exact[-1][column], rel=0.05)
    assert rough != exact


def test_guards_measure_now_and_then_and_change_nothing(tmp_path):
    unguarded, history = fit(tmp_path / "1", 4)
    guards = {"every": 2, "first": 3, "in_a_row": 9, "on_failure": "stop"}
    guarded, measured = fit(tmp_path / "2", 4, guards=guards)
    assert network_bytes(unguarded) == network_bytes(guarded)
    columns = {"condition_effect", "contrast", "saturation", "called_wrongly"}
    assert [set(more) - set(less) for less, more in zip(history, measured, strict=True)] == [
        set(),
        set(),  # too early
        set(),
        columns,
    ]


def test_what_noise_changes_is_measured_and_a_deaf_generator_is_not_stopped(tmp_path, monkeypatch):
    settings = TUTORIAL | {"guards": {"every": 5, "first": 10, "in_a_row": 1, "on_failure": "stop"}}
    settings = edited(settings, training__steps=20)
    _, measured = gan_trainer(squares(), **settings).train(saving(tmp_path / "hears", 20))
    assert [number for number, row in enumerate(measured, start=1) if "noise_effect" in row] == [10, 15, 20]

    class Deaf(Pix2Pix):
        def step(self, number):
            losses = super().step(number)
            next(self.generator.down.parameters()).data[:, -1:] = 0  # what the first layer makes of the noise
            return losses

    monkeypatch.setitem(OBJECTIVES, "real_or_fake", Deaf)
    _, measured = gan_trainer(squares(), **settings).train(saving(tmp_path / "deaf", 20))
    assert [row["noise_effect"] for row in measured if "noise_effect" in row] == [0, 0, 0]


def test_too_little_memory_names_what_to_lower(tmp_path, monkeypatch):
    def step(self, number):
        raise MemoryError

    monkeypatch.setattr(Pix2Pix, "step", step)
    with pytest.raises(SynthemError, match="ERROR MEMORY gans: ") as told:
        fit(tmp_path, 2)
    assert told.value.fix == (
        "lower gans.training.batch_size (2) or gans.training.patch (32) or "
        "gans.generator.pix2pix.base_width (4) or gans.discriminator.patch70.base_width (4)"
    )
