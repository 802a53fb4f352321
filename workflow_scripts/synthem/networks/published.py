"""The networks of the five papers as published, ours as in the demo, and how many parameters each has."""

from typing import NamedTuple

import torch

from synthem.networks.boundless import BoundlessDiscriminator, BoundlessGenerator
from synthem.networks.registry import DISCRIMINATORS, GENERATORS, SEGMENTERS
from synthem.networks.saving import network_class
from synthem.networks.stylegan import StyleDiscriminator, StyleGenerator


class Published(NamedTuple):
    """A network as its source has it."""

    source: str
    kind: str
    arguments: dict
    number: int | None  # None: the source states none
    counted: str = "trainable"  # or "total": with running statistics, as Keras counts


FLAT, CUBE = {"isotropic": False, "max_pool": False}, {"isotropic": True, "max_pool": False}
PIX2PIX = {"depth": 8, "dropout": 0.5}
STYLE_128, STYLE_1024 = {"size": 128}, {"size": 1024, "progressive": True}
# The original has a bias beside its learnt constant; the code that paper 2 used leaves it out.
STYLE_1024_NUMBER = 26_219_627 - 512


def sized(in_channels, out_channels, base_width, **more):
    return {"in_channels": in_channels, "out_channels": out_channels, "base_width": base_width} | more


def judging(in_channels, base_width, **more):
    return {"in_channels": in_channels, "base_width": base_width} | more


def drawing(out_channels, base_width, **more):
    return {"out_channels": out_channels, "base_width": base_width} | more


PUBLISHED_SEGMENTERS = (
    Published("paper 2", "unet", sized(1, 1, 64, depth=4, kaiming=True), 31_036_481),
    Published("paper 1", "unet", sized(2, 1, 64, depth=4), 31_037_057),
    Published("paper 2", "unet3d", sized(1, 1, 28, **FLAT), 923_201),
    Published("PyTorch Connectomics", "unet3d", sized(1, 1, 28, **CUBE), 1_531_457),
    Published("paper 2, transfer", "boundless", sized(1, 1, 32), 3_454_705),
)
PUBLISHED_GENERATORS = (
    Published("paper 1", "pix2pix", sized(2, 1, 64, **PIX2PIX), 54_404_481),
    Published(
        "paper 5", "pix2pix_tutorial", sized(4, 3, 64, **PIX2PIX, noise_channels=1), 54_427_907, "total"
    ),
    Published("paper 4, its table", "mode_seeking", sized(1, 3, 64, **PIX2PIX), 85_019_587),
    Published("paper 4, its text", "mode_seeking", sized(2, 3, 64, **PIX2PIX), 85_021_187),
    Published("paper 2", "boundless", sized(3, 1, 32), 3_454_705),
    Published("Boundless, colour", "boundless", sized(5, 3, 32), 3_458_195),
    Published("paper 2", "stylegan", drawing(1, 512, **STYLE_128), None),
    Published("StyleGAN, colour", "stylegan", drawing(3, 512, **STYLE_1024), STYLE_1024_NUMBER),
    Published("OASIS", "spade", sized(35, 3, 64, depth=5, noise_channels=64), None),
    Published("Synthem, the demo", "resize_unet", sized(2, 1, 16, depth=5, noise_channels=1), None),
)
PUBLISHED_DISCRIMINATORS = (
    Published("paper 1, each of 3", "patch70", judging(3, 64), 2_764_737),
    Published("paper 5", "patch70_tutorial", judging(7, 64), 2_771_457, "total"),
    Published("paper 5", "vanilla", judging(7, 64), 3_816_961, "total"),
    Published("paper 4", "mode_seeking", judging(3, 64), 4_832_641),
    Published("paper 2", "boundless", judging(2, 64), 7_838_528),
    Published("Boundless, colour", "boundless", judging(4, 64), 7_841_728),
    Published("paper 2", "stylegan", judging(1, 512, **STYLE_128), None),
    Published("Roy 2024", "skip_patch", judging(3, 64), None),
    Published("OASIS", "oasis", judging(3, 64, classes=35, depth=6), None),
)
# What a network does -> (its kinds, those that no config chooses included; its published networks).
PUBLISHED = {
    "segmenter": (SEGMENTERS, PUBLISHED_SEGMENTERS),
    "generator": (
        GENERATORS | {"boundless": BoundlessGenerator, "stylegan": StyleGenerator},
        PUBLISHED_GENERATORS,
    ),
    "discriminator": (
        DISCRIMINATORS | {"boundless": BoundlessDiscriminator, "stylegan": StyleDiscriminator},
        PUBLISHED_DISCRIMINATORS,
    ),
}


def counted(net):
    """Numbers in a network: {"trainable": learnt ones, "total": running means and variances, too}."""
    trainable = sum(parameter.numel() for parameter in net.parameters() if parameter.requires_grad)
    running = sum(
        buffer.numel()
        for name, buffer in net.named_buffers()
        if name.endswith(("running_mean", "running_var"))
    )
    return {"trainable": trainable, "total": trainable + running}


def compared():
    """Rows (role, kind, source, trainable, total, published number or None, whether that differs)."""
    for role, (kinds, networks) in PUBLISHED.items():
        for network in networks:
            with torch.device("meta"):  # shapes without memory
                numbers = counted(network_class(kinds, network.kind)(**network.arguments))
            differs = network.number is not None and numbers[network.counted] != network.number
            yield role, network.kind, network.source, *numbers.values(), network.number, differs
