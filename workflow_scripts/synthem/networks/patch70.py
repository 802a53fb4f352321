"""The discriminator of pix2pix (Isola et al. 2017), with instance norm: real or fake, patch by patch."""

from torch import nn

from synthem.networks.layers import InstanceNorm, small_weights, zeros_to


class Patch70(nn.Module):
    """Image and condition [B, in, Y, X] -> logits [B, 1, ~Y/8, ~X/8], each of a patch of 70 x 70 pixels.

    Published with base_width 64.
    """

    def __init__(self, in_channels, base_width):
        super().__init__()
        widths = [base_width, 2 * base_width, 4 * base_width, 8 * base_width]
        layers = [nn.Conv2d(in_channels, base_width, 4, 2, 1), nn.LeakyReLU(0.2)]
        for before, after, stride in zip(widths[:-1], widths[1:], (2, 2, 1), strict=True):
            layers += [nn.Conv2d(before, after, 4, stride, 1), InstanceNorm(after), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(widths[-1], 1, 4, 1, 1))
        self.apply(small_weights)

    def forward(self, x):
        return self.layers(zeros_to(x, 24))  # less would vanish in the two convolutions without a stride
