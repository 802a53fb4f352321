"""The 2D U-Net of Ronneberger et al. 2015 with padded convolutions and batch norm."""

import torch
import torch.nn.functional as F
from torch import nn

from synthem.networks.layers import AnySize, BatchNorm, kaiming_weights


def double_conv(in_channels, out_channels):
    """Twice: 3x3 convolution, batch norm, ReLU. The norm shifts, so the convolution has no bias."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
        BatchNorm(out_channels),
        nn.ReLU(inplace=True),
        nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
        BatchNorm(out_channels),
        nn.ReLU(inplace=True),
    )


class UNet(AnySize):
    """Channels [B, in, Y, X] -> logits [B, out, Y, X]. Published with base_width 64, depth 4.

    kaiming: whether weights start normal with He's deviation, as in the thesis (Herreros Fraile 2021).
    Otherwise they start as torch draws them, uniform and smaller: small networks in short trainings end
    better.
    """

    def __init__(self, in_channels, out_channels, base_width, depth, kaiming=False):
        super().__init__()
        widths = [base_width * 2**level for level in range(depth + 1)]
        self.multiple = 2**depth
        self.stem = double_conv(in_channels, base_width)
        self.down = nn.ModuleList(double_conv(width, 2 * width) for width in widths[:-1])
        self.up = nn.ModuleList(nn.ConvTranspose2d(2 * width, width, 2, stride=2) for width in widths[:-1])
        self.merge = nn.ModuleList(double_conv(2 * width, width) for width in widths[:-1])
        self.head = nn.Conv2d(base_width, out_channels, 1)
        if kaiming:
            self.apply(kaiming_weights)

    @property
    def layers(self):
        """All of it, from the image to the logits: what freezing counts."""
        ways_up = zip(reversed(self.up), reversed(self.merge), strict=True)
        return [self.stem, *self.down, *(layer for way in ways_up for layer in way), self.head]

    def on_grid(self, channels):
        *skips, x = self.encoded(channels)
        for up, merge in zip(reversed(self.up), reversed(self.merge), strict=True):
            x = merge(torch.cat([skips.pop(), up(x)], dim=1))  # [B, C, 2Y, 2X]
        return self.head(x)

    def encoded(self, channels):
        """Features of all levels, the deepest last: [B, C, Y, X], [B, 2C, Y/2, X/2], ..."""
        levels = [self.stem(channels)]
        for down in self.down:
            levels.append(down(F.max_pool2d(levels[-1], 2)))
        return levels
