"""Generators that draw an image for masks: their noise, and the skeleton of those of pix2pix."""

import torch
from torch import nn

from synthem.networks.layers import AnySize

DROPOUT_LEVELS = 3  # of the decoder, from the innermost on


class ConditionalGenerator(AnySize):
    """Conditions [B, in, Y, X] in [-1, 1] -> image [B, out, Y, X] in [-1, 1].

    With `noise_channels`, noise joins the conditions: the caller's [B, noise, Y, X] (or [B, noise, 1, 1], the
    same everywhere), else the network's own, N(0, 1) in training mode. In eval mode that is zero: there, a
    generator answers the same question with the same image.
    """

    noise_channels = 0

    def forward(self, conditions, noise=None):
        if noise is None:
            noise = self.own_noise(conditions)
        noise = noise.expand(-1, -1, *conditions.shape[2:])
        return super().forward(torch.cat([conditions, noise], dim=1))

    def own_noise(self, conditions):
        batch, _, height, width = conditions.shape
        noise = conditions.new_zeros(batch, self.noise_channels, height, width)
        return noise.normal_() if self.training else noise


class UNetGenerator(ConditionalGenerator):
    """The skeleton of pix2pix (Isola et al. 2017): `depth` times to half the size, then as often to twice the
    size, with the features of the way down. Subclasses build the levels: `encoder_level`,
    `decoder_level`, `last_level`.
    """

    def __init__(self, in_channels, out_channels, base_width, depth, dropout, noise_channels):
        super().__init__()
        self.noise_channels, self.multiple = noise_channels, 2**depth
        widths = [base_width * min(2**level, 8) for level in range(depth)]
        before = [in_channels + noise_channels, *widths[:-1]]
        self.down = nn.ModuleList(
            self.encoder_level(before[level], widths[level], first=level == 0, innermost=level == depth - 1)
            for level in range(depth)
        )
        self.up = nn.ModuleList(
            self.decoder_level(
                widths[level] if level == depth - 1 else 2 * widths[level],
                widths[level - 1],
                dropout=dropout if depth - level <= DROPOUT_LEVELS else 0,
            )
            for level in range(depth - 1, 0, -1)
        )
        self.head = self.last_level(2 * widths[0] if depth > 1 else widths[0], out_channels)

    def on_grid(self, conditions):
        x, skips = conditions, []
        for down in self.down:
            x = down(x)  # [B, C, Y/2, X/2]
            skips.append(x)
        x = skips.pop()
        for up in self.up:
            x = torch.cat([up(x), skips.pop()], dim=1)  # [B, 2C, 2Y, 2X]
        return torch.tanh(self.head(x))
