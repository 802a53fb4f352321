"""The U-Net generator of pix2pix (Isola et al. 2017), with instance norm."""

from torch import nn

from synthem.networks.conditional import UNetGenerator
from synthem.networks.layers import InstanceNorm, small_weights


class Pix2PixGenerator(UNetGenerator):
    """Published with base_width 64, depth 8, dropout 0.5: without noise the only source of chance."""

    def __init__(self, in_channels, out_channels, base_width, depth, dropout, noise_channels=0):
        super().__init__(in_channels, out_channels, base_width, depth, dropout, noise_channels)
        self.apply(small_weights)

    def encoder_level(self, in_channels, out_channels, *, first, innermost):
        """Leaky ReLU, convolution to half the size, norm; the first has nothing to activate, the innermost
        (1x1 at the paper's size) nothing to normalise."""
        return nn.Sequential(
            nn.Identity() if first else nn.LeakyReLU(0.2),
            nn.Conv2d(in_channels, out_channels, 4, 2, 1),
            nn.Identity() if first or innermost else InstanceNorm(out_channels),
        )

    def decoder_level(self, in_channels, out_channels, *, dropout):
        """ReLU, transposed convolution to twice the size, norm, dropout."""
        return nn.Sequential(
            nn.ReLU(),
            nn.ConvTranspose2d(in_channels, out_channels, 4, 2, 1),
            InstanceNorm(out_channels),
            nn.Dropout(dropout),
        )

    def last_level(self, in_channels, out_channels):
        return nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(in_channels, out_channels, 4, 2, 1))
