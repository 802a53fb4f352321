"""A discriminator for each of several sizes of the image: coarse structure is judged as well as detail."""

import torch.nn.functional as F
from torch import nn


class MultiScale(nn.Module):
    """Image [B, in, Y, X] -> list of the logits of networks for it, its half, its quarter, ...: finest first.

    `one(scale)` builds the network of a scale, 0 for full size; each has weights of its own.
    """

    def __init__(self, one, scales):
        super().__init__()
        self.scales = nn.ModuleList(one(scale) for scale in range(scales))

    def forward(self, x):
        logits = []
        for number, network in enumerate(self.scales):
            judged = network(F.avg_pool2d(x, 2**number) if number else x)
            logits += judged if isinstance(judged, list) else [judged]  # `skip_patch` returns a list itself
        return logits
