"""Training of Boundless (Teterwak 2019): to draw what was hidden of an image.

What it learns of images may help to segment them (the thesis, Herreros Fraile 2021): `BoundlessSegmenter` has
the same weights.
"""

from functools import cached_property, partial
from typing import NamedTuple

import torch

from synthem.gans.batches import Pairs
from synthem.gans.hidden import hidden_parts
from synthem.gans.losses import ADVERSARIAL
from synthem.gans.pair import Pair, blueprints_of_pair, learning_of, unit
from synthem.gans.semantics import semantics_of
from synthem.log import say
from synthem.networks.boundless import BoundlessDiscriminator, BoundlessGenerator, BoundlessSegmenter
from synthem.networks.saving import build_network
from synthem.seeds import derived_seed
from synthem.training.live import EXAMPLES, undisturbed
from synthem.training.losses import l1
from synthem.training.opening import Trainer
from synthem.training.validation import Watch, held_out_batches

GENERATORS, DISCRIMINATORS = {"boundless": BoundlessGenerator}, {"boundless": BoundlessDiscriminator}
HINGE = ADVERSARIAL["hinge"]


def boundless_trainer(
    examples, held_out, *, hidden, generator, discriminator, adversarial_weight, semantics, training
):
    """The Trainer that fits a Boundless generator to patches of the images of `examples` (PatchSet).

    held_out: a PatchSet whose losses are measured, too, and nothing more; None: there is none. hidden: a word
    of HIDDEN. generator, discriminator: {"base_width": ...}. semantics: the file of a network whose features
    of an image condition the discriminator (`semantics_of`), or None. training: of the config.
    """
    colours, seed = examples.image_channels, training["seed"]
    batch_size, patch = training["batch_size"], training["patch"]
    semantics = semantics_of(semantics, colours=colours) if semantics else None
    say(f"semantics: {semantics or 'none, the discriminator judges by the image alone'}")
    options = discriminator | ({"semantics": semantics.length} if semantics else {})
    inputs = (colours + 2, colours + 1)  # image, mask and ones; image and mask

    def task_of(generator, discriminator):
        device = next(generator.parameters()).device
        place = {"batch_size": batch_size, "patch": patch, "device": device}
        seen, other = (one and one.seen_in(BoundlessSegmenter.greys) for one in (examples, held_out))
        return Boundless(
            generator,
            discriminator,
            Pairs(seen, augment=training["augment"], seed=seed, **place),
            # The same places for every seed and variant, so that their losses can be compared.
            held_out=Pairs(other, seed=0, **place) if other else None,
            validation=Watch(**training["validation"]) if other else None,
            hidden=hidden,
            adversarial_weight=adversarial_weight,
            semantics=semantics.to(device) if semantics else None,
            **learning_of(training),
        )

    build = partial(build_generator, generator, channels=inputs[0], colours=colours, seed=seed)
    build_other = partial(build_discriminator, options, channels=inputs[1], seed=seed)
    blueprints = blueprints_of_pair(
        (build, (batch_size, inputs[0], patch, patch)),
        (build_other, (batch_size, inputs[1], patch, patch)),
        start=training["start"],
    )
    sizes = {
        f"{name}.base_width": net["base_width"]
        for name, net in (("generator", generator), ("discriminator", discriminator))
    }
    return Trainer(blueprints, task_of, training, "pretraining", sizes)


def build_generator(options, *, channels, colours, seed):
    channels = {"in_channels": channels, "out_channels": colours}
    return build_network(GENERATORS, "boundless", seed=seed, **channels, **options)


def build_discriminator(options, *, channels, seed):
    own = derived_seed(seed, "discriminator")
    return build_network(DISCRIMINATORS, "boundless", seed=own, in_channels=channels, **options)


class Hidden(NamedTuple):
    """A batch of images of which a part is hidden."""

    real: torch.Tensor  # images in [-1, 1]: [B, C, Y, X]
    mask: torch.Tensor  # 1 where they are hidden: [B, 1, Y, X]
    semantics: torch.Tensor | None  # features that condition the discriminator: [B, length]


class Boundless(Pair):
    """A generator that draws hidden parts of images, and its discriminator. `pair`: what Pair takes."""

    def __init__(
        self,
        generator,
        discriminator,
        pairs,
        *,
        held_out,
        validation,
        hidden,
        adversarial_weight,
        semantics,
        **pair,
    ):
        super().__init__(generator, discriminator, **pair)
        self.pairs, self.held_out, self.validation = pairs, held_out, validation
        self.hidden, self.semantics = hidden, semantics
        self.adversarial_weight = adversarial_weight

    def batch_of(self, number):
        return self.hidden_in(self.pairs, number)

    def hidden_in(self, pairs, number):
        """Batch `number` of some images, with what is hidden of them."""
        _, real, _ = pairs.of_step(number)
        semantics = self.run(self.semantics, real) if self.semantics else None
        return Hidden(real, hidden_parts(self.hidden, pairs.seed, number, real), semantics)

    @cached_property
    def watched(self):
        """Images and what is hidden of them, the same few, to be looked at; held out ones where there are."""
        pairs = self.held_out or self.pairs
        _, real, _ = pairs.of_step(0)
        return real[:EXAMPLES], hidden_parts(self.hidden, pairs.seed, 0, real)[:EXAMPLES]

    def examples(self, done):
        """Images, what is seen of them, and what the generator draws of that, as for Live."""
        real, mask = self.watched
        net = self.generator_optimiser.result
        with undisturbed(net):
            drawn = self.alone(net, inputs_of(real, mask))
        completed = real * (1 - mask) + drawn * mask
        rows = {"image": real, "what is seen of it": real * (1 - mask), "completed": completed}
        return {what: unit(images) for what, images in rows.items()}

    def generate(self, batch):
        """The whole image, drawn from what is seen of it."""
        return self.run(self.generator, inputs_of(batch.real, batch.mask))

    def discriminator_loss(self, batch, drawn):
        d_real = HINGE.real(self.judge(batch, batch.real))
        d_fake = HINGE.fake(self.judge(batch, self.completed(batch, drawn)))
        return d_real + d_fake, {"d_real": d_real, "d_fake": d_fake}

    def generator_loss(self, batch, drawn):
        completed = self.completed(batch, drawn)
        g_adversarial = HINGE.generator(self.judge(batch, completed))
        g_l1 = l1(drawn, batch.real)  # of the whole image: what is seen has to be understood, too
        g_loss = g_l1 + self.adversarial_weight * g_adversarial
        return g_loss, {"g_loss": g_loss, "g_adversarial": g_adversarial, "g_l1": g_l1}

    def completed(self, batch, drawn):
        """The images with their hidden parts as they were drawn."""
        return batch.real * (1 - batch.mask) + drawn * batch.mask

    def judge(self, batch, image):
        seen = torch.cat([image, batch.mask], dim=1)
        return [self.run(self.discriminator, seen, *([] if batch.semantics is None else [batch.semantics]))]

    def validate(self):
        """Means of all losses of the networks, as they are now, on images that they never learn from."""
        count = held_out_batches(self.held_out.batch_size)
        rows = []
        with self.measuring():
            for number in range(count):
                batch = self.hidden_in(self.held_out, number)
                drawn = self.generate(batch)
                rows.append(self.discriminator_loss(batch, drawn)[1] | self.generator_loss(batch, drawn)[1])
        return {f"validation_{name}": sum(row[name].item() for row in rows) / count for name in rows[0]}


def inputs_of(real, mask):
    """What the generator is given of images [B, C, Y, X] and what is hidden of them: [B, C + 2, Y, X]."""
    return torch.cat([real * (1 - mask), mask, torch.ones_like(mask)], dim=1)
