"""Pieces that several networks share."""

import torch.nn.functional as F
from torch import nn


def pad_to_multiple(x, multiple):
    """Mirror [B, C, Y, X] at the lower and right border until both sizes are multiples.

    A border that is longer than the image cannot be mirrored: it repeats the last row instead.
    """
    height, width = x.shape[-2:]
    below, right = -height % multiple, -width % multiple
    if below:
        x = F.pad(x, (0, 0, 0, below), mode="reflect" if below < height else "replicate")
    if right:
        x = F.pad(x, (0, right, 0, 0), mode="reflect" if right < width else "replicate")
    return x


class BatchNorm(nn.BatchNorm2d):
    """Batch norm that survives a single value per channel (1x1 bottleneck, batch 1): no variance is defined
    there, so the running statistics take its place."""

    def forward(self, x):
        if self.training and x.numel() == x.shape[1]:
            return F.batch_norm(
                x, self.running_mean, self.running_var, self.weight, self.bias, False, 0.0, self.eps
            )
        return super().forward(x)


class InstanceNorm(nn.InstanceNorm2d):
    """Instance norm without weights; a 1x1 map, which it would turn into zeros, passes as it is."""

    def __init__(self, channels):
        super().__init__(channels, affine=False)

    def forward(self, x):
        return x if x.shape[-2:].numel() == 1 else super().forward(x)
