"""Networks that tell real images from generated ones: paper 1's, and the words for all."""

import torch.nn.functional as F
from torch import nn

from synthem.networks.boundless import BoundlessDiscriminator
from synthem.networks.layers import InstanceNorm, small_weights, zeros_to
from synthem.networks.mode_seeking import ModeSeekingDiscriminator
from synthem.networks.oasis import OasisDiscriminator
from synthem.networks.skip_patch import SkipPatch
from synthem.networks.stylegan import StyleDiscriminator
from synthem.networks.tutorial import TutorialPatch70, VanillaDiscriminator


class Patch70(nn.Module):
    """Image and condition [B, in, Y, X] -> logits [B, 1, ~Y/8, ~X/8], each of a 70x70 patch (Isola 2017).

    Published with base_width 64.
    """

    def __init__(self, in_channels, base_width):
        super().__init__()
        widths = [base_width, 2 * base_width, 4 * base_width, 8 * base_width]
        layers = [nn.Conv2d(in_channels, base_width, 4, 2, 1), nn.LeakyReLU(0.2)]
        for before, after, stride in zip(widths[:-1], widths[1:], (2, 2, 1), strict=True):
            layers += [nn.Conv2d(before, after, 4, stride, 1), InstanceNorm(after), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(widths[-1], 1, 4, 1, 1))
        self.apply(small_weights)

    def forward(self, x):
        return self.layers(zeros_to(x, 24))  # less would vanish in the two convolutions without a stride


class MultiScale(nn.Module):
    """The same architecture on the image, its half, its quarter, ...: a list of logits, finest first.

    `one(scale)` builds the network of a scale; each has weights of its own.
    """

    def __init__(self, one, scales):
        super().__init__()
        self.scales = nn.ModuleList(one(scale) for scale in range(scales))

    def forward(self, x):
        logits = []
        for number, network in enumerate(self.scales):
            judged = network(F.avg_pool2d(x, 2**number) if number else x)
            logits += judged if isinstance(judged, list) else [judged]  # `skip_patch` has a list itself
        return logits


# The one place that turns the config's word into a discriminator.
DISCRIMINATORS = {
    "patch70": Patch70,
    "patch70_tutorial": TutorialPatch70,
    "vanilla": VanillaDiscriminator,
    "mode_seeking": ModeSeekingDiscriminator,
    "skip_patch": SkipPatch,
    "oasis": OasisDiscriminator,
    "boundless": BoundlessDiscriminator,
    "stylegan": StyleDiscriminator,
}
