"""A U-Net generator without the grid of transposed convolutions, and with grain of its own."""

import torch
import torch.nn.functional as F
from torch import nn

from synthem.networks.conditional import ConditionalGenerator
from synthem.networks.layers import InstanceNorm, small_weights


class ResizeUNet(ConditionalGenerator):
    """Conditions [B, in, Y, X] in [-1, 1] -> image [B, out, Y, X] in [-1, 1], by resize-convolutions.

    A transposed convolution reaches some pixels with more of its weights than others, which shows as a grid
    (Odena et al. 2016). Here features are interpolated to twice the size, then convolved. Unlike pix2pix, it
    computes at full size, too: there, noise channels become the grain of a microscope's images.
    """

    def __init__(self, in_channels, out_channels, base_width, depth, noise_channels=0):
        super().__init__()
        self.noise_channels, self.multiple = noise_channels, 2**depth
        widths = [base_width * min(2**level, 8) for level in range(depth + 1)]
        self.stem = nn.Conv2d(in_channels + noise_channels, base_width, 3, padding=1)
        self.down = nn.ModuleList(
            down_level(before, after, innermost=level == depth - 1)
            for level, (before, after) in enumerate(zip(widths[:-1], widths[1:], strict=True))
        )
        self.up = nn.ModuleList(UpLevel(widths[level + 1], widths[level]) for level in reversed(range(depth)))
        self.head = nn.Sequential(nn.LeakyReLU(0.2), nn.Conv2d(base_width, out_channels, 3, padding=1))
        self.apply(small_weights)

    def on_grid(self, conditions):
        x, skips = self.stem(conditions), []
        for down in self.down:
            skips.append(x)
            x = down(x)  # [B, C, Y/2, X/2]
        for up in self.up:
            x = up(x, skips.pop())  # [B, C, 2Y, 2X]
        return torch.tanh(self.head(x))


def down_level(in_channels, out_channels, *, innermost):
    """To half the size; the innermost, of 1 x 1 pixels for small patches, has nothing to normalise."""
    norm = nn.Identity() if innermost else InstanceNorm(out_channels)
    return nn.Sequential(nn.LeakyReLU(0.2), nn.Conv2d(in_channels, out_channels, 4, 2, 1), norm)


class UpLevel(nn.Module):
    """Features [B, in, Y, X] and what was seen at twice the size -> [B, out, 2Y, 2X]."""

    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.narrow = nn.Conv2d(in_channels, out_channels, 1)  # before it is resized: a quarter of the work
        self.merge = nn.Conv2d(2 * out_channels, out_channels, 3, padding=1)
        self.norm = InstanceNorm(out_channels)

    def forward(self, x, skip):
        x = F.interpolate(self.narrow(F.leaky_relu(x, 0.2)), scale_factor=2, mode="bilinear")
        return self.norm(self.merge(F.leaky_relu(torch.cat([x, skip], dim=1), 0.2)))
