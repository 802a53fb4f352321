"""Batches that generators and discriminators learn from: grey levels in [-1, 1], the range of tanh."""

from dataclasses import replace

import numpy as np
import torch

from synthem.intensity import as_bytes, colours_first, network_conditions, to_unit
from synthem.patches.augment import turn_alike
from synthem.patches.on_gpu import send
from synthem.patches.places import draw_batch, known_of
from synthem.seeds import derived_seed


class Pairs:
    """Patches of a PatchSet, turned and mirrored: number n is the same batch whoever asks, in any order."""

    def __init__(self, examples, *, batch_size, patch, seed, device):
        self.examples = replace(examples, image=as_bytes(examples.image))
        self.batch = {"batch_size": batch_size, "size": patch}
        self.seed, self.device = seed, device

    def of_step(self, number):
        """Conditions [B, M, Y, X] in {-1, 1}; image [B, C, Y, X]; known [B, 1, Y, X], None where all is."""
        return self._drawn(number, self.seed)

    def other_conditions(self, number):
        """Conditions [B, M, Y, X] that have nothing to do with those of this step."""
        return self._drawn(number, derived_seed(self.seed, "other conditions"))[0]

    def _drawn(self, number, seed):
        patches = draw_batch([self.examples], step=number, seed=seed, **self.batch)
        conditions = np.stack([network_conditions(p.conditions) for p in patches])
        image = np.stack([to_unit(colours_first(p.image)) for p in patches])
        parts = (conditions, image, known_of(patches))
        parts = [None if part is None else send(torch.from_numpy(part), self.device) for part in parts]
        return turn_alike(parts, [p.seed for p in patches])
