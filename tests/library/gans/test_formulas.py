"""The objective of each preset against the formula of its paper, with numbers worked out on paper.

The networks are so small that all is known: the generator draws a quarter of its first mask, the logit of a
pixel is 2 x its grey + 1. The real image is 0.5 everywhere, the masks are 1, so the drawn image is 0.25.

    D(real) = 2, D(drawn) = 1.5
    -log sigmoid(2)         = log(1 + e^-2)   = 0.126928
    -log(1 - sigmoid(1.5))  = log(1 + e^1.5)  = 1.701413
    -log sigmoid(1.5)       = log(1 + e^-1.5) = 0.201413
    L1 = |0.25 - 0.5| = 0.25
    other masks of -1 are drawn as -0.25: |1 - -1| / |0.25 - -0.25| = 4
"""

import pytest
import torch
from torch import nn

from synthem.gans.conditional import Examples
from synthem.gans.diff_augment import Changes
from synthem.gans.growing import growth
from synthem.gans.pix2pix import Pix2Pix, RealOrFakeWeights
from synthem.gans.stylegan import LOSSES, Images, StyleGan
from tests.shared.demo_config import DEMO
from tests.shared.gan_settings import LEAVE_ALONE
from tests.shared.presets import of_preset
from tests.shared.settings import optimisers

REAL, FAKE, GENERATOR = 0.126928, 1.701413, 0.201413
UNGUARDED = {"every": 0, "first": 0, "in_a_row": 1}
PIXELS = 4 * 4


class Quarter(nn.Module):
    noise_channels = 0

    def __init__(self):
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(0.25))

    def own_noise(self, conditions):
        return conditions

    def forward(self, conditions, noise):
        return self.factor * conditions[:, :1]


class TwicePlusOne(nn.Module):
    """Of the image, which is the last channel: masks stand before it."""

    def __init__(self):
        super().__init__()
        self.slope = nn.Parameter(torch.tensor(2.0))

    def forward(self, seen, **others):
        return [self.slope * seen[:, -1:] + 1]


def playing(preset, **weights):
    """The step of a preset's objective, and a batch."""
    objective = RealOrFakeWeights(**of_preset(preset, "gans.objective.real_or_fake") | weights)
    ones = torch.ones(1, 1, 4, 4)
    step = Pix2Pix(
        Quarter(),
        TwicePlusOne(),
        None,  # no pairs: the batch is given
        Changes(**LEAVE_ALONE, device=torch.device("cpu")),
        objective,
        guards=UNGUARDED,
        generator_steps=of_preset(preset, "gans.training").get("generator_steps", 1),
        steps=1,
        precision="fp32",
        optimisers=optimisers(0.01, 0.01, (0.5, 0.999), {"decay": 0, "warm_up": 1}),
    )
    return step, Examples(ones, ones / 2, None, -ones)


def losses(preset, **weights):
    """(The discriminator's loss, the generator's) of a preset's objective."""
    step, batch = playing(preset, **weights)
    fake = step.generate(batch)
    return (
        step.discriminator_loss(batch, fake.detach())[0].item(),
        step.generator_loss(batch, fake)[0].item(),
    )


@pytest.mark.parametrize(
    ("preset", "discriminator", "generator"),
    [
        # Isola 2017: log D + 100 L1, and the discriminator's sum halved
        ("gan-pix2pix", (REAL + FAKE) / 2, GENERATOR + 100 * 0.25),
        # the membrane-transfer manuscript: the same, with three discriminators whose losses are averaged
        ("membrane-transfer", (REAL + FAKE) / 2, GENERATOR + 100 * 0.25),
        # the discriminator study, after TensorFlow's tutorial: the whole sum, real_loss + generated_loss
        ("gan-tutorial", REAL + FAKE, GENERATOR + 100 * 0.25),
        # Allender about 2020, (2) and (5): + 10 L1 + 10 L_ms; its program has the whole sum, too
        ("gan-mode-seeking", REAL + FAKE, GENERATOR + 10 * 0.25 + 10 * 4),
        # Roy 2024
        ("gan-skip-patch", (REAL + FAKE) / 2, GENERATOR + 100 * 0.25),
    ],
)
def test_a_preset_plays_for_what_its_paper_says(preset, discriminator, generator):
    found = losses(preset)
    assert found[0] == pytest.approx(discriminator, abs=1e-5)
    assert found[1] == pytest.approx(generator, abs=1e-4)


@pytest.mark.parametrize(("preset", "steps"), [("gan-tutorial", 1), ("gan-mode-seeking", 2)])
def test_the_generator_takes_as_many_steps_as_in_its_program(preset, steps):
    """yenchenlin's takes two "to make sure that d_loss does not go to zero".

    Adam's first steps down a slope that hardly changes have the length of the learning rate.
    """
    step, batch = playing(preset)
    found = step.learn(batch)
    assert step.generator.factor.item() - 0.25 == pytest.approx(steps * 0.01, rel=0.02)
    assert abs(step.discriminator.slope.item() - 2) == pytest.approx(0.01, rel=1e-3)
    assert list(found)[:3] == ["d_real", "d_fake", "g_adversarial"]


def test_the_weight_of_r1_is_the_papers_gamma():
    """Mescheder 2018: the papers' sum has gamma / 2 |slope|^2 beside both losses; half of that sum is ours.

    D is the mean of 16 logits, each with the slope 2 at its pixel: |slope|^2 = 16 (2 / 16)^2 = 0.25.
    """
    without, _ = losses("gan-pix2pix")
    held, _ = losses("gan-pix2pix", r1_weight=10)
    assert held - without == pytest.approx((10 / 2 * PIXELS * (2 / PIXELS) ** 2) / 2, rel=1e-4)


WHAT_A_STYLEGAN_PLAYS_FOR = {
    # Karras 2019: non-saturating, gamma = 10: no half, so the whole of gamma / 2 |slope|^2, which is 0.25
    "config": (REAL + FAKE + 10 / 2 * PIXELS * (2 / PIXELS) ** 2, GENERATOR),
    # the thesis, by its program (rosinality's) as it is:
    # -D(real) + D(drawn) + 10 (|slope| - 1)^2 + 0.001 D(real)^2, and -D(drawn)
    "stylegan": (-2 + 1.5 + 10 * (0.5 - 1) ** 2 + 0.001 * 2**2, -1.5),
}


@pytest.mark.parametrize(("name", "expected"), WHAT_A_STYLEGAN_PLAYS_FOR.items())
def test_a_stylegan_has_the_whole_sum_of_its_paper(name, expected):
    training = DEMO["stylegan"]["training"] if name == "config" else of_preset(name, "stylegan.training")
    step = StyleGan(
        Quarter(),
        TwicePlusOne(),
        None,
        Changes(**LEAVE_ALONE, device=torch.device("cpu")),
        growth(size=8, first_side=0, fade_steps=1, stable_steps=1),
        guards=lambda images: [],
        adversarial=LOSSES[training["adversarial"]],
        r1_weight=training["r1_weight"],
        mixing=0,
        steps=1,
        precision="fp32",
        optimisers=optimisers(0.1, 0.1, (0.0, 0.99), {"decay": 0, "warm_up": 1}),
    )
    step.judge = lambda image, alpha: step.discriminator(image)
    real, fake = torch.full((1, 1, 4, 4), 0.5), torch.full((1, 1, 4, 4), 0.25)
    loss, _ = step.discriminator_loss(Images(real, 4, 1, None), fake)
    assert loss.item() == pytest.approx(expected[0], abs=1e-4)
    generators, _ = step.generator_loss(Images(real, 4, 1, None), fake)
    assert generators.item() == pytest.approx(expected[1], abs=1e-5)
