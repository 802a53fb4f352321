"""The discriminator of OASIS (Sushko et al. 2021): each pixel shows one of the classes, or is fake."""

import torch
import torch.nn.functional as F
from torch import nn

from synthem.networks.layers import AnySize, spectral_norm, xavier_weights


class OasisDiscriminator(AnySize):
    """Image [B, in, Y, X] -> logits [B, 1 + classes, Y, X]: first `fake`, then the classes of the conditions.

    It sees no condition: a label that the image does not follow is a wrong answer. Published with base_width
    64, depth 6.
    """

    def __init__(self, in_channels, base_width, classes, depth):
        super().__init__()
        self.multiple = 2**depth
        widths = [base_width * min(2 ** (1 + level // 2), 8) for level in range(depth)]
        self.down = nn.ModuleList(
            DownBlock(before, after, activated=level > 0)
            for level, (before, after) in enumerate(zip([in_channels, *widths[:-1]], widths, strict=True))
        )
        inputs = [widths[-1], *(2 * width for width in reversed(widths[:-1]))]
        outputs = [*reversed(widths[:-1]), base_width]
        self.up = nn.ModuleList(UpBlock(before, after) for before, after in zip(inputs, outputs, strict=True))
        self.head = nn.Conv2d(base_width, 1 + classes, 1)
        xavier_weights(self.head)

    def on_grid(self, image):
        x, skips = image, []
        for down in self.down:
            x = down(x)  # [B, C, Y/2, X/2]
            skips.append(x)
        x = self.up[0](skips.pop())
        for up in self.up[1:]:
            x = up(torch.cat([skips.pop(), x], dim=1))  # [B, C, 2Y, 2X]
        return self.head(x)


class DownBlock(nn.Module):
    """Half the side, with a short way past two convolutions; an image is not activated first."""

    def __init__(self, in_channels, out_channels, *, activated):
        super().__init__()
        self.active = nn.LeakyReLU(0.2) if activated else nn.Identity()
        self.first, self.second, self.past = block_convolutions(in_channels, out_channels)

    def forward(self, x):
        y = self.second(F.leaky_relu(self.first(self.active(x)), 0.2))
        return F.avg_pool2d(y, 2) + self.past(F.avg_pool2d(x, 2))


class UpBlock(nn.Module):
    """Twice the side, with a short way past two convolutions."""

    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.first, self.second, self.past = block_convolutions(in_channels, out_channels)

    def forward(self, x):
        y = self.first(F.interpolate(F.leaky_relu(x, 0.2), scale_factor=2))
        return self.second(F.leaky_relu(y, 0.2)) + F.interpolate(self.past(x), scale_factor=2)


def block_convolutions(in_channels, out_channels):
    """Two 3x3 convolutions, and the way past them: 1x1 where the number of features changes."""
    return (
        bounded_convolution(in_channels, out_channels, 3),
        bounded_convolution(out_channels, out_channels, 3),
        nn.Identity() if in_channels == out_channels else bounded_convolution(in_channels, out_channels, 1),
    )


def bounded_convolution(in_channels, out_channels, kernel):
    convolution = nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2)
    xavier_weights(convolution)
    return spectral_norm(convolution)
