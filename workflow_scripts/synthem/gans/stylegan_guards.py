"""Checks while a StyleGAN trains: what `guards` has for generators that draw on masks, for one without."""

import torch

from synthem.errors import SynthemError
from synthem.gans.guards import (
    LEAST_CONTRAST,
    LEAST_EFFECT,
    MOST_SATURATED,
    Guard,
    blank,
    contrast,
    discriminator_guard,
    saturation,
)
from synthem.seeds import generator as random_numbers

LOOKED_AT = 8  # images


def guards_of(generator, growth, *, seed, **pace):
    """All guards of a training; none where `every` is 0. pace: `every`, `first`, `in_a_row` of each Guard."""
    if not pace["every"]:
        return []

    def of_images(measure):
        return lambda history: measure(unlike_images(generator, *growth.at(len(history) - 1), seed=seed))

    return [
        Guard("latent_effect", of_images(variety), alike, least=LEAST_EFFECT, **pace),
        Guard("contrast", of_images(contrast), blank, least=LEAST_CONTRAST, **pace),
        Guard("saturation", of_images(saturation), blank, most=MOST_SATURATED, **pace),
        discriminator_guard(**pace),
    ]


@torch.no_grad()
def unlike_images(generator, side, alpha, *, seed):
    """Images [B, C, side, side] that differ in their latents alone, the same ones in every check.

    Their noise is one for all: a generator that ignores its latents still draws other grains each time.
    """
    device = next(generator.parameters()).device
    chance = random_numbers(seed, "guards")

    def normal(*shape):
        return torch.from_numpy(chance.standard_normal(shape)).float().to(device)

    latents = normal(LOOKED_AT, generator.built_as["arguments"]["base_width"])
    noise = [normal(1, 1, s, s).expand(LOOKED_AT, -1, -1, -1) for s in generator.sides if s <= side]
    return generator.draw(generator.styles(latents), noise, side, alpha)


def variety(images):
    """Mean difference between each image of [B, C, Y, X] and the next."""
    return (images - images.roll(1, dims=0)).abs().mean().item()


def alike(found, expected):
    fix = "lower the learning rates, or take another seed"
    return SynthemError("GAN_COLLAPSED", "stylegan", found, expected=expected, fix=fix)
