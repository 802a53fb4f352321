"""Features of an image by a frozen network, which condition the discriminator of Boundless.

Boundless was published with an Inception network, which has learnt on photographs: a user may give a file of
its weights. A network of this workflow has learnt on electron microscopy.
"""

import torch
import torch.nn.functional as F
from torch import nn

from synthem.errors import SynthemError
from synthem.networks.inception import read_inception
from synthem.networks.layers import pad_to_multiple
from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import load_network


def semantics_of(path, *, colours):
    """Images [B, colours, Y, X] -> features [B, length], by the network of a file of either kind."""
    inception = read_inception(path, colours)
    return Classes(inception, path) if inception else Semantics(path, colours=colours)


class Classes(nn.Module):
    """Images [B, colours, Y, X] in [-1, 1] -> [B, 1000]: logits of an Inception network, as published."""

    def __init__(self, net, path):
        super().__init__()
        self.net, self.path = net.requires_grad_(False), path
        self.length = net.fc.out_features

    def __str__(self):
        return f"{self.length} logits of the Inception network of {self.path}"

    @torch.no_grad()
    def forward(self, image):
        return self.net(image)


class Semantics(nn.Module):
    """Images [B, colours, Y, X] in [-1, 1] -> [B, length]: means of the deepest features of an encoder.

    path: a network.pt of a segmenter, of which only the encoder is used. Grey levels are standardised as it
    has learnt them, but by the statistics of the patch. A mask that it knows beside the image is empty.
    """

    def __init__(self, path, *, colours):
        super().__init__()
        net = load_network(path, SEGMENTERS).requires_grad_(False)
        channels = net.built_as["arguments"]["in_channels"]
        self.masks = channels - colours
        if self.masks not in (0, 1) or not hasattr(net, "encoded"):
            raise SynthemError(
                "NETWORK_FILE",
                path,
                f"network '{net.built_as['name']}' with {channels} input channels",
                expected=f"unet or boundless, for {colours} channels of an image and at most a mask",
                fix="name another file in pretraining.semantics, or none",
            )
        self.net, self.path = net, path
        self.length = self(torch.zeros(1, colours, 32, 32)).shape[1]

    def __str__(self):
        return f"the mean of each of {self.length} features of the encoder of {self.path}"

    @torch.no_grad()
    def forward(self, image):
        seen = image if self.net.greys == "unit" else F.instance_norm(image)
        masks = image.new_zeros(len(image), self.masks, *image.shape[2:])
        channels = pad_to_multiple(torch.cat([seen, masks], dim=1), self.net.multiple)
        return self.net.encoded(channels)[-1].mean(dim=(2, 3))
