"""One training step of a generator, conditions -> image, against a discriminator that judges images.

The weights of `objective` make of it pix2pix (paper 1), its tutorial (paper 5), mode seeking (paper 4), and
what came later.
"""

from typing import NamedTuple

import torch
from torch.optim.swa_utils import update_bn

from synthem.compute.collectives import all_reduce_mean, world_size
from synthem.gans.losses import ADVERSARIAL, feature_matching, features, mode_seeking, r1, texture
from synthem.gans.players import Players
from synthem.training.losses import l1

NORM_BATCHES = 16  # that say anew what the norms of averaged weights are to expect


class RealOrFake(NamedTuple):
    """How losses are weighed where the discriminator tells real images from generated ones.

    A loss of weight 0 is not even computed.
    """

    adversarial: str
    condition: bool  # whether the discriminator sees the conditions
    l1_weight: float
    texture_weight: float
    mode_seeking_weight: float
    feature_matching_weight: float
    r1_weight: float


class PairedGan(Players):
    """What `train` needs to know about a generator and its discriminator.

    In unknown ground the conditions may be wrong: L1 leaves it out, and the discriminator sees real and
    generated images alike there, mid-grey, so that it neither learns nor teaches anything.

    objective: how losses are weighed. `learning`: what Players takes. Subclasses say, with the losses for the
    history, what the two want: `discriminator_loss` and `generator_loss` of conditions [B, M, Y, X], real and
    fake [B, C, Y, X], and what is known, [B, 1, Y, X] or None for all.
    """

    def __init__(self, generator, discriminator, pairs, changes, objective, **learning):
        super().__init__(generator, discriminator, **learning)
        self.pairs, self.changes, self.objective = pairs, changes, objective
        self.parts["changes"] = changes

    def step(self, number):
        conditions, real, known = self.pairs.of_step(number)
        fake = self.draw(conditions)

        self.discriminator.requires_grad_(True)
        loss, losses = self.discriminator_loss(conditions, real, fake.detach(), known)
        self.discriminator_descent.step(number, loss)

        self.discriminator.requires_grad_(False)  # saves the gradients that nobody would use
        loss, more = self.generator_loss(conditions, real.detach(), fake, known, number)
        self.generator_descent.step(number, loss)
        if self.changes.target:
            more["ada_probability"] = self.changes.probability.clone()
        return losses | more

    def draw(self, conditions):
        """The generator's images for [B, M, Y, X]; its noise is drawn for all, as all chance is."""
        return self.run(self.generator, conditions, self.generator.own_noise(conditions))

    def result(self):
        """The generator to use: of the last step, or the average of the last ones."""
        net = self.generator_descent.result
        if net is self.generator or world_size() > 1:  # of several, none is asked for its own
            return self.generator
        update_bn((self.pairs.of_step(number)[:1] for number in range(NORM_BATCHES)), net)
        return net.eval()


class Pix2Pix(PairedGan):
    """Real or fake, for each patch or image (Isola 2017), in each of the forms of ADVERSARIAL."""

    def discriminator_loss(self, conditions, real, fake, known):
        game, wanted = ADVERSARIAL[self.objective.adversarial], self.objective
        real.requires_grad_(wanted.r1_weight > 0)
        says = self.judge(conditions, real, known)
        d_real = game.real(says)
        d_fake = game.fake(self.judge(conditions, fake, known))
        loss, losses = (d_real + d_fake) / 2, {"d_real": d_real, "d_fake": d_fake}
        if wanted.r1_weight:
            losses["d_r1"] = r1(says, real)
            loss = loss + wanted.r1_weight * losses["d_r1"]
        signs = [torch.sign(scale.detach() - game.undecided).mean() for scale in says]
        self.changes.adapt(torch.stack(signs).mean(), images=len(real))
        return loss, losses

    def generator_loss(self, conditions, real, fake, known, number):
        game, wanted = ADVERSARIAL[self.objective.adversarial], self.objective
        loss = game.generator(self.judge(conditions, fake, known))
        losses = {"g_adversarial": loss}
        if wanted.l1_weight:
            losses["g_l1"] = l1(fake, real, known)
            loss = loss + wanted.l1_weight * losses["g_l1"]
        if wanted.texture_weight:
            losses["g_texture"] = texture(blanked(real, known), blanked(fake, known))
            loss = loss + wanted.texture_weight * losses["g_texture"]
        if wanted.mode_seeking_weight:
            others = self.pairs.other_conditions(number)
            other_fake = self.draw(others)
            losses["g_mode_seeking"] = mode_seeking(conditions, others, fake, other_fake)
            loss = loss + wanted.mode_seeking_weight * losses["g_mode_seeking"]
        if wanted.feature_matching_weight:
            losses["g_features"] = self.feature_matching(conditions, real, fake, known)
            loss = loss + wanted.feature_matching_weight * losses["g_features"]
        return loss, losses

    def feature_matching(self, conditions, real, fake, known):
        """Of images as they are: one that was moved and one that was not have no features in common."""
        with torch.no_grad(), features(self.discriminator) as of_real:
            self.run(self.discriminator.forward, self.seen(conditions, real, known))
        with features(self.discriminator) as of_fake:
            self.run(self.discriminator.forward, self.seen(conditions, fake, known))
        return all_reduce_mean(feature_matching(of_real, of_fake))

    def judge(self, conditions, image, known):
        image = blanked(image, known)  # before: its mean is part of a change of colours
        image, conditions, known = self.changes(image, conditions, known)
        return self.run(self.discriminator, self.seen(conditions, image, known))

    def seen(self, conditions, image, known):
        image = blanked(image, known)
        return torch.cat([conditions, image], dim=1) if self.objective.condition else image


def blanked(image, known):
    return image if known is None else image * known
