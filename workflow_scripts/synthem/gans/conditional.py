"""A generator that paints images on masks and its discriminator, whatever their objective."""

from functools import cached_property
from typing import NamedTuple

import torch
from torch.optim.swa_utils import update_bn

from synthem.compute.collectives import world_size
from synthem.gans.guards import guards_with_masks
from synthem.gans.pair import Pair, unit
from synthem.networks.conditional import UNetGenerator
from synthem.training.live import EXAMPLES, in_greys, undisturbed

NORM_BATCHES = 16  # from which batch norms of averaged weights take their statistics


class Examples(NamedTuple):
    """A batch of image/mask pairs."""

    conditions: torch.Tensor  # masks in {-1, 1}: [B, M, Y, X]
    real: torch.Tensor  # images in [-1, 1]: [B, C, Y, X]
    known: torch.Tensor | None  # 1 where the masks are known: [B, 1, Y, X]; None where they all are
    others: torch.Tensor | None = None  # masks that have nothing to do with these, for mode seeking


class ConditionalPair(Pair):
    """A generator that paints images on masks, and its discriminator.

    In unknown ground the masks may be wrong: L1 leaves it out, and the discriminator is given real and
    generated images alike there, mid-grey, so that it neither learns nor teaches anything. guards: of the
    config. `wrong_call`: as `losses.Adversarial` has it. generator_steps: those of the generator for each of
    the discriminator, on the same batch.
    """

    def __init__(
        self, generator, discriminator, pairs, changes, objective, *, guards, generator_steps=1, **learning
    ):
        super().__init__(generator, discriminator, changes=changes, **learning)
        self.pairs, self.objective, self.generator_steps = pairs, objective, generator_steps
        self.guards = guards_with_masks(generator, pairs, wrong_call=self.wrong_call, pace=guards)

    def batch_of(self, number):
        return Examples(*self.pairs.of_step(number))

    def learn(self, batch):
        losses = super().learn(batch)
        for _ in range(self.generator_steps - 1):
            loss, again = self.generator_loss(batch, self.generate(batch))
            self.generator_optimiser.step(loss)
            losses |= again
        return losses

    def generate(self, batch):
        return self.draw(batch.conditions)

    def draw(self, conditions):
        """The generator's images for [B, M, Y, X], with noise that is drawn for the whole batch."""
        return self.run(self.generator, conditions, self.generator.own_noise(conditions))

    @cached_property
    def watched(self):
        """Conditions and real images, the same few, to be looked at."""
        count = -(-EXAMPLES // self.pairs.batch_size)
        conditions, real, _ = zip(*(self.pairs.of_step(number) for number in range(count)), strict=True)
        return torch.cat(conditions)[:EXAMPLES], torch.cat(real)[:EXAMPLES]

    def examples(self, done):
        """Masks, real images and those that the generator paints on these masks, as for Live."""
        conditions, real = self.watched
        net = self.generator_optimiser.result
        painted_as_trained = isinstance(net, UNetGenerator)  # as in use: `drawing.ready_to_draw`
        with undisturbed(net, statistics_of_images=painted_as_trained):
            painted = self.alone(net, conditions)
        return {
            "masks": in_greys(conditions),
            "real image": unit(real),
            "painted on the masks": unit(painted),
        }

    def current(self):
        """The generator now, or its average, with batch norms whose statistics are of some batches."""
        net = super().current()
        if net is not self.generator and world_size() == 1:  # the result is taken by one process alone
            update_bn((self.pairs.of_step(number)[:1] for number in range(NORM_BATCHES)), net)
        return net
