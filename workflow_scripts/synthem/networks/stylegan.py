"""StyleGAN v1 (Karras et al. 2019), in rosinality's form, which the thesis used (Herreros Fraile 2021).

It draws images from nothing but random numbers. Every weight starts from N(0, 1) and is scaled in use, so
that all learn at the same pace. The paper lets the mapping network learn 100 times slower.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

from synthem.errors import SynthemError

SMALLEST = 4  # pixels: the side of the constant that every image grows from
MAPPING_LAYERS = 8


class StyleGenerator(nn.Module):
    """Latents [B, base_width] from N(0, 1) -> images [B, out, size, size].

    Trained against images in [-1, 1], but not bounded, as published. Published with base_width 512; the
    thesis: size 128. With `progressive`, it can draw at every resolution from 4 pixels on, and fade in the
    last one.
    """

    learning_rate_factors = {"mapping": 0.01}

    def __init__(self, out_channels, base_width, size=128, progressive=False):
        super().__init__()
        self.sides = sides_up_to(size)
        widths = [width_at(side, base_width) for side in self.sides]
        mapping = [PixelNorm()]
        for _ in range(MAPPING_LAYERS):
            mapping += [EqualLinear(base_width, base_width), nn.LeakyReLU(0.2)]
        self.mapping = nn.Sequential(*mapping)
        self.blocks = nn.ModuleList([ConstantBlock(widths[0], base_width)])
        for before, after in zip(widths[:-1], widths[1:], strict=True):
            self.blocks.append(StyledBlock(before, after, base_width))
        self.heads = nn.ModuleDict(
            {
                str(side): EqualConv(width, out_channels, 1)
                for side, width in zip(self.sides, widths, strict=True)
                if progressive or side == size
            }
        )

    def forward(self, latents, noise=None, side=None, alpha=1.0):
        return self.draw(self.styles(latents), noise, side, alpha)

    def styles(self, latents):
        """One style per block and image: [B, blocks, base_width], at first the same for all blocks."""
        return self.mapping(latents)[:, None].expand(-1, len(self.blocks), -1)

    def draw(self, styles, noise=None, side=None, alpha=1.0):
        """Images of styles. noise: a [B, 1, side, side] for each side 4, 8, ...; None draws it from N(0, 1).

        With alpha < 1 the image of half the side shines through: 0 shows nothing but that.
        """
        side = self.sides[-1] if side is None else side
        if noise is None:
            noise = [styles.new_empty(len(styles), 1, s, s).normal_() for s in self.sides if s <= side]
        x = None
        for number in range(self.sides.index(side) + 1):
            before, x = x, self.blocks[number](x, styles[:, number], noise[number])
        image = self.heads[str(side)](x)
        if alpha < 1:
            coarse = F.interpolate(self.heads[str(side // 2)](before), scale_factor=2)
            image = (1 - alpha) * coarse + alpha * image
        return image


class LabelMapGenerator(StyleGenerator):
    """A StyleGAN of label maps: of each pixel the probabilities p of its classes, as 2 p - 1.

    So they are what means of real maps are, a channel for each class: a discriminator cannot tell them by
    values that no map has.
    """

    def draw(self, styles, noise=None, side=None, alpha=1.0):
        return 2 * super().draw(styles, noise, side, alpha).softmax(dim=1) - 1


def truncated(styles, mean, strength):
    """Styles [B, blocks, W] drawn towards the mean style: 1 leaves them, 0 is the mean.

    Fewer flaws for less variety. mean: `generator.styles(latents).mean(0)` of many latents.
    """
    return mean + strength * (styles - mean)


def mixed(first, second, crossover):
    """The first styles for the blocks before `crossover` (coarse structure), the second for the others."""
    return torch.cat([first[:, :crossover], second[:, crossover:]], dim=1)


class StyleDiscriminator(nn.Module):
    """Images [B, in, size, size] -> one logit each [B, 1]; with `progressive`, of side 4, 8, ... or size."""

    def __init__(self, in_channels, base_width, size=128, progressive=False):
        super().__init__()
        self.sides = sides_up_to(size)
        widths = [width_at(side, base_width) for side in self.sides]
        self.stems = nn.ModuleDict(
            {
                str(side): nn.Sequential(EqualConv(in_channels, width, 1), nn.LeakyReLU(0.2))
                for side, width in zip(self.sides, widths, strict=True)
                if progressive or side == size
            }
        )
        self.blocks = nn.ModuleList(
            HalvingBlock(fine, coarse) for coarse, fine in zip(widths[:-1], widths[1:], strict=True)
        )
        self.deviation = BatchDeviation()
        self.last = nn.Sequential(
            EqualConv(widths[0] + 1, base_width, 3),
            nn.LeakyReLU(0.2),
            EqualConv(base_width, base_width, SMALLEST, padding=0),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            EqualLinear(base_width, 1),
        )

    def forward(self, image, alpha=1.0):
        side = self.side_of(image)
        x = self.stems[str(side)](image)
        for number in range(self.sides.index(side), 0, -1):
            x = self.blocks[number - 1](x)  # [B, C, Y/2, X/2]
            if alpha < 1 and side == self.sides[number]:
                x = (1 - alpha) * self.stems[str(side // 2)](F.avg_pool2d(image, 2)) + alpha * x
        return self.last(self.deviation(x))

    def side_of(self, image):
        height, width = image.shape[-2:]
        if height != width or str(height) not in self.stems:
            raise SynthemError(
                "CONFIG_VALUE",
                "stylegan.network.size",
                f"an image of {height} x {width} pixels",
                expected=f"squares with a side of {', '.join(self.stems)} pixels",
                fix="set it to the side of the images",
            )
        return height


class BatchDeviation(nn.Module):
    """Joins a channel with the deviation within the batch, low where fakes are alike: [B, C + 1, Y, X]."""

    def forward(self, x):
        deviation = (self.variance(x) + 1e-8).sqrt().mean()
        return torch.cat([x, deviation.expand(len(x), 1, *x.shape[2:])], dim=1)

    def variance(self, x):
        return x.var(dim=0, unbiased=False)


def sides_up_to(size):
    """4, 8, 16, ..., size."""
    if size < SMALLEST or size & (size - 1):
        raise SynthemError(
            "CONFIG_VALUE",
            "stylegan.network.size",
            str(size),
            expected="4, 8, 16, ...",
            fix="choose a power of two",
        )
    return [2**power for power in range(2, size.bit_length())]


def width_at(side, base_width):
    """Features: all of base_width up to a side of 32, half as many for each doubling."""
    return max(base_width * 32 // max(side, 32), 1)


class ConstantBlock(nn.Module):
    """Where every image starts: the same learnt 4x4 features."""

    def __init__(self, channels, style_width):
        super().__init__()
        self.constant = nn.Parameter(torch.randn(1, channels, SMALLEST, SMALLEST))
        self.first = Styled(channels, style_width)
        self.conv = EqualConv(channels, channels, 3)
        self.second = Styled(channels, style_width)

    def forward(self, _, style, noise):
        x = self.first(self.constant, style, noise)
        return self.second(self.conv(x), style, noise)


class StyledBlock(nn.Module):
    """Twice the side: [B, in, Y, X] -> [B, out, 2Y, 2X]."""

    def __init__(self, in_channels, out_channels, style_width):
        super().__init__()
        self.grow = EqualConv(in_channels, out_channels, 3)
        self.first = Styled(out_channels, style_width)
        self.conv = EqualConv(out_channels, out_channels, 3)
        self.second = Styled(out_channels, style_width)

    def forward(self, x, style, noise):
        x = self.first(blurred(self.grow(F.interpolate(x, scale_factor=2))), style, noise)
        return self.second(self.conv(x), style, noise)


class Styled(nn.Module):
    """Noise, leaky ReLU, and the style's mean and deviation for each feature (AdaIN)."""

    def __init__(self, channels, style_width):
        super().__init__()
        self.noise_weight = nn.Parameter(torch.zeros(channels, 1, 1))  # no noise at the start
        self.noise_scale = math.sqrt(2 / channels)
        self.style = EqualLinear(style_width, 2 * channels)
        nn.init.ones_(self.style.bias[:channels])

    def forward(self, x, style, noise):
        x = F.leaky_relu(x + self.noise_scale * self.noise_weight * noise, 0.2)  # [B, C, Y, X]
        deviation, mean = self.style(style)[..., None, None].chunk(2, dim=1)  # [B, C, 1, 1]
        return deviation * F.instance_norm(x) + mean


class HalvingBlock(nn.Module):
    """Half the side: [B, in, Y, X] -> [B, out, Y/2, X/2]."""

    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.first = EqualConv(in_channels, out_channels, 3)
        self.second = EqualConv(out_channels, out_channels, 3)

    def forward(self, x):
        x = F.leaky_relu(self.first(x), 0.2)
        return F.leaky_relu(F.avg_pool2d(self.second(blurred(x)), 2), 0.2)


def blurred(x):
    """Weights 1/4, 1/2, 1/4 along both axes, i.e. two sums of neighbours; beyond the border lie zeros."""
    x = F.pad(x, (1, 1, 1, 1))  # sums of views: a pooling with stride 1 takes four times as long
    for _ in range(2):
        x = x[..., 1:] + x[..., :-1]
        x = x[..., 1:, :] + x[..., :-1, :]
    return x / 16


class PixelNorm(nn.Module):
    def forward(self, x):
        return x * (x.square().mean(dim=1, keepdim=True) + 1e-8).rsqrt()


class EqualConv(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, padding=None):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        self.scale = math.sqrt(2 / (in_channels * kernel**2))
        self.padding = kernel // 2 if padding is None else padding

    def forward(self, x):
        return F.conv2d(x, self.weight * self.scale, self.bias, padding=self.padding)


class EqualLinear(nn.Module):
    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out_features, in_features))
        self.bias = nn.Parameter(torch.zeros(out_features))
        self.scale = math.sqrt(2 / in_features)

    def forward(self, x):
        return F.linear(x, self.weight * self.scale, self.bias)
