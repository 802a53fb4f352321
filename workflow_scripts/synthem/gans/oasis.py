"""The training step of OASIS (Sushko 2021): the discriminator finds the class of each pixel, or `fake`.

A generator that does not follow its masks is found out pixel by pixel, so neither L1 nor a discriminator
with conditions is needed; images differ by the generator's noise.
"""

import math
from typing import NamedTuple

import torch

from synthem.gans.conditional import ConditionalPair
from synthem.gans.losses import called_classes, called_no_class, label_mix, one_hot
from synthem.gans.pair import greyed, weighted_sum
from synthem.training.losses import l1


class ClassWeights(NamedTuple):
    """How losses are weighted where the discriminator finds the class of each pixel; 0 leaves one out."""

    l1_weight: float
    label_mix_weight: float
    condition = False  # the discriminator is given no masks: they are the right answers


class Oasis(ConditionalPair):
    """The classes of a pixel are none of the masks, or the first mask that it lies in."""

    weights = ClassWeights
    wrong_call = math.log(2)  # of a pixel whose right class is not the likeliest

    def discriminator_loss(self, batch, fake):
        labels, logits = self.judge(batch.conditions, batch.real, batch.known)
        fake_labels, fake_logits = self.judge(batch.conditions, fake, batch.known)
        self.changes.adapt(lambda: taken_for_real(logits.detach(), labels).mean(), images=len(fake))
        return weighted_sum(
            {
                "d_real": (1, lambda: called_classes(logits, labels)),
                "d_fake": (1, lambda: called_no_class(fake_logits, fake_labels)),
                "d_label_mix": (self.objective.label_mix_weight, lambda: self.label_mix(batch, fake)),
            }
        )

    def generator_loss(self, batch, fake):
        labels, logits = self.judge(batch.conditions, fake, batch.known)
        return weighted_sum(
            {
                "g_adversarial": (1, lambda: called_classes(logits, labels)),
                "g_l1": (self.objective.l1_weight, lambda: l1(fake, batch.real, batch.known)),
            }
        )

    def judge(self, conditions, image, known):
        """Labels [B, C, Y, X], 0 where unknown, and logits [B, 1 + C, Y, X], of an image changed alike."""
        known = torch.ones_like(image[:, :1]) if known is None else known
        image, conditions, known = self.changes(greyed(image, known), conditions, known)
        (logits,) = self.run(self.discriminator, greyed(image, known))  # of its one scale
        return one_hot(conditions) * known, logits

    def label_mix(self, batch, fake):
        """Of an image that shows each class as the real image does, or as the generated one, by chance."""
        real, fake = greyed(batch.real, batch.known), greyed(fake, batch.known)
        labels = one_hot(batch.conditions)
        shown = torch.rand(*labels.shape[:2], 1, 1, device=labels.device).round()
        mask = (shown * labels).sum(dim=1, keepdim=True)
        mixed = mask * real + (1 - mask) * fake
        (logits,) = self.run(self.discriminator, torch.cat([mixed, real, fake]))
        return label_mix(*logits.chunk(3), mask)


def taken_for_real(logits, labels):
    """Signs [B, Y, X]: 1 where the classes together are more likely than `fake`, 0 where all is unknown."""
    real = logits[:, 1:].logsumexp(dim=1) - logits[:, 0]
    return torch.sign(real) * labels.sum(dim=1)
