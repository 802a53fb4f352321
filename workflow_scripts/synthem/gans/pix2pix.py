"""The training step of a discriminator that finds generated images, and the generator that it judges.

The weights of `objective` make of it pix2pix (Isola 2017), with mode seeking (Allender, about 2020), and
what came later.
"""

from functools import partial
from typing import NamedTuple

import torch

from synthem.compute.collectives import all_reduce_mean
from synthem.gans.conditional import ConditionalPair
from synthem.gans.losses import ADVERSARIAL, feature_matching, features, mode_seeking, r1, texture
from synthem.gans.pair import greyed, weighted_sum
from synthem.training.losses import l1


class RealOrFakeWeights(NamedTuple):
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
    discriminator_weight: float  # of all that the discriminator learns by


class Pix2Pix(ConditionalPair):
    """Real or generated, for each patch or image (Isola 2017), in each of the forms of ADVERSARIAL."""

    weights = RealOrFakeWeights

    @property
    def wrong_call(self):
        return ADVERSARIAL[self.objective.adversarial].wrong_call

    def batch_of(self, number):
        batch = super().batch_of(number)
        if not self.objective.mode_seeking_weight:
            return batch
        return batch._replace(others=self.pairs.other_conditions(number))

    def discriminator_loss(self, batch, fake):
        adversarial, wanted = ADVERSARIAL[self.objective.adversarial], self.objective
        whole = wanted.discriminator_weight
        real = batch.real.detach().requires_grad_(wanted.r1_weight > 0)
        logits = self.judge(batch.conditions, real, batch.known)
        of_fake = self.judge(batch.conditions, fake, batch.known)
        self.changes.adapt(partial(mean_sign, logits, adversarial.undecided), images=len(real))
        return weighted_sum(
            {
                "d_real": (whole, lambda: adversarial.real(logits)),
                "d_fake": (whole, lambda: adversarial.fake(of_fake)),
                "d_r1": (whole * wanted.r1_weight, lambda: r1(logits, real)),
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
                    lambda: texture(greyed(real, known), greyed(fake, known)),
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
        image = greyed(image, known)  # before: its mean is part of a change of colours
        image, conditions, known = self.changes(image, conditions, known)
        return self.run(self.discriminator, self.seen(conditions, image, known))

    def seen(self, conditions, image, known):
        image = greyed(image, known)
        return torch.cat([conditions, image], dim=1) if self.objective.condition else image


def mean_sign(logits, undecided):
    """Of each scale alike: 1 where all is called real, -1 where nothing is."""
    return torch.stack([torch.sign(scale.detach() - undecided).mean() for scale in logits]).mean()
