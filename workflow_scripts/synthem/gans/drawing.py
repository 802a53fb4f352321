"""How a trained generator is used: what stays random in it, and where its noise comes from."""

import torch
from torch import nn

from synthem.networks.conditional import UNetGenerator


def ready_to_draw(generator, *, dropout):
    """Put a generator in the mode in which it draws best.

    pix2pix and its kin draw as they were trained, their norms with the statistics of the image at hand (Isola
    2017): those of a training with one or two images in a batch fit no image. Dropout is their source of
    chance; without it they give one answer. Others draw with the statistics of their training.
    """
    generator.train(isinstance(generator, UNetGenerator))
    for module in generator.modules():
        if isinstance(module, nn.Dropout):
            module.train(dropout)
    return generator


def noise_for(generator, asked):
    """N(0, 1) for the noise channels, [B, N, Y, X] like conditions [B, M, Y, X]; None without such channels.

    Spatial or the same everywhere, as the generator has it in training. Tiles of one image are to share it.
    """
    if not getattr(generator, "noise_channels", 0):
        return None
    noise = torch.randn_like(generator.own_noise(asked))
    return noise.expand(-1, -1, *asked.shape[2:])


def answer(generator, asked):
    """What a generator draws where its noise is 0."""
    noise = getattr(generator, "noise_channels", 0)
    return generator(asked, asked.new_zeros(len(asked), noise, 1, 1)) if noise else generator(asked)
