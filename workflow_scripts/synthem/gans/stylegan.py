"""Training of StyleGAN (Karras 2019), with or without images that grow, drawn from random numbers alone."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
import torch.nn.functional as F

from synthem.compute.collectives import AllReduceSum, world_size
from synthem.compute.precision import computing_in
from synthem.gans.batches import Pairs
from synthem.gans.diff_augment import Changes
from synthem.gans.growing import growth, schedule_in_words
from synthem.gans.guards import guards_of_label_maps, guards_without_masks
from synthem.gans.losses import ADVERSARIAL, r1
from synthem.gans.pair import Pair, blueprints_of_pair, greyed, learning_of, unit, weighted_sum
from synthem.gans.wasserstein import DRIFT_WEIGHT, PENALTY_WEIGHT, WASSERSTEIN, drift, gradient_penalty
from synthem.log import say
from synthem.networks.saving import build_network
from synthem.networks.stylegan import (
    BatchDeviation,
    LabelMapGenerator,
    StyleDiscriminator,
    StyleGenerator,
    mixed,
)
from synthem.patches.augment import UNCHANGED
from synthem.seeds import derived_seed
from synthem.seeds import generator as random_numbers
from synthem.training.live import in_greys, undisturbed
from synthem.training.opening import Trainer

GENERATORS = {"stylegan": StyleGenerator, "label_maps": LabelMapGenerator}
DISCRIMINATORS = {"stylegan": StyleDiscriminator}
LOSSES = {"bce": ADVERSARIAL["bce"], "wasserstein": WASSERSTEIN}  # the config's word -> losses
JUDGED_IMAGES = 8  # by the guards


class Kind(NamedTuple):
    """What a StyleGAN draws."""

    generator: str  # a word of GENERATORS
    section: str  # of the config, for what is wrong
    guards: Callable  # (images, section=..., wrong_call=..., pace=...) -> guards


IMAGES = Kind("stylegan", "stylegan", guards_without_masks)
LABEL_MAPS = Kind("label_maps", "mask_generator", guards_of_label_maps)


def stylegan_trainer(
    examples, *, network, progressive, diff_augment, guards, training, turn=True, kind=IMAGES
):
    """The Trainer that fits a StyleGAN to patches of the images of `examples` (PatchSet).

    network {base_width, size}: as for StyleGenerator; the patches have its size. progressive: what `growth`
    takes beside it. diff_augment, guards, training: of the config. turn: how patches are turned, a word of
    `augment.turn`.
    """
    colours, size, seed = examples.image_channels, network["size"], training["seed"]
    batch_size = training["batch_size"]
    augment = UNCHANGED | {"turn": turn}
    adversarial = LOSSES[training.get("adversarial", "bce")]  # `mask_generator` has no such key
    growing = growth(size=size, **progressive)
    say(schedule_in_words(growing))
    options = network | {"progressive": len(growing.sides) > 1}

    def task_of(generator, discriminator):
        device = next(generator.parameters()).device
        return StyleGan(
            generator,
            discriminator,
            Pairs(examples, batch_size=batch_size, patch=size, seed=seed, device=device, augment=augment),
            Changes(**diff_augment, device=device),
            growing,
            guards=partial(kind.guards, section=kind.section, wrong_call=adversarial.wrong_call, pace=guards),
            adversarial=adversarial,
            r1_weight=training["r1_weight"],
            mixing=training["mixing"],
            **learning_of(training),
        )

    build = partial(build_generator, options, colours=colours, seed=seed, kind=kind.generator)
    build_other = partial(build_discriminator, options, colours=colours, seed=seed)
    blueprints = blueprints_of_pair(
        (build, (batch_size, network["base_width"])), (build_other, (batch_size, colours, size, size))
    )
    sizes = {f"network.{key}": value for key, value in network.items()}
    return Trainer(blueprints, task_of, training, kind.section, sizes)


def build_generator(options, *, colours, seed, kind="stylegan"):
    return build_network(GENERATORS, kind, seed=seed, out_channels=colours, **options)


def build_discriminator(options, *, colours, seed):
    own = derived_seed(seed, "discriminator")
    net = build_network(DISCRIMINATORS, "stylegan", seed=own, in_channels=colours, **options)
    if world_size() > 1:
        net.deviation = SynchronisedDeviation()
    return net


class SynchronisedDeviation(BatchDeviation):
    """How much the whole batch varies, not the shard of this rank."""

    def variance(self, x):
        exact = x.float()
        count = len(x) * world_size()
        mean = AllReduceSum.apply(exact.sum(dim=0)) / count
        return AllReduceSum.apply((exact - mean).square().sum(dim=0)) / count


class Drawn(NamedTuple):
    """The random numbers of new images, drawn for the whole batch."""

    latents: tuple  # of one or, where two styles are mixed, of two sets: [B, base_width]
    noise: tuple  # [B, 1, s, s] for each side s up to that of the images
    crossover: int  # the blocks that have the first style


class Images(NamedTuple):
    """A batch of real images as they are at a point of the growth, and what others are drawn from."""

    real: torch.Tensor  # in [-1, 1]: [B, C, side, side]
    side: int
    alpha: float  # how far this side has faded in: 1 is wholly
    drawn: Drawn
    known: torch.Tensor | None = None  # the known part of each pixel [B, 1, side, side]; None where all is


class StyleGan(Pair):
    """A generator that draws images from random numbers, and its discriminator.

    Where real label maps are unknown, drawn ones are mid-grey as they are, so that nothing is learnt there.
    guards: a function that draws images to judge -> the guards. `pair`: what Pair takes.
    """

    def __init__(
        self,
        generator,
        discriminator,
        pairs,
        changes,
        growth,
        *,
        guards,
        adversarial,
        r1_weight,
        mixing,
        **pair,
    ):
        super().__init__(generator, discriminator, changes=changes, **pair)
        self.pairs, self.growth = pairs, growth
        self.adversarial, self.r1_weight, self.mixing = adversarial, r1_weight, mixing
        self.guards = guards(self.unlike_images)

    def batch_of(self, number):
        side, alpha = self.growth.at(number)
        _, real, known = self.pairs.of_step(number)
        real = reduced(greyed(real, known), side, alpha)
        known = None if known is None else reduced(known, side, alpha)
        return Images(real, side, alpha, self.draw_numbers(len(real), side), known)

    def discriminator_loss(self, batch, fake):
        real = batch.real.detach().requires_grad_(self.r1_weight > 0)
        fake, judge = greyed(fake, batch.known), partial(self.judge, alpha=batch.alpha)
        logits, of_fake = judge(real), judge(fake)
        self.changes.adapt(lambda: torch.sign(logits[0].detach()).mean(), images=len(real))
        slope, near_0 = (PENALTY_WEIGHT, DRIFT_WEIGHT) if self.adversarial is WASSERSTEIN else (0, 0)
        return weighted_sum(
            {
                "d_real": (1, lambda: self.adversarial.real(logits)),
                "d_fake": (1, lambda: self.adversarial.fake(of_fake)),
                "d_r1": (self.r1_weight, lambda: r1(logits, real)),
                "d_slope": (slope, lambda: gradient_penalty(judge, real, fake)),
                "d_drift": (near_0, lambda: drift(logits)),
            }
        )

    def generator_loss(self, batch, fake):
        g_adversarial = self.adversarial.generator(self.judge(greyed(fake, batch.known), batch.alpha))
        return g_adversarial, {"g_adversarial": g_adversarial}

    def judge(self, image, alpha):
        return [self.run(partial(self.discriminator, alpha=alpha), *self.changes(image))]

    def draw_numbers(self, count, side):
        """What `count` new images of a side are drawn from."""
        sides = [s for s in self.generator.sides if s <= side]
        latents = [self.latents(count)]
        # Drawn on the CPU: the device need not be asked.
        chance, place = torch.rand(2).tolist()
        crossover = len(sides)
        if chance < self.mixing:
            crossover = 1 + int(place * (len(sides) - 1))
            latents.append(self.latents(count))
        noise = [torch.randn(count, 1, s, s, device=self.device) for s in sides]
        return Drawn(tuple(latents), tuple(noise), crossover)

    def generate(self, batch):
        """New images [B, C, side, side]."""
        side, alpha, (latents, noise, crossover) = batch.side, batch.alpha, batch.drawn

        def of_shard(*inputs):
            styles = self.generator.styles(inputs[0])
            if len(latents) > 1:
                styles = mixed(styles, self.generator.styles(inputs[1]), crossover)
            return self.generator.draw(styles, inputs[len(latents) :], side, alpha)

        return self.run(of_shard, *latents, *noise)

    def latents(self, count):
        width = self.generator.built_as["arguments"]["base_width"]
        return torch.randn(count, width, device=self.device)

    def examples(self, done):
        """What it draws of the same random numbers at each look, as for Live."""
        net = self.generator_optimiser.result
        with undisturbed(net), computing_in(self.precision, self.device):
            drawn = unlike_images(net, *self.growth.at(done - 1), seed=self.pairs.seed).float()
        if isinstance(net, LabelMapGenerator):
            return {"what it draws of the same random numbers": in_greys(drawn)}
        return {"what it draws of the same random numbers": unit(drawn)}

    def unlike_images(self, history):
        """What the guards look at after the last step of the history."""
        return unlike_images(self.generator, *self.growth.at(len(history) - 1), seed=self.pairs.seed)


def reduced(image, side, alpha):
    """Images [B, C, Y, Y] as they are seen at this point of the growth: [B, C, side, side].

    While a side fades in, real images lose what is finer than the side before to the same degree as generated
    ones: else their detail would give them away.
    """
    image = F.avg_pool2d(image, image.shape[-1] // side)
    if alpha == 1:
        return image
    coarse = F.interpolate(F.avg_pool2d(image, 2), scale_factor=2)
    return (1 - alpha) * coarse + alpha * image


@torch.no_grad()
def unlike_images(generator, side, alpha, *, seed):
    """Images [B, C, side, side] that differ in their latents alone, the same ones in every check.

    Their noise is one for all: a generator that ignores its latents still draws other grains each time.
    """
    device = next(generator.parameters()).device
    random = random_numbers(seed, "guards")

    def normal(*shape):
        return torch.from_numpy(random.standard_normal(shape)).float().to(device)

    latents = normal(JUDGED_IMAGES, generator.built_as["arguments"]["base_width"])
    noise = [normal(1, 1, s, s).expand(JUDGED_IMAGES, -1, -1, -1) for s in generator.sides if s <= side]
    return generator.draw(generator.styles(latents), noise, side, alpha)
