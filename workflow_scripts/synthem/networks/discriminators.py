"""Networks that tell real images from generated ones, patch by patch."""

import torch.nn.functional as F
from torch import nn

from synthem.networks.layers import InstanceNorm

SMALLEST = 24  # a smaller image would vanish in the two convolutions without padding to spare


class Patch70(nn.Module):
    """Image and condition [B, in, Y, X] -> logits [B, 1, ~Y/8, ~X/8], each of a 70x70 patch (Isola 2017)."""

    def __init__(self, in_channels, base_width):
        super().__init__()
        widths = [base_width, 2 * base_width, 4 * base_width, 8 * base_width]
        layers = [nn.Conv2d(in_channels, base_width, 4, 2, 1), nn.LeakyReLU(0.2)]
        for before, after, stride in zip(widths[:-1], widths[1:], (2, 2, 1), strict=True):
            layers += [nn.Conv2d(before, after, 4, stride, 1), InstanceNorm(after), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(widths[-1], 1, 4, 1, 1))
        for layer in self.layers:
            if isinstance(layer, nn.Conv2d):
                nn.init.normal_(layer.weight, 0, 0.02)
                nn.init.zeros_(layer.bias)

    def forward(self, x):
        height, width = x.shape[-2:]
        return self.layers(F.pad(x, (0, max(SMALLEST - width, 0), 0, max(SMALLEST - height, 0))))


class MultiScale(nn.Module):
    """The same architecture on the image, its half, its quarter, ...: a list of patch logits, finest first.

    `one(scale)` builds the network of a scale; each has weights of its own.
    """

    def __init__(self, one, scales):
        super().__init__()
        self.scales = nn.ModuleList(one(scale) for scale in range(scales))

    def forward(self, x):
        logits = []
        for number, network in enumerate(self.scales):
            logits.append(network(F.avg_pool2d(x, 2**number) if number else x))
        return logits


# The one place that turns the config's word into a discriminator.
DISCRIMINATORS = {"patch70": Patch70}
