"""Networks to predict with, built as the workflow builds them."""

import torch
from torch import nn

from synthem.inference.segmenting import Segmenter
from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import build_network

CPU = torch.device("cpu")
INFERENCE = {"tile": 512, "halo": 0, "tile_slices": 64, "halo_slices": 0, "turns": 1, "precision": "fp32"}


def used(net, *size):
    """Norms that have seen data: else all probabilities are nearly equal."""
    torch.manual_seed(0)
    for _ in range(20):
        net(torch.randn(2, net.built_as["arguments"]["in_channels"], *size))
    return net.eval()


def unet(in_channels=1, out_channels=1):
    shape = {"in_channels": in_channels, "out_channels": out_channels, "base_width": 4, "depth": 2}
    return used(build_network(SEGMENTERS, "unet", seed=0, **shape), 32, 32)


def unet3d(out_channels=1, *, max_pool=True):
    shape = {"in_channels": 1, "out_channels": out_channels, "base_width": 4, "isotropic": False}
    return used(build_network(SEGMENTERS, "unet3d", seed=0, max_pool=max_pool, **shape), 8, 32, 32)


def boundless():
    return build_network(SEGMENTERS, "boundless", seed=0, in_channels=1, out_channels=1, base_width=4)


class Lopsided(nn.Module):
    """A network that sees each pixel and those right and below of it, all differently."""

    multiple, greys = 1, "standardised"

    def __init__(self, out_channels=1):
        super().__init__()
        self.built_as = {"arguments": {"out_channels": out_channels}}
        self.weight = nn.Parameter(torch.arange(4 * out_channels).reshape(out_channels, 1, 2, 2) - 1.4)

    def forward(self, x):
        return nn.functional.conv2d(nn.functional.pad(x, (0, 1, 0, 1)), self.weight)


def segmenter(net, **changed):
    return Segmenter(net, device=CPU, **INFERENCE | changed)


def predict(net, channels, **changed):
    """Probabilities of a whole stack: each slice by itself, or all seen together by a 3-D network."""
    ours = segmenter(net, **changed)
    depth = len(channels[0])
    parts = [
        ours.probabilities([channel[seen] for channel in channels])[inner]
        for seen, inner, _ in ours.cuts(depth)
    ]
    return torch.cat([torch.from_numpy(part) for part in parts]).numpy()
