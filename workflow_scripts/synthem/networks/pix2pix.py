"""The U-Net generator of pix2pix (Isola et al. 2017) with the instance norm of paper 1."""

import torch
from torch import nn

from synthem.networks.layers import InstanceNorm, pad_to_multiple

DROPOUT_LEVELS = 3  # of the decoder, from the innermost on: the only source of chance


class Pix2PixGenerator(nn.Module):
    """Conditions [B, in, Y, X] in [-1, 1] -> image [B, out, Y, X] in [-1, 1], for any size."""

    def __init__(self, in_channels, out_channels, base_width, depth, dropout):
        super().__init__()
        widths = [base_width * min(2**level, 8) for level in range(depth)]
        self.multiple = 2**depth  # sizes that need no padding
        self.down = nn.ModuleList(
            encoder_level(before, after, first=level == 0, innermost=level == depth - 1)
            for level, (before, after) in enumerate(zip([in_channels, *widths[:-1]], widths, strict=True))
        )
        self.up = nn.ModuleList(
            decoder_level(
                widths[level] if level == depth - 1 else 2 * widths[level],
                widths[level - 1],
                dropout=dropout if depth - level <= DROPOUT_LEVELS else 0,
            )
            for level in range(depth - 1, 0, -1)
        )
        self.head = nn.ConvTranspose2d(2 * widths[0] if depth > 1 else widths[0], out_channels, 4, 2, 1)
        self.apply(pix2pix_weights)

    def forward(self, conditions):
        height, width = conditions.shape[-2:]
        x = pad_to_multiple(conditions, self.multiple)
        skips = []
        for down in self.down:
            x = down(x)  # [B, C, Y/2, X/2]
            skips.append(x)
        x = skips.pop()
        for up in self.up:
            x = torch.cat([up(x), skips.pop()], dim=1)  # [B, 2C, 2Y, 2X]
        return torch.tanh(self.head(torch.relu(x)))[..., :height, :width]


def encoder_level(in_channels, out_channels, *, first, innermost):
    """Leaky ReLU, convolution to half the size, norm; the first has nothing to activate, the innermost
    (1x1 at the paper's size) nothing to normalise."""
    return nn.Sequential(
        nn.Identity() if first else nn.LeakyReLU(0.2),
        nn.Conv2d(in_channels, out_channels, 4, 2, 1),
        nn.Identity() if first or innermost else InstanceNorm(out_channels),
    )


def decoder_level(in_channels, out_channels, *, dropout):
    """ReLU, transposed convolution to twice the size, norm, dropout."""
    return nn.Sequential(
        nn.ReLU(),
        nn.ConvTranspose2d(in_channels, out_channels, 4, 2, 1),
        InstanceNorm(out_channels),
        nn.Dropout(dropout),
    )


def pix2pix_weights(module):
    """Weights from N(0, 0.02), as in the paper; no bias at the start."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0, 0.02)
        nn.init.zeros_(module.bias)


# The one place that turns the config's word into a generator.
GENERATORS = {"pix2pix": Pix2PixGenerator}
