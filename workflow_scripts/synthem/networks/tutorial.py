"""pix2pix as in TensorFlow's tutorial (batch norm), and the two discriminators of Wang (about 2020)."""

from torch import nn

from synthem.networks.conditional import UNetGenerator
from synthem.networks.layers import BatchNorm, pool_to, small_weights, zeros_to

SLOPE = 0.3  # of Keras' leaky ReLU
GRID = 4  # side of what the vanilla discriminator's last layer sees of a 256 x 256 image


class TutorialGenerator(UNetGenerator):
    """Published with 4 conditions and 1 noise channel, base_width 64, depth 8, dropout 0.5."""

    def __init__(self, in_channels, out_channels, base_width, depth, dropout, noise_channels=0):
        super().__init__(in_channels, out_channels, base_width, depth, dropout, noise_channels)
        self.apply(small_weights)

    def encoder_level(self, in_channels, out_channels, *, first, innermost):
        return down_block(in_channels, out_channels, 2, norm=not first)

    def decoder_level(self, in_channels, out_channels, *, dropout):
        return nn.Sequential(
            nn.ConvTranspose2d(in_channels, out_channels, 4, 2, 1, bias=False),
            keras_norm(out_channels),
            nn.Dropout(dropout),
            nn.ReLU(),
        )

    def last_level(self, in_channels, out_channels):
        return nn.ConvTranspose2d(in_channels, out_channels, 4, 2, 1)


class TutorialPatch70(nn.Module):
    """Image and condition [B, in, Y, X] -> logits [B, 1, ~Y/8, ~X/8], each of a 70x70 patch."""

    def __init__(self, in_channels, base_width):
        super().__init__()
        self.layers = nn.Sequential(
            down_block(in_channels, base_width, 2, norm=False),  # [B, C, Y/2, X/2]
            down_block(base_width, 2 * base_width, 2, norm=True),
            down_block(2 * base_width, 4 * base_width, 2, norm=True),  # [B, 4C, Y/8, X/8]
            down_block(4 * base_width, 8 * base_width, 1, norm=True),  # one pixel less
            nn.Conv2d(8 * base_width, 1, 4, 1, 1),
        )
        self.apply(small_weights)

    def forward(self, x):
        return self.layers(zeros_to(x, 24))  # less would vanish in the two convolutions without a stride


class VanillaDiscriminator(nn.Module):
    """Image and condition [B, in, Y, X] -> one logit each [B, 1].

    The last layer sees 4x4 features: all there are of the study's 256x256 pixels, means of those of others.
    """

    def __init__(self, in_channels, base_width):
        super().__init__()
        # The study's table lost one of the six 256s; its number of parameters has not.
        widths = [base_width * factor for factor in (1, 2, 4, 4, 4, 4)]
        self.layers = nn.Sequential(
            *(
                down_block(before, after, 2, norm=level > 0)
                for level, (before, after) in enumerate(zip([in_channels, *widths[:-1]], widths, strict=True))
            )
        )
        self.head = nn.Linear(widths[-1] * GRID**2, 1)
        self.apply(small_weights)

    def forward(self, x):
        x = self.layers(zeros_to(x, 64))  # [B, 4C, Y/64, X/64]
        return self.head(pool_to(x, GRID).flatten(1))


def down_block(in_channels, out_channels, stride, *, norm):
    """Convolution, batch norm, leaky ReLU."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 4, stride, 1, bias=False),
        keras_norm(out_channels) if norm else nn.Identity(),
        nn.LeakyReLU(SLOPE),
    )


def keras_norm(channels):
    return BatchNorm(channels, eps=1e-3, momentum=0.01)  # Keras writes this momentum as 0.99
