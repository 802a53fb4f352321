"""Batches that generators and discriminators learn from: grey levels in [-1, 1], the range of tanh."""

from dataclasses import replace

import numpy as np
import torch

from synthem.intensity import as_bytes, colours_first, network_conditions, to_unit
from synthem.patches.augment import no_transforms, turn_alike
from synthem.patches.on_gpu import DeviceSets
from synthem.patches.places import cut_patch, draw_places, known_of, one_after_the_other
from synthem.seeds import derived_seed


class Pairs:
    """Patches of a PatchSet, turned and mirrored: number n is the same batch whoever asks, in any order.

    On a GPU the slices stay on the device, and the host sends places alone.
    """

    def __init__(self, examples, *, batch_size, patch, seed, device):
        self.examples = replace(examples, image=as_bytes(examples.image), greys="unit")
        self.batch_size, self.size, self.seed = batch_size, patch, seed
        self.held = DeviceSets([self.examples], device) if device.type == "cuda" else None

    def of_step(self, number):
        """Conditions [B, M, Y, X] in {-1, 1}; image [B, C, Y, X]; known [B, 1, Y, X], None where all is."""
        return self._drawn(number, self.seed)

    def other_conditions(self, number):
        """Conditions [B, M, Y, X] that have nothing to do with those of this step."""
        return self._drawn(number, derived_seed(self.seed, "other conditions"))[0]

    def _drawn(self, number, seed):
        patches = one_after_the_other(number, self.batch_size)
        places = draw_places([self.examples], patches, seed=seed, size=self.size)
        parts = self._on_device(places) if self.held else self._on_host(places)
        return turn_alike(parts, [place.seed for place in places])

    def _on_host(self, places):
        patches = [cut_patch(self.examples, place, self.size) for place in places]
        conditions = np.stack([network_conditions(p.conditions) for p in patches])
        image = np.stack([to_unit(colours_first(p.image)) for p in patches])
        parts = (conditions, image, known_of(patches))
        return [None if part is None else torch.from_numpy(part) for part in parts]

    def _on_device(self, places):
        """The same to the rounding of a float32; known are ones, not None, where all of these patches are."""
        channels, _, known = self.held.fill(places, no_transforms(len(places)), self.size)
        colours = self.examples.image_channels
        return channels[:, colours:] * 2 - 1, channels[:, :colours], known
