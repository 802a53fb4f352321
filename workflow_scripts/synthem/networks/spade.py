"""The SPADE generator (Park et al. 2019) as OASIS has it (Sushko et al. 2021): masks steer every level."""

import torch
import torch.nn.functional as F
from torch import nn

from synthem.networks.conditional import ConditionalGenerator
from synthem.networks.layers import BatchNorm, spectral_norm, xavier_weights

WIDEST = 16  # times base_width


class SpadeGenerator(ConditionalGenerator):
    """Conditions [B, in, Y, X], one-hot classes, -> image [B, out, Y, X] in [-1, 1].

    Published with base_width 64, depth 5, noise_channels 64 (OASIS; SPADE has none). Its own noise is one
    vector per image, as OASIS trains it; noise that differs from place to place changes the image in places.
    """

    def __init__(self, in_channels, out_channels, base_width, depth, noise_channels=0):
        super().__init__()
        self.noise_channels, self.multiple = noise_channels, 2**depth
        conditions = in_channels + noise_channels
        widths = [base_width * min(2**level, WIDEST) for level in reversed(range(depth + 2))]
        self.stem = nn.Conv2d(conditions, widths[0], 3, padding=1)
        self.blocks = nn.ModuleList(
            SpadeBlock(before, after, conditions, 2 * base_width)
            for before, after in zip(widths[:-1], widths[1:], strict=True)
        )
        self.head = nn.Conv2d(widths[-1], out_channels, 3, padding=1)
        self.apply(xavier_weights)
        self.blocks.apply(bounded)

    def own_noise(self, conditions):
        noise = conditions.new_zeros(len(conditions), self.noise_channels, 1, 1)
        return noise.normal_() if self.training else noise

    def on_grid(self, conditions):
        x = self.stem(conditions[..., :: self.multiple, :: self.multiple])  # [B, C, Y/2^depth, X/2^depth]
        for number, block in enumerate(self.blocks):
            x = block(F.interpolate(x, scale_factor=2) if number else x, conditions)
        return torch.tanh(self.head(F.leaky_relu(x, 0.2)))


class SpadeBlock(nn.Module):
    """x + two steered convolutions of it: [B, in, Y, X] -> [B, out, Y, X]."""

    def __init__(self, in_channels, out_channels, conditions, hidden):
        super().__init__()
        between = min(in_channels, out_channels)
        self.norm1 = Spade(in_channels, conditions, hidden)
        self.conv1 = nn.Conv2d(in_channels, between, 3, padding=1)
        self.norm2 = Spade(between, conditions, hidden)
        self.conv2 = nn.Conv2d(between, out_channels, 3, padding=1)
        self.past = None
        if in_channels != out_channels:
            self.norm_past = Spade(in_channels, conditions, hidden)
            self.past = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x, conditions):
        y = self.conv1(F.leaky_relu(self.norm1(x, conditions), 0.2))
        y = self.conv2(F.leaky_relu(self.norm2(y, conditions), 0.2))
        return y + (x if self.past is None else self.past(self.norm_past(x, conditions)))


class Spade(nn.Module):
    """Normalised features, scaled and shifted as the conditions of each place demand."""

    def __init__(self, channels, conditions, hidden):
        super().__init__()
        self.norm = BatchNorm(channels, affine=False)
        self.shared = nn.Conv2d(conditions, hidden, 3, padding=1)
        self.scale = nn.Conv2d(hidden, channels, 3, padding=1)
        self.shift = nn.Conv2d(hidden, channels, 3, padding=1)

    def forward(self, x, conditions):
        here = F.relu(self.shared(F.interpolate(conditions, x.shape[2:])))  # nearest: one-hot stays one-hot
        return self.norm(x) * (1 + self.scale(here)) + self.shift(here)


def bounded(module):
    """Spectral norm for a block's own convolutions, not for those that read the conditions."""
    if isinstance(module, SpadeBlock):
        for convolution in (module.conv1, module.conv2, module.past):
            if convolution is not None:
                spectral_norm(convolution)
