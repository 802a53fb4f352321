"""Inception v3 (Szegedy 2015) with the names of torchvision, for a file of its weights that a user may have.

23,834,568 weights without the auxiliary classifier, which only training needs: here it does not learn.
"""

import torch
import torch.nn.functional as F
from torch import nn

from synthem.errors import SynthemError

SMALLEST = 75  # pixels: less does not reach the last layer
KEY = "Mixed_7c.branch_pool.conv.weight"  # by which a file of such weights is known


class Convolution(nn.Module):
    def __init__(self, in_channels, out_channels, kernel, stride=1, padding=0):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(out_channels, eps=0.001)

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)))


class Mixed(nn.Module):
    """Chains of convolutions side by side, whose results are stacked along the channels.

    A chain is a list of (name, features, kernel); in place of its last there may be two, side by side.

    halves: the last of each chain takes every second pixel, and the way without weights the maximum;
    otherwise that is a mean, followed by a convolution `branch_pool` with so many features.
    """

    def __init__(self, in_channels, *chains, pool=0):
        super().__init__()
        self.chains, self.halves = [], not pool
        for chain in chains:
            width, names = in_channels, []
            for place, links in enumerate(chain, start=1):
                links = links if isinstance(links, list) else [links]
                halved = self.halves and place == len(chain)
                for name, features, kernel in links:
                    padding = 0 if halved else tuple(side // 2 for side in _pair(kernel))
                    self.add_module(name, Convolution(width, features, kernel, 1 + halved, padding))
                width = links[0][1]
                names.append([name for name, _, _ in links])
            self.chains.append(names)
        if pool:
            self.branch_pool = Convolution(in_channels, pool, 1)

    def forward(self, x):
        results = []
        for names in self.chains:
            y = x
            for (name,) in names[:-1]:
                y = getattr(self, name)(y)
            results += [getattr(self, name)(y) for name in names[-1]]
        if self.halves:
            return torch.cat([*results, F.max_pool2d(x, 3, 2)], 1)
        return torch.cat([*results, self.branch_pool(F.avg_pool2d(x, 3, 1, 1))], 1)


def _pair(kernel):
    return kernel if isinstance(kernel, tuple) else (kernel, kernel)


def _a(in_channels, pool):
    return Mixed(
        in_channels,
        [("branch1x1", 64, 1)],
        [("branch5x5_1", 48, 1), ("branch5x5_2", 64, 5)],
        [("branch3x3dbl_1", 64, 1), ("branch3x3dbl_2", 96, 3), ("branch3x3dbl_3", 96, 3)],
        pool=pool,
    )


def _b(in_channels):
    return Mixed(
        in_channels,
        [("branch3x3", 384, 3)],
        [("branch3x3dbl_1", 64, 1), ("branch3x3dbl_2", 96, 3), ("branch3x3dbl_3", 96, 3)],
    )


def _c(in_channels, width):
    return Mixed(
        in_channels,
        [("branch1x1", 192, 1)],
        [("branch7x7_1", width, 1), ("branch7x7_2", width, (1, 7)), ("branch7x7_3", 192, (7, 1))],
        [
            ("branch7x7dbl_1", width, 1),
            ("branch7x7dbl_2", width, (7, 1)),
            ("branch7x7dbl_3", width, (1, 7)),
            ("branch7x7dbl_4", width, (7, 1)),
            ("branch7x7dbl_5", 192, (1, 7)),
        ],
        pool=192,
    )


def _d(in_channels):
    return Mixed(
        in_channels,
        [("branch3x3_1", 192, 1), ("branch3x3_2", 320, 3)],
        [
            ("branch7x7x3_1", 192, 1),
            ("branch7x7x3_2", 192, (1, 7)),
            ("branch7x7x3_3", 192, (7, 1)),
            ("branch7x7x3_4", 192, 3),
        ],
    )


def _e(in_channels):
    return Mixed(
        in_channels,
        [("branch1x1", 320, 1)],
        [("branch3x3_1", 384, 1), [("branch3x3_2a", 384, (1, 3)), ("branch3x3_2b", 384, (3, 1))]],
        [
            ("branch3x3dbl_1", 448, 1),
            ("branch3x3dbl_2", 384, 3),
            [("branch3x3dbl_3a", 384, (1, 3)), ("branch3x3dbl_3b", 384, (3, 1))],
        ],
        pool=192,
    )


class Inception(nn.Module):
    """Images [B, in_channels, Y, X] in [-1, 1] -> logits [B, 1000] of ImageNet's classes."""

    def __init__(self, in_channels):
        super().__init__()
        self.Conv2d_1a_3x3 = Convolution(in_channels, 32, 3, 2)
        self.Conv2d_2a_3x3 = Convolution(32, 32, 3)
        self.Conv2d_2b_3x3 = Convolution(32, 64, 3, 1, 1)
        self.Conv2d_3b_1x1 = Convolution(64, 80, 1)
        self.Conv2d_4a_3x3 = Convolution(80, 192, 3)
        self.Mixed_5b, self.Mixed_5c, self.Mixed_5d = _a(192, 32), _a(256, 64), _a(288, 64)
        self.Mixed_6a, self.Mixed_6b = _b(288), _c(768, 128)
        self.Mixed_6c, self.Mixed_6d, self.Mixed_6e = _c(768, 160), _c(768, 160), _c(768, 192)
        self.Mixed_7a, self.Mixed_7b, self.Mixed_7c = _d(768), _e(1280), _e(2048)
        self.fc = nn.Linear(2048, 1000)

    def forward(self, x):
        if min(x.shape[2:]) < SMALLEST:
            scale = SMALLEST / min(x.shape[2:])
            x = F.interpolate(x, [round(scale * side) for side in x.shape[2:]], mode="bilinear")
        x = self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x)))
        x = self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(F.max_pool2d(x, 3, 2)))
        x = self.Mixed_5d(self.Mixed_5c(self.Mixed_5b(F.max_pool2d(x, 3, 2))))
        x = self.Mixed_6e(self.Mixed_6d(self.Mixed_6c(self.Mixed_6b(self.Mixed_6a(x)))))
        x = self.Mixed_7c(self.Mixed_7b(self.Mixed_7a(x)))
        return self.fc(x.mean(dim=(2, 3)))


def read_inception(path, in_channels):
    """The network of a file of torchvision's weights, or None where the file is no such.

    For grey images its first layer is that of one colour, as in the thesis (Herreros Fraile 2021). Nothing in
    the file is executed.
    """
    try:
        weights = torch.load(path, map_location="cpu", weights_only=True)
    except MemoryError:
        raise
    except Exception:  # it may be a file of another kind, whose reader raises the error
        return None
    if not isinstance(weights, dict) or KEY not in weights:
        return None
    first = "Conv2d_1a_3x3.conv.weight"
    own = {name: value for name, value in weights.items() if not name.startswith("AuxLogits.")}
    if in_channels == 1:
        own[first] = own[first][:, :1]
    net = Inception(in_channels)
    try:
        net.load_state_dict(own)
    except RuntimeError as error:
        raise SynthemError(
            "NETWORK_FILE",
            path,
            f"an Inception v3 of another shape: {str(error).splitlines()[-1].strip()}",
            expected="the weights of torchvision's inception_v3, 1000 classes",
            fix="name another file in pretraining.semantics, or none",
        ) from error
    return net.eval()
