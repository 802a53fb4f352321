"""A discriminator of a segmenter's maps, so that they come to look like true ones (adversarial U-Net)."""

import torch
import torch.nn.functional as F

from synthem.compute.collectives import all_gather, shard
from synthem.compute.precision import computing_in
from synthem.networks.registry import DISCRIMINATORS
from synthem.networks.saving import build_network
from synthem.seeds import derived_seed
from synthem.training.optimiser import NO_AVERAGE, Optimiser

STEADY = {"betas": (0.5, 0.999), "epsilon": 1e-8, "schedule": {"kind": "constant"}, "clip_norm": 0}


def build_adversary(kind, *, channels, base_width, seed):
    """Image and map [B, channels, Y, X] -> logits, positive where the map looks true."""
    own = derived_seed(seed, "adversary")
    return build_network(DISCRIMINATORS, kind, seed=own, in_channels=channels, base_width=base_width)


class Adversary:
    """An adversarial loss for a segmenter, and the discriminator of predicted from true maps behind it.

    With x the image, y the true map, p = sigmoid(logits) and D in (0, 1), the discriminator steps down
    (-mean log D(x, y) - mean log(1 - D(x, p))) / 2, and the loss of the segmenter gets
    -weight mean log D(x, p) (Goodfellow 2014; of maps: Luc 2016). An open border is seen as a whole: the
    cross entropy of each voxel hardly minds it.

    Maps are given to D as 2 y - 1 and 2 p - 1; where a voxel is not known both are 0, so that it shows
    nothing and nothing is learnt from it. Slices of a deep patch are judged one by one.
    """

    def __init__(self, net, *, steps, precision, weight, learning_rate):
        self.net, self.weight = net.train(), weight
        self.precision, self.device = precision, next(net.parameters()).device
        self.optimiser = Optimiser(net, steps=steps, learning_rate=learning_rate, ema=NO_AVERAGE, **STEADY)
        self.parts = {f"adversary_{name}": part for name, part in self.optimiser.parts.items()}

    def step(self, channels, logits, target, known):
        """Learn from one batch, all [B, C, (Z,) Y, X]; {name: its loss}."""
        self.net.requires_grad_(True)
        real = self.judged(channels, target, known)
        found = self.judged(channels, torch.sigmoid(logits.detach()), known)
        loss = (looks(real, true=True) + looks(found, true=False)) / 2
        self.optimiser.step(loss)
        return {"adversary": loss}

    def loss(self, channels, logits, known):
        """{name: weighted loss} of the segmenter; the discriminator stays as it is."""
        self.net.requires_grad_(False)  # saves the gradients that nobody would use
        found = self.judged(channels, torch.sigmoid(logits), known)
        return {"adversarial": self.weight * looks(found, true=True)}

    def judged(self, channels, maps, known):
        """Logits of the discriminator for image channels and maps in [0, 1]."""
        shown = 2 * maps - 1
        if known is not None:
            shown = shown * known
        seen = shard(torch.cat([channels, shown], dim=1))
        if seen.dim() == 5:
            seen = seen.transpose(1, 2).flatten(0, 1)  # [B * Z, C, Y, X]
        with computing_in(self.precision, self.device):
            logits = self.net(seen)
        return all_gather(logits.float())


def looks(logits, *, true):
    """Mean of -log D where all shall look true, of -log(1 - D) where none shall."""
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, float(true)))
