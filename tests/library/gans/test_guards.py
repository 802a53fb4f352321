import copy
import math

import pytest
import torch

from synthem.errors import SynthemError
from synthem.gans.findings import Limits
from synthem.gans.guards import (
    Guard,
    blank,
    condition_effect,
    condition_guard,
    contrast,
    contrast_guard,
    discriminator_guard,
    discriminator_loss,
    drawn,
    noise_effect,
    noise_guard,
    saturation,
    saturation_guard,
)
from synthem.gans.losses import ADVERSARIAL
from synthem.training.loop import train
from tests.shared.gan_slices import halves

PACE = {"every": 2, "first": 1, "in_a_row": 3}


@pytest.fixture
def said(monkeypatch):
    lines = []
    monkeypatch.setattr("synthem.gans.guards.say", lines.append)
    return lines


class Painter(torch.nn.Module):
    """Paints strength x mask + grey + noise."""

    def __init__(self, strength, grey=0.0, noise=0.0):
        super().__init__()
        self.strength, self.grey = torch.nn.Parameter(torch.tensor(strength)), grey
        self.dropout = torch.nn.Dropout(noise)

    def forward(self, conditions):
        return (self.strength * self.dropout(conditions[:, :1]) + self.grey).clamp(-1, 1)


class NoisyPainter(Painter):
    """Adds `loud` times its noise, one number for each image, to a mid-grey ground."""

    noise_channels = 1

    def __init__(self, loud, dropout=0.0):
        super().__init__(0.5, noise=dropout)
        self.loud = loud

    def own_noise(self, conditions):
        return conditions.new_empty(len(conditions), 1, 1, 1).normal_()

    def forward(self, conditions, noise):
        return super().forward(conditions) + self.loud * noise


def test_the_effect_of_the_condition_is_the_mean_change_where_masks_differ():
    assert condition_effect(Painter(0.5), halves()) == pytest.approx(0.5)
    assert condition_effect(Painter(0.0, grey=0.7), halves()) == 0


def test_a_check_copies_the_generator_once_and_leaves_it_as_it_was(monkeypatch):
    copies, copied = [], copy.deepcopy
    monkeypatch.setattr(copy, "deepcopy", lambda net: copies.append(net) or copied(net))
    painter = Painter(0.5, noise=0.5).train()
    assert condition_effect(painter, torch.cat([halves(), halves()])) == pytest.approx(0.5)
    assert copies == [painter] and painter.dropout.training


def test_the_effect_of_the_noise_is_the_mean_change_between_two_draws():
    # Two numbers of a standard normal distribution are 2 / sqrt(pi) apart, on average.
    many = torch.zeros(20_000, 1, 1, 1)
    assert noise_effect(NoisyPainter(0.1), many) == pytest.approx(0.1 * 2 / math.sqrt(math.pi), rel=0.02)
    assert noise_effect(NoisyPainter(0.0, dropout=0.5), halves()) == 0


def test_contrast_is_the_deviation_of_the_pixels_of_an_image_not_of_the_batch():
    flat = torch.stack([torch.full((1, 2, 2), -1.0), torch.full((1, 2, 2), 1.0)])
    assert contrast(flat) == 0
    assert contrast(torch.tensor([[[[-0.5, 0.5]]]])) == pytest.approx(0.5)


def test_saturation_is_the_share_of_black_and_white():
    assert saturation(torch.tensor([[[[-1.0, 0.0], [0.995, 0.5]]]])) == 0.5


def test_the_loss_of_the_discriminator_is_the_mean_of_both_kinds_of_images():
    assert discriminator_loss([{"d_real": 1.0, "d_fake": 0.0}, {"d_real": 3.0, "d_fake": 0.0}]) == 1


@pytest.mark.parametrize(
    ("objective", "certainty", "fails"),
    [("bce", 0.87, False), ("bce", 0.985, True), ("lsgan", 0.87, False), ("lsgan", 0.95, True)],
)
def test_it_is_judged_by_what_a_wrong_call_costs(objective, certainty, fails):
    """Certain by 0.87 of either kind, lsgan costs 0.13 ** 2 = 0.017, less than bce ever does at 97 % of right
    calls, though a wrong call costs 0.25: up to 7 % may be wrong. By 0.95, 0.0025: no more than 1 %."""
    kind = ADVERSARIAL[objective]
    called = torch.tensor([certainty])
    logits = [torch.logit(called) if objective == "bce" else called]
    others = [-logits[0] if objective == "bce" else 1 - called]
    row = {"d_real": kind.real(logits).item(), "d_fake": kind.fake(others).item()}
    guard = discriminator_guard(kind.wrong_call, PACE)
    assert guard.limits.exclude(guard.measure([row])) == fails


def checked(guard, history, steps):
    """Let the history grow as a training does, checked on the way."""
    for step in range(len(history) + 1, steps + 1):
        history.append({"d_real": 0.001, "d_fake": 0.001})
        if guard.is_due(step):
            guard.check(history)
    return history


def painted(painter):
    return lambda history: drawn(painter, halves())


GUARDS = {
    "collapse": (lambda: condition_guard(Painter(0.001), halves(), PACE), "GAN_COLLAPSED"),
    "blank": (lambda: contrast_guard(painted(Painter(0.0, grey=0.3)), PACE), "GAN_BLANK"),
    "saturated": (lambda: saturation_guard(painted(Painter(9.0, grey=-1.0)), PACE), "GAN_BLANK"),
    "discriminator": (lambda: discriminator_guard(1, PACE), "GAN_UNBALANCED"),
}


@pytest.mark.parametrize("name", GUARDS)
def test_two_failures_are_warnings_and_the_third_in_a_row_ends_it(name, said):
    build, code = GUARDS[name]
    guard = build()
    checked(guard, [], 5)
    assert len(said) == 2 and all(line.startswith("WARNING") and guard.column in line for line in said)
    with pytest.raises(SynthemError, match=f"{code} .* at step 6, the last of 3 failed checks in a row"):
        checked(guard, [], 6)


def test_a_generator_that_ignores_its_noise_is_warned_of_and_goes_on(said):
    history = checked(noise_guard(NoisyPainter(0.0001), halves(), PACE), [], 20)
    assert len(said) == 10 and all("WARNING noise_effect is " in line for line in said)
    assert history[-1]["noise_effect"] < 0.0005


@pytest.mark.parametrize(
    "guard",
    [
        condition_guard(Painter(0.5), halves(), PACE),
        contrast_guard(painted(Painter(0.5)), PACE),
        saturation_guard(painted(Painter(0.5)), PACE),
        noise_guard(NoisyPainter(0.1), halves(), PACE),
        condition_guard(Painter(0.5), torch.ones(2, 1, 4, 4), PACE),  # one mask: nothing can be said
    ],
)
def test_a_sound_generator_passes(guard, said):
    history = checked(guard, [], 20)
    assert said == [] and [guard.column in row for row in history] == 10 * [False, True]


def measured(values, in_a_row=2):
    """A guard that reads its measurements from a list, one for each step."""
    return Guard(
        "x",
        lambda history: values[len(history) - 1],
        blank,
        Limits(least=0),
        every=1,
        first=0,
        in_a_row=in_a_row,
    )


def test_a_pass_in_between_starts_the_count_anew(said):
    checked(measured([-1, 1, -1, 1, -1]), [], 5)
    assert len(said) == 3


def test_failures_before_a_kill_count_since_they_are_in_the_history(said):
    before = checked(measured([-1]), [], 1)
    with pytest.raises(SynthemError, match="GAN_BLANK"):
        checked(measured([None, -1]), before, 2)


@pytest.mark.parametrize("guard", [condition_guard, noise_guard])
def test_a_guard_changes_neither_the_generator_nor_chance(guard):
    generator = NoisyPainter(0.5, dropout=0.5).train()
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    first = torch.rand(1)
    checked(guard(generator, halves(), PACE), [], 2)
    assert torch.equal(torch.cat([first, torch.rand(1)]), expected)
    assert generator.training


def test_a_training_is_stopped_by_its_guard_after_a_bounded_number_of_steps(tmp_path):
    class Collapsed:
        def __init__(self):
            self.parts, self.taken = {}, 0

        def step(self, number):
            self.taken += 1
            return {"loss": torch.tensor(1.0)}

    task, guard = (
        Collapsed(),
        condition_guard(Painter(0.0), halves(), {"every": 4, "first": 7, "in_a_row": 3}),
    )
    with pytest.raises(SynthemError, match="GAN_COLLAPSED"):
        train(task, steps=10**6, checkpoint_every=5, folder=tmp_path, fingerprint="a", guards=[guard])
    assert task.taken == 16  # steps 8, 12 and 16
