"""pix2pix with 5x5 convolutions (yenchenlin's for TensorFlow), as Allender et al. (about 2020) used it."""

from torch import nn

from synthem.networks.conditional import UNetGenerator
from synthem.networks.layers import BatchNorm, pool_to, small_weights

GRID = 32  # side of what the discriminator's last layer sees of a 256 x 256 image


class ModeSeekingGenerator(UNetGenerator):
    """Published with a mask and a structure map, base_width 64, depth 8, dropout 0.5."""

    def __init__(self, in_channels, out_channels, base_width, depth, dropout, noise_channels=0):
        super().__init__(in_channels, out_channels, base_width, depth, dropout, noise_channels)
        self.apply(small_weights)
        self.down.apply(truncated_weights)

    def encoder_level(self, in_channels, out_channels, *, first, innermost):
        return nn.Sequential(
            nn.Identity() if first else nn.LeakyReLU(0.2),
            nn.Conv2d(in_channels, out_channels, 5, 2, 2),
            nn.Identity() if first else BatchNorm(out_channels),
        )

    def decoder_level(self, in_channels, out_channels, *, dropout):
        return nn.Sequential(
            nn.ReLU(),
            nn.ConvTranspose2d(in_channels, out_channels, 5, 2, 2, output_padding=1),
            BatchNorm(out_channels),
            nn.Dropout(dropout),
        )

    def last_level(self, in_channels, out_channels):
        return nn.Sequential(
            nn.ReLU(), nn.ConvTranspose2d(in_channels, out_channels, 5, 2, 2, output_padding=1)
        )


class ModeSeekingDiscriminator(nn.Module):
    """Image [B, in, Y, X] -> one logit each [B, 1]. The paper shows it no condition: that collapsed less.

    The last layer sees 32x32 features: all there are of the paper's 256x256 pixels, means of those of others.
    """

    def __init__(self, in_channels, base_width):
        super().__init__()
        widths = [base_width, 2 * base_width, 4 * base_width, 8 * base_width]
        layers = [nn.Conv2d(in_channels, base_width, 5, 2, 2), nn.LeakyReLU(0.2)]
        for before, after, stride in zip(widths[:-1], widths[1:], (2, 2, 1), strict=True):
            layers += [nn.Conv2d(before, after, 5, stride, 2), BatchNorm(after), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers)
        self.head = nn.Linear(widths[-1] * GRID**2, 1)
        self.apply(small_weights)
        self.layers.apply(truncated_weights)

    def forward(self, image):
        x = self.layers(image)  # [B, 8C, Y/8, X/8]
        return self.head(pool_to(x, GRID).flatten(1))


def truncated_weights(module):
    """For `net.apply`: weights from N(0, 0.02) within two deviations, as TensorFlow draws them."""
    if isinstance(module, nn.Conv2d):
        nn.init.trunc_normal_(module.weight, 0, 0.02, -0.04, 0.04)
