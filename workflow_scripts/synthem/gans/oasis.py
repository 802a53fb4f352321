"""One training step of OASIS (Sushko 2021): the discriminator says which class a pixel shows, or `fake`.

A generator that does not follow its masks is found out pixel by pixel, so neither L1 nor a discriminator
with conditions is needed; images differ by the generator's noise.
"""

from typing import NamedTuple

import torch

from synthem.gans.losses import called_classes, called_no_class, label_mix, one_hot
from synthem.gans.steps import PairedGan, blanked
from synthem.training.losses import l1


class Classes(NamedTuple):
    """How losses are weighed where the discriminator finds the class of each pixel; 0 leaves one out."""

    l1_weight: float
    label_mix_weight: float
    condition = False  # the discriminator sees no masks: they are the right answers


class Oasis(PairedGan):
    """The classes of a pixel are none of the masks, or the first mask that it lies in."""

    def discriminator_loss(self, conditions, real, fake, known):
        labels, says = self.judge(conditions, real, known)
        d_real = called_classes(says, labels)
        d_fake = called_no_class(*reversed(self.judge(conditions, fake, known)))
        loss, losses = d_real + d_fake, {"d_real": d_real, "d_fake": d_fake}
        if self.objective.label_mix_weight:
            losses["d_label_mix"] = self.label_mix(conditions, real, fake, known)
            loss = loss + self.objective.label_mix_weight * losses["d_label_mix"]
        self.changes.adapt(taken_for_real(says.detach(), labels).mean(), images=len(real))
        return loss, losses

    def generator_loss(self, conditions, real, fake, known, number):
        labels, says = self.judge(conditions, fake, known)
        loss = called_classes(says, labels)
        losses = {"g_adversarial": loss}
        if self.objective.l1_weight:
            losses["g_l1"] = l1(fake, real, known)
            loss = loss + self.objective.l1_weight * losses["g_l1"]
        return loss, losses

    def judge(self, conditions, image, known):
        """Labels [B, C, Y, X], 0 where unknown, and logits [B, 1 + C, Y, X], of an image changed alike."""
        known = torch.ones_like(image[:, :1]) if known is None else known
        image, conditions, known = self.changes(blanked(image, known), conditions, known)
        (logits,) = self.run(self.discriminator, blanked(image, known))  # of its one scale
        return one_hot(conditions) * known, logits

    def label_mix(self, conditions, real, fake, known):
        """The classes of each image are shown as in the real one, or as in the generated one, by chance."""
        real, fake = blanked(real, known), blanked(fake, known)
        labels = one_hot(conditions)
        shown = torch.rand(*labels.shape[:2], 1, 1, device=labels.device).round()
        mask = (shown * labels).sum(dim=1, keepdim=True)
        mixed = mask * real + (1 - mask) * fake
        (says,) = self.run(self.discriminator, torch.cat([mixed, real, fake]))
        return label_mix(*says.chunk(3), mask)


def taken_for_real(logits, labels):
    """Signs [B, Y, X]: 1 where the classes together are more likely than `fake`, 0 where all is unknown."""
    real = logits[:, 1:].logsumexp(dim=1) - logits[:, 0]
    return torch.sign(real) * labels.sum(dim=1)
