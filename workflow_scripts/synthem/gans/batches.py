"""Batches that generators and discriminators learn from: grey levels in [-1, 1], the range of tanh."""

from dataclasses import replace

from synthem.intensity import as_bytes
from synthem.patches.augment import TURNED_ALONE, draw_transforms, refuse_folds
from synthem.patches.batches import held
from synthem.patches.chance import streams_of
from synthem.patches.drawn import Ahead, Drawn
from synthem.patches.places import draw_places, one_after_the_other
from synthem.seeds import derived_seed


class Pairs:
    """Patches of a PatchSet, changed by `augment`: number n is the same batch whoever asks, in any order.

    A unit of noise or brightness is half of the range [-1, 1], which no grey level leaves: nothing else can
    be drawn.
    """

    def __init__(self, examples, *, batch_size, patch, seed, device, augment=TURNED_ALONE):
        refuse_folds(elastic=augment["elastic"], scale=augment["scale"], size=patch)
        self.examples = replace(examples, image=as_bytes(examples.image), greys="unit")
        self.batch_size, self.size, self.seed, self.augment = batch_size, patch, seed, augment
        self.filled, self.early = held([self.examples], device), device.type == "cuda"
        self.ahead = self._ahead(seed)
        self.others_ahead = self._ahead(derived_seed(seed, "other conditions"))

    def of_step(self, number):
        """Conditions [B, M, Y, X] in {-1, 1}; image [B, C, Y, X]; known [B, 1, Y, X], None where all is."""
        return self._cut(self.ahead.of_step(number))

    def other_conditions(self, number):
        """Conditions [B, M, Y, X] that have nothing to do with those of this step."""
        return self._cut(self.others_ahead.of_step(number))[0]

    def _ahead(self, seed):
        def draw(first, count):
            patches = one_after_the_other(first * self.batch_size, count * self.batch_size)
            places = draw_places([self.examples], patches, seed=seed, size=self.size)
            streams = streams_of([self.examples], patches, seed=seed)
            return Drawn(places, draw_transforms(streams, **self.augment, size=self.size))

        return Ahead(draw, lambda drawn: self.filled.ready(drawn), early=self.early)

    def _cut(self, drawn):
        channels, _, known = self.filled.fill(drawn.planes, drawn.transforms, self.size)
        colours = self.examples.image_channels
        return channels[:, colours:] * 2 - 1, channels[:, :colours].clamp(-1, 1), known
