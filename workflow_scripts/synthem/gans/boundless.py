"""Training of Boundless (Teterwak 2019): to draw what was hidden of an image, paper 2's first task.

What it learns of images may help to segment them: `BoundlessSegmenter` has the same weights.
"""

import numpy as np
import torch

from synthem.devices import pick_device
from synthem.gans.batches import Pairs
from synthem.gans.losses import ADVERSARIAL
from synthem.gans.steps import two_players
from synthem.log import say
from synthem.losses import l1
from synthem.networks.boundless import BoundlessSegmenter
from synthem.networks.discriminators import DISCRIMINATORS
from synthem.networks.pix2pix import GENERATORS
from synthem.networks.saving import build_network
from synthem.patches.on_gpu import send
from synthem.seeds import derived_seed
from synthem.seeds import generator as random_numbers
from synthem.training import seed_everything, train

GAME = ADVERSARIAL["hinge"]
STEADY = {"steps": 1, "schedule": "constant", "decay_from": 0, "clip_norm": 0, "ema": {"decay": 0}}


def train_boundless(
    examples,
    *,
    hidden,
    generator,
    discriminator,
    adversarial_weight,
    semantics,
    steps,
    batch_size,
    patch,
    generator_learning_rate,
    discriminator_learning_rate,
    betas,
    seed,
    checkpoint_every,
    folder,
    fingerprint,
):
    """Fit a Boundless generator to patches of the images of `examples` (PatchSet); return it and its losses.

    hidden: a word of HIDDEN. generator and discriminator: {"base_width": ...}. semantics: what an Inception
    network says of images, a function [B, C, Y, X] in [-1, 1] -> [B, 1000], or None.
    """
    seed_everything(seed)
    device = pick_device()
    colours = examples.image_channels
    net = build_network(
        GENERATORS, name="boundless", seed=seed, in_channels=colours + 2, out_channels=colours, **generator
    )
    own = derived_seed(seed, "discriminator")
    critic = build_network(
        DISCRIMINATORS, name="boundless", seed=own, in_channels=colours + 1, **discriminator
    )
    say("semantics: " + ("given" if semantics else "none, the discriminator judges by the image alone"))
    task = Boundless(
        net.to(device),
        critic.to(device),
        Pairs(
            examples.seen_in(BoundlessSegmenter.greys),
            batch_size=batch_size,
            patch=patch,
            seed=seed,
            device=device,
        ),
        hidden=hidden,
        adversarial_weight=adversarial_weight,
        semantics=semantics,
        generator_learning_rate=generator_learning_rate,
        discriminator_learning_rate=discriminator_learning_rate,
        betas=betas,
    )
    history = train(
        task, steps=steps, checkpoint_every=checkpoint_every, folder=folder, fingerprint=fingerprint
    )
    return net.cpu().eval(), history


class Boundless:
    """What `train` needs to know about Boundless."""

    def __init__(
        self,
        generator,
        discriminator,
        pairs,
        *,
        hidden,
        adversarial_weight,
        semantics,
        generator_learning_rate,
        discriminator_learning_rate,
        betas,
    ):
        self.generator, self.discriminator = generator.train(), discriminator.train()
        self.pairs, self.hidden, self.semantics = pairs, HIDDEN[hidden], semantics
        self.adversarial_weight = adversarial_weight
        rates = (generator_learning_rate, discriminator_learning_rate)
        players = two_players(generator, discriminator, rates, betas=betas, **STEADY)
        self.generator_descent, self.discriminator_descent, self.parts = players

    def step(self, number):
        _, real, _ = self.pairs.of_step(number)  # [B, C, Y, X]
        mask = self.masks(number, real)  # [B, 1, Y, X]
        drawn = self.generator(torch.cat([real * (1 - mask), mask, torch.ones_like(mask)], dim=1))
        fake = real * (1 - mask) + drawn * mask
        kind = self.semantics(real) if self.semantics else None

        self.discriminator.requires_grad_(True)
        d_real = GAME.real(self.judge(real, mask, kind))
        d_fake = GAME.fake(self.judge(fake.detach(), mask, kind))
        self.discriminator_descent.step(number, d_real + d_fake)

        self.discriminator.requires_grad_(False)
        g_l1 = l1(drawn, real)  # of the whole image: what is seen has to be understood, too
        g_adversarial = GAME.generator(self.judge(fake, mask, kind))
        g_loss = g_l1 + self.adversarial_weight * g_adversarial
        self.generator_descent.step(number, g_loss)
        return {
            "d_real": d_real,
            "d_fake": d_fake,
            "g_loss": g_loss,
            "g_adversarial": g_adversarial,
            "g_l1": g_l1,
        }

    def judge(self, image, mask, kind):
        return [self.discriminator(torch.cat([image, mask], dim=1), kind)]

    def masks(self, number, like):
        """1 where the images of this step are hidden: [B, 1, Y, X]."""
        batch, _, side, _ = like.shape
        seed = self.pairs.seed
        masks = [self.hidden(side, random_numbers(seed, "hidden", number, n)) for n in range(batch)]
        return send(torch.from_numpy(np.stack(masks)[:, None]), like.device)


def right_quarter(side, random):
    mask = np.zeros((side, side), np.float32)
    mask[:, side - side // 4 :] = 1
    return mask


def centred_third(side, random):
    return _square(side, side // 3, (side - side // 3) // 2, (side - side // 3) // 2)


def random_square(side, random):
    """A square with 1/3 to 2/3 of the side, anywhere in the image."""
    length = int(random.integers(side // 3, 2 * side // 3 + 1))
    return _square(side, length, *(int(random.integers(side - length + 1)) for _ in range(2)))


def _square(side, length, y, x):
    mask = np.zeros((side, side), np.float32)
    mask[y : y + length, x : x + length] = 1
    return mask


# The one place that turns the config's word into what is hidden of an image: float32 [side, side].
HIDDEN = {"right": right_quarter, "centre": centred_third, "random": random_square}
