"""The residual 3D U-Net of PyTorch Connectomics (2021), for sections that are thicker than a pixel is wide.

The thesis (Herreros Fraile 2021) used it.
"""

import torch.nn.functional as F
from torch import nn

from synthem.networks.layers import AnySize, BatchNorm3d, kaiming_weights

WIDTHS = (28, 36, 48, 64, 80)  # features of the levels, at base_width 28
FLAT, CUBE = (1, 3, 3), (3, 3, 3)  # FLAT looks at single sections only
DOWN = (FLAT, FLAT, FLAT, CUBE, CUBE)  # kernels into each level
STRIDES = (1, (1, 2, 2), (1, 2, 2), 2, 2)  # into each level: z is halved in the last two
UP = DOWN[1:]  # kernels out of each level but the first


class UNet3D(AnySize):
    """Channels [B, in, Z, Y, X] -> logits [B, out, Z, Y, X]. Published with base_width 28 on 18 x 160 x 160.

    isotropic: whether the residual blocks of the deep levels look into neighbouring sections, too (the
    published ones do not). max_pool: whether the largest of the voxels goes down a level, instead of a
    convolution that steps over every second one.
    """

    multiple = (4, 16, 16)

    def __init__(self, in_channels, out_channels, base_width, isotropic, max_pool):
        super().__init__()
        widths = [round(base_width * width / WIDTHS[0]) for width in WIDTHS]
        self.pads = max_pool  # steps fit sizes 2n + 1, as corners stay corners: nothing to pad
        self.stem = conv_norm(in_channels, widths[0], (1, 5, 5), 1)
        self.down = nn.ModuleList(
            nn.Sequential(
                nn.MaxPool3d(step) if max_pool else nn.Identity(),
                conv_norm(before, after, kernel, 1 if max_pool else step),
                Residual(after, kernel if isotropic else FLAT),
            )
            for before, after, kernel, step in zip(
                [widths[0], *widths[:-1]], widths, DOWN, STRIDES, strict=True
            )
        )
        self.up = nn.ModuleList(
            conv_norm(deep, width, kernel, 1)
            for deep, width, kernel in zip(widths[1:], widths[:-1], UP, strict=True)
        )
        self.merge = nn.ModuleList(
            Residual(width, kernel if isotropic else FLAT)
            for width, kernel in zip(widths[:-1], UP, strict=True)
        )
        self.head = nn.Conv3d(widths[0], out_channels, (1, 5, 5), padding=(0, 2, 2), padding_mode="replicate")
        self.apply(kaiming_weights)

    def on_grid(self, channels):
        x = self.stem(channels)  # [B, C, Z, Y, X]
        levels = []
        for down in self.down:
            x = down(x)  # Y and X: the same, 1/2, 1/4, 1/8, 1/16; Z: the same, the same, the same, 1/2, 1/4
            levels.append(x)
        x = levels.pop()
        for up, merge in zip(reversed(self.up), reversed(self.merge), strict=True):
            skip = levels.pop()
            x = F.interpolate(up(x), skip.shape[2:], mode="trilinear", align_corners=not self.pads)
            x = merge(skip + x)
        return self.head(x)


class Residual(nn.Module):
    """x + two convolutions of it, activated together."""

    def __init__(self, channels, kernel):
        super().__init__()
        self.first = conv_norm(channels, channels, kernel, 1)
        self.second = conv_norm(channels, channels, kernel, 1)[:-1]  # the sum is activated, not its part

    def forward(self, x):
        return F.elu(x + self.second(self.first(x)))


def conv_norm(in_channels, out_channels, kernel, stride):
    """Convolution, batch norm, ELU. The norm shifts, so the convolution has no bias."""
    padding = tuple(side // 2 for side in kernel)
    return nn.Sequential(
        nn.Conv3d(in_channels, out_channels, kernel, stride, padding, bias=False, padding_mode="replicate"),
        BatchNorm3d(out_channels),
        nn.ELU(),
    )
