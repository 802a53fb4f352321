"""Training of Boundless (Teterwak 2019): to draw what was hidden of an image, paper 2's first task.

What it learns of images may help to segment them: `BoundlessSegmenter` has the same weights.
"""

from functools import partial

import numpy as np
import torch

from synthem.compute.collectives import world_size
from synthem.compute.devices import pick_device
from synthem.compute.memory import memory_explained, step_bytes, step_need
from synthem.compute.precision import precision_here
from synthem.gans.batches import Pairs
from synthem.gans.losses import ADVERSARIAL
from synthem.gans.players import Players
from synthem.gans.semantics import semantics_of
from synthem.log import say
from synthem.networks.boundless import BoundlessDiscriminator, BoundlessGenerator, BoundlessSegmenter
from synthem.networks.saving import build_network
from synthem.patches.on_gpu import send
from synthem.seeds import derived_seed
from synthem.seeds import generator as random_numbers
from synthem.training.loop import seed_everything, train
from synthem.training.losses import l1
from synthem.training.transfer import take_weights

GAME = ADVERSARIAL["hinge"]
GENERATORS, DISCRIMINATORS = {"boundless": BoundlessGenerator}, {"boundless": BoundlessDiscriminator}
STEADY = {
    "compile": False,
    "steps": 1,
    "schedule": "constant",
    "decay_from": 0,
    "clip_norm": 0,
    "ema": {"decay": 0},
}


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
    precision,
    start_from,
    seed,
    checkpoint_every,
    folder,
    fingerprint,
    tensorboard=False,
    **learning,
):
    """Fit a Boundless generator to patches of the images of `examples` (PatchSet); return it and its losses.

    hidden: a word of HIDDEN. generator and discriminator: {"base_width": ...}. semantics: the file of whoever
    tells the discriminator what an image shows (`semantics_of`), or None. `learning`: what Players takes
    beside STEADY: the rates of the two. start_from: the file of a generator whose weights are the first ones;
    "" for random ones.
    """
    seed_everything(seed)
    device = pick_device()
    colours = examples.image_channels
    semantics = semantics_of(semantics, colours=colours, device=device) if semantics else None
    say(f"semantics: {semantics or 'none, the discriminator judges by the image alone'}")
    sizes = discriminator | ({"semantics": semantics.length} if semantics else {})
    networks = Networks(generator, sizes, colours=colours, seed=seed)
    to_lower = {"training.batch_size": batch_size, "training.patch": patch}
    count = partial(networks.bytes_of_a_step, max(batch_size // world_size(), 1), patch)
    with memory_explained("pretraining", settings=to_lower, need=partial(step_need, count)):
        examples = examples.seen_in(BoundlessSegmenter.greys)
        net = networks.build_generator()
        if start_from:
            take_weights(net, start_from, layers=0)
        task = Boundless(
            net.to(device),
            networks.build_discriminator().to(device),
            Pairs(examples, batch_size=batch_size, patch=patch, seed=seed, device=device),
            hidden=hidden,
            adversarial_weight=adversarial_weight,
            semantics=semantics,
            precision=precision_here(precision),
            **learning,
        )
        history = train(
            task,
            steps=steps,
            checkpoint_every=checkpoint_every,
            folder=folder,
            fingerprint=fingerprint,
            tensorboard=tensorboard,
        )
        return task.generator.cpu().eval(), history


class Networks:
    """How to build a generator and its discriminator for images of so many colours."""

    def __init__(self, generator, discriminator, *, colours, seed):
        self.generator, self.discriminator = generator, discriminator
        self.colours, self.seed = colours, seed

    def build_generator(self):
        """It sees image, mask and ones."""
        channels = {"in_channels": self.colours + 2, "out_channels": self.colours}
        return build_network(GENERATORS, "boundless", seed=self.seed, **channels, **self.generator)

    def build_discriminator(self):
        """It sees image and mask."""
        own, channels = derived_seed(self.seed, "discriminator"), self.colours + 1
        return build_network(
            DISCRIMINATORS, "boundless", seed=own, in_channels=channels, **self.discriminator
        )

    def bytes_of_a_step(self, batch_size, patch):
        """(weights, activations) that a training step keeps."""
        size = (patch, patch)
        weights, drawn = step_bytes(self.build_generator, (batch_size, self.colours + 2, *size))
        others, judged = step_bytes(self.build_discriminator, (batch_size, self.colours + 1, *size))
        return weights + others, drawn + 2 * judged  # real and generated images


class Boundless(Players):
    """What `train` needs to know about Boundless."""

    def __init__(self, generator, discriminator, pairs, *, hidden, adversarial_weight, semantics, **learning):
        super().__init__(generator, discriminator, **learning, **STEADY)
        self.pairs, self.hidden, self.semantics = pairs, HIDDEN[hidden], semantics
        self.adversarial_weight = adversarial_weight

    def step(self, number):
        _, real, _ = self.pairs.of_step(number)  # [B, C, Y, X]
        mask = self.masks(number, real)  # [B, 1, Y, X]
        drawn = self.run(self.generator, torch.cat([real * (1 - mask), mask, torch.ones_like(mask)], dim=1))
        fake = real * (1 - mask) + drawn * mask
        kind = self.run(self.semantics, real) if self.semantics else None

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
        seen = torch.cat([image, mask], dim=1)
        return [self.run(self.discriminator, seen, *([] if kind is None else [kind]))]

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
