"""The training step of a generator, masks -> image, and a discriminator that finds generated images.

The weights of `objective` make of it pix2pix (Isola 2017), with mode seeking (Allender, about 2020), and
what came later.
"""

from functools import cached_property
from typing import NamedTuple

import torch
from torch.optim.swa_utils import update_bn

from synthem.compute.collectives import all_reduce_mean, world_size
from synthem.gans.guards import guards_with_masks
from synthem.gans.losses import ADVERSARIAL, feature_matching, features, mode_seeking, r1, texture
from synthem.gans.pair import Pair, unit, weighted_sum
from synthem.networks.conditional import UNetGenerator
from synthem.training.live import EXAMPLES, in_greys, undisturbed
from synthem.training.losses import l1

NORM_BATCHES = 16  # from which batch norms of averaged weights take their statistics


class RealOrFake(NamedTuple):
    """How losses are weighted where the discriminator tells real images from generated ones.

    A loss of weight 0 is not even computed.
    """

    adversarial: str
    condition: bool  # whether the discriminator is given the masks
    l1_weight: float
    texture_weight: float
    mode_seeking_weight: float
    feature_matching_weight: float
    r1_weight: float


class Examples(NamedTuple):
    """A batch of image/mask pairs."""

    conditions: torch.Tensor  # masks in {-1, 1}: [B, M, Y, X]
    real: torch.Tensor  # images in [-1, 1]: [B, C, Y, X]
    known: torch.Tensor | None  # 1 where the masks are known: [B, 1, Y, X]; None where they all are
    others: torch.Tensor | None = None  # masks that have nothing to do with these, for mode seeking


class ConditionalPair(Pair):
    """A generator that paints images on masks, and its discriminator.

    In unknown ground the masks may be wrong: L1 leaves it out, and the discriminator is given real and
    generated images alike there, mid-grey, so that it neither learns nor teaches anything. guards: {every,
    first, in_a_row}.
    """

    def __init__(self, generator, discriminator, pairs, changes, objective, *, guards, **learning):
        super().__init__(generator, discriminator, changes=changes, **learning)
        self.pairs, self.objective = pairs, objective
        self.guards = guards_with_masks(generator, pairs, **guards)

    def batch_of(self, number):
        others = self.pairs.other_conditions(number) if self.objective.mode_seeking_weight else None
        return Examples(*self.pairs.of_step(number), others)

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
        """As of every pair; batch norms of averaged weights take their statistics from some batches anew."""
        net = super().current()
        if net is not self.generator and world_size() == 1:  # the result is taken by one process alone
            update_bn((self.pairs.of_step(number)[:1] for number in range(NORM_BATCHES)), net)
        return net


class Pix2Pix(ConditionalPair):
    """Real or generated, for each patch or image (Isola 2017), in each of the forms of ADVERSARIAL."""

    def discriminator_loss(self, batch, fake):
        """Half of the papers' sum, that it learns as slowly as the generator (Isola 2017)."""
        adversarial, wanted = ADVERSARIAL[self.objective.adversarial], self.objective
        real = batch.real.detach().requires_grad_(wanted.r1_weight > 0)
        logits = self.judge(batch.conditions, real, batch.known)
        signs = [torch.sign(scale.detach() - adversarial.undecided).mean() for scale in logits]
        of_fake = self.judge(batch.conditions, fake, batch.known)
        self.changes.adapt(torch.stack(signs).mean(), images=len(real))
        return weighted_sum(
            {
                "d_real": (1 / 2, lambda: adversarial.real(logits)),
                "d_fake": (1 / 2, lambda: adversarial.fake(of_fake)),
                "d_r1": (wanted.r1_weight / 2, lambda: r1(logits, real)),
            }
        )

    def generator_loss(self, batch, fake):
        adversarial, wanted = ADVERSARIAL[self.objective.adversarial], self.objective
        conditions, real, known, _ = batch
        return weighted_sum(
            {
                "g_adversarial": (1, lambda: adversarial.generator(self.judge(conditions, fake, known))),
                "g_l1": (wanted.l1_weight, lambda: l1(fake, real, known)),
                "g_texture": (
                    wanted.texture_weight,
                    lambda: texture(blanked(real, known), blanked(fake, known)),
                ),
                "g_mode_seeking": (wanted.mode_seeking_weight, lambda: self.mode_seeking(batch, fake)),
                "g_features": (wanted.feature_matching_weight, lambda: self.feature_matching(batch, fake)),
            }
        )

    def mode_seeking(self, batch, fake):
        return mode_seeking(batch.conditions, batch.others, fake, self.draw(batch.others))

    def feature_matching(self, batch, fake):
        """Of images as they are: one that was moved and one that was not have no features in common."""
        with torch.no_grad(), features(self.discriminator) as of_real:
            self.run(self.discriminator.forward, self.seen(batch.conditions, batch.real, batch.known))
        with features(self.discriminator) as of_fake:
            self.run(self.discriminator.forward, self.seen(batch.conditions, fake, batch.known))
        return all_reduce_mean(feature_matching(of_real, of_fake))

    def judge(self, conditions, image, known):
        """The discriminator's logits, one tensor for each of its scales."""
        image = blanked(image, known)  # before: its mean is part of a change of colours
        image, conditions, known = self.changes(image, conditions, known)
        return self.run(self.discriminator, self.seen(conditions, image, known))

    def seen(self, conditions, image, known):
        image = blanked(image, known)
        return torch.cat([conditions, image], dim=1) if self.objective.condition else image


def blanked(image, known):
    """The image with mid-grey where the masks are unknown."""
    return image if known is None else image * known
