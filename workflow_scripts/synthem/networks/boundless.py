"""Boundless (Teterwak et al. 2019): a generator that extends images, and the same network as a segmenter.

Weights start as torch draws them, since neither the thesis that used it (Herreros Fraile 2021, on 257 pixels)
nor its code draws others.
"""

import torch
import torch.nn.functional as F
from torch import nn

from synthem.networks.layers import AnySize, InstanceNorm, pool_to, spectral_norm

SEMANTICS = 1000  # classes of the published Inception network that judges what the image shows
ENCODER = 8  # layers, as the thesis counts
GRID = 5  # side of what the discriminator's last convolution sees of a 257 x 257 image


class GatedConv(nn.Module):
    """A convolution whose features are multiplied with a learnt gate in [0, 1], then normalised."""

    def __init__(self, in_channels, out_channels, kernel, stride, dilation):
        super().__init__()
        padding = dilation * (kernel // 2)
        self.conv = nn.Conv2d(in_channels, 2 * out_channels, kernel, stride, padding, dilation)
        self.norm = InstanceNorm(out_channels)

    def forward(self, x):
        feature, gate = self.conv(x).chunk(2, dim=1)
        return self.norm(F.elu(feature) * torch.sigmoid(gate))


class BoundlessGenerator(AnySize):
    """Channels [B, in, Y, X] -> image [B, out, Y, X], clipped to [-1, 1].

    The paper's channels are the image without what is to be drawn, the mask of that, and ones; base_width 32.
    `layers` are its 17 in the order of the thesis: the first 8 are the encoder, where transfer starts.
    """

    multiple, pads = 4, False

    def __init__(self, in_channels, out_channels, base_width):
        super().__init__()
        c = base_width
        plan = [  # in, out, kernel, stride, dilation
            (in_channels, c, 5, 1, 1),
            (c, 2 * c, 3, 2, 1),
            (2 * c, 2 * c, 3, 1, 1),
            (2 * c, 4 * c, 3, 2, 1),
            *[(4 * c, 4 * c, 3, 1, dilation) for dilation in (1, 1, 2, 4, 8, 16, 1)],
            (8 * c, 4 * c, 3, 1, 1),  # from here on with a skip
            (8 * c, 2 * c, 3, 1, 1),
            (4 * c, 2 * c, 3, 1, 1),
            (4 * c, c, 3, 1, 1),
            (2 * c, c // 2, 3, 1, 1),
        ]
        self.layers = nn.ModuleList(GatedConv(*numbers) for numbers in plan)
        self.layers.append(nn.Conv2d(c // 2, out_channels, 3, padding=1))

    def on_grid(self, channels):
        return self.drawn(channels).clamp(-1, 1)

    def drawn(self, channels):
        x, skips = channels, []
        for layer in self.layers[:5]:
            x = layer(x)  # Y and X: the same, 1/2, 1/2, 1/4, 1/4
            skips.append(x)
        for layer in self.layers[5:11]:
            x = layer(x)  # [B, 4C, Y/4, X/4]
        for layer in self.layers[11:16]:
            x = torch.cat([x, skips.pop()], dim=1)
            if skips:  # as large as the next skip
                x = F.interpolate(x, skips[-1].shape[2:], mode="bilinear", align_corners=False)
            x = layer(x)
        return self.layers[16](x)


class BoundlessSegmenter(BoundlessGenerator):
    """Channels [B, in, Y, X] -> logits [B, out, Y, X]: the generator with nothing to draw, its mask empty.

    A generator trained on images [B, 1, Y, X] has the same weights by the same names, to start from.
    It saw grey levels in [-1, 1], and gated convolutions answer otherwise to images of another scale.
    """

    greys = "unit"

    def __init__(self, in_channels, out_channels, base_width):
        super().__init__(in_channels + 2, out_channels, base_width)

    def on_grid(self, channels):
        return self.drawn(self.seen(channels))

    def encoded(self, channels):
        """Features of the layers of the encoder, the deepest last: [B, 4C, Y/4, X/4]."""
        levels = [self.seen(channels)]
        for layer in self.layers[:ENCODER]:
            levels.append(layer(levels[-1]))
        return levels[1:]

    def seen(self, channels):
        mask = torch.zeros_like(channels[:, :1])
        return torch.cat([channels, mask, torch.ones_like(mask)], dim=1)


class BoundlessDiscriminator(nn.Module):
    """Image and mask [B, in, Y, X] -> one logit each [B, 1]. Published with base_width 64.

    semantics: features that another network finds in the real image, [B, so many]: the logit depends on how
    the image fits them. Published with the 1000 logits of an Inception network. None means zeros, that is, no
    such condition. The last convolution sees 5x5 features: all there are of 257x257 pixels, means of those of
    other sizes.
    """

    def __init__(self, in_channels, base_width, semantics=SEMANTICS):
        super().__init__()
        widths = [base_width * factor for factor in (1, 2, 4, 4, 4, 4)]
        layers = []
        for before, after in zip([in_channels, *widths[:-1]], widths, strict=True):
            layers += [spectral_norm(nn.Conv2d(before, after, 5, 2, 2)), nn.LeakyReLU()]
        self.layers = nn.Sequential(*layers)
        self.last = nn.Sequential(spectral_norm(nn.Conv2d(widths[-1], widths[-1], GRID)), nn.LeakyReLU())
        self.head = nn.Linear(widths[-1], 1, bias=False)
        self.kind = nn.Linear(semantics, widths[-1], bias=False)

    def forward(self, x, semantics=None):
        x = self.layers(x)  # [B, 4C, Y/64, X/64]
        vector = self.last(pool_to(x, GRID)).flatten(1)  # [B, 4C]
        if semantics is None:
            semantics = vector.new_zeros(len(vector), self.kind.in_features)
        kind = self.kind(F.normalize(semantics, dim=1))
        return self.head(vector) + (vector * kind).sum(dim=1, keepdim=True)
