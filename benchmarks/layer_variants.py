"""Layers of a training step in another form, for gpu_variants.py: all compute the same, but for rounding."""

from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from unittest.mock import patch

import torch
import torch.nn.functional as F
from gpu import SMOKE
from torch import nn

from synthem.networks.layers import CONVOLUTIONS, BatchNorm, InstanceNorm

EIGHT = 8  # channels that a tensor core takes at once, in 16 bits
FORMS = 64  # of one function that may be compiled: a network has a dozen shapes
CHANNELS_LAST = torch.channels_last


@contextmanager
def channels_in_eights():
    """Images and maps have one or two channels, for which cuDNN has slow kernels alone: zeros join them."""
    convolved, grown = nn.Conv2d._conv_forward, nn.ConvTranspose2d.forward

    def convolve(layer, x, weight, bias):
        more, more_out = missing(layer)
        if not (more or more_out):
            return convolved(layer, x, weight, bias)
        weight = F.pad(weight, (0, 0, 0, 0, 0, more, 0, more_out))
        return convolved(layer, filled(x, more), weight, lengthened(bias, more_out))[:, : layer.out_channels]

    def grow(layer, x, output_size=None):
        more, more_out = missing(layer)
        if not (more or more_out):
            return grown(layer, x, output_size)
        weight = F.pad(layer.weight, (0, 0, 0, 0, 0, more_out, 0, more))
        how = lengthened(layer.bias, more_out), layer.stride, layer.padding
        return F.conv_transpose2d(filled(x, more), weight, *how)[:, : layer.out_channels]

    with (
        patch.object(nn.Conv2d, "_conv_forward", convolve),
        patch.object(nn.ConvTranspose2d, "forward", grow),
    ):
        yield


def missing(layer):
    return -layer.in_channels % EIGHT, -layer.out_channels % EIGHT


def filled(x, more):
    return F.pad(x, (0, 0, 0, 0, 0, more)).contiguous(memory_format=CHANNELS_LAST)


def lengthened(bias, more):
    return bias if bias is None else F.pad(bias, (0, more))


def without_idle_biases(task):
    """An instance norm takes away what a bias before it adds: its gradient is 0, for a pass over memory."""
    for net in (task.generator, task.discriminator):
        for layers in [module for module in net.modules() if isinstance(module, nn.Sequential)]:
            for layer, norm in pairwise(layers):
                if isinstance(layer, CONVOLUTIONS) and isinstance(norm, InstanceNorm):
                    layer.bias = None


@contextmanager
def grown_by_products():
    """Twice the side by kernels of 2 x 2 pixels: a product of matrices, its numbers put in their places."""
    grown = nn.ConvTranspose2d.forward

    def grow(layer, x, output_size=None):
        if (layer.kernel_size, layer.stride, layer.padding) != ((2, 2), (2, 2), (0, 0)):
            return grown(layer, x, output_size)
        batch, channels, height, width = x.shape
        pixels = x.permute(0, 2, 3, 1).reshape(-1, channels)
        matrix = layer.weight.permute(0, 2, 3, 1).reshape(channels, -1)  # [in, 2 * 2 * out]
        y = torch.addmm(layer.bias.repeat(4), pixels, matrix).view(batch, height, width, 2, 2, -1)
        y = y.permute(0, 1, 3, 2, 4, 5).reshape(batch, 2 * height, 2 * width, -1)
        return y.permute(0, 3, 1, 2)

    with patch.object(nn.ConvTranspose2d, "forward", grow):
        yield


@contextmanager
def norms_compiled():
    """Each batch norm with the ReLU behind it as few kernels; convolutions stay cuDNN's."""
    with compiled(normed_and_cut) as function:

        def forward(norm, x):
            state = (norm.running_mean, norm.running_var, norm.weight, norm.bias)
            return function(x, *state, norm.eps)

        with (
            patch.object(BatchNorm, "forward", forward),
            patch.object(nn.ReLU, "forward", lambda layer, x: x),
        ):
            yield


def normed_and_cut(x, mean, variance, weight, bias, eps):
    return F.relu(F.batch_norm(x, mean, variance, weight, bias, True, 0.1, eps))


@contextmanager
def instance_norms_compiled():
    """torch brings channels in another order before them, and back after; a kernel of its own need not."""
    with compiled(normed) as function:

        def forward(norm, x):
            return x if x.shape[-2:].numel() == 1 else function(x, norm.eps)

        with patch.object(InstanceNorm, "forward", forward):
            yield


def normed(x, eps):
    exact = x.float()
    variance, mean = torch.var_mean(exact, (2, 3), correction=0, keepdim=True)
    return ((exact - mean) * (variance + eps).rsqrt()).to(x.dtype)


@contextmanager
def compiled(function):
    """The function as torch's compiler makes it, for each shape anew."""
    import torch._dynamo  # seconds, which no other variant has to wait for

    make = partial(torch.compile, dynamic=False, backend="eager" if SMOKE else "inductor")
    with torch._dynamo.config.patch(recompile_limit=FORMS):
        yield make(function)
