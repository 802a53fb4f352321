"""Checks while a GAN trains: a warning each time one fails, mostly an error after several failures in a row.

What a check measures stands in the history, so that failures before a kill count, and the figure of the
losses shows them. A check draws with a copy of the generator and leaves the random numbers of the training
alone.
"""

import copy
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass
from functools import partial

import numpy as np
import torch

from synthem.compute.collectives import broadcast
from synthem.errors import SynthemError
from synthem.gans.drawing import answer, noise_for, ready_to_draw
from synthem.gans.findings import LEAST_EFFECT, LIMITS, Limits, finding, findings_of
from synthem.intensity import network_conditions
from synthem.log import say

# In [-1, 1]: written in bytes, one pixel in 16 changes, by one level. Much less than for masks, for beside
# L1 a generator that works makes little of its noise (Wang's, about 2020, at the size of tests: 0.002).
LEAST_NOISE_EFFECT = 0.0005
JUDGED_SLICES = 16  # of a finished generator: at most, evenly spread
JUDGED_SIDE = 512  # pixels: a whole slice may be larger than memory allows
SATURATED = 0.99  # in [-1, 1]


@dataclass(frozen=True)
class Guard:
    """Every `every` steps from step `first` on, `measure(history)` shall lie within `limits`."""

    column: str  # of the history, for what was measured
    measure: Callable
    problem: Callable | None  # (found, expected) -> SynthemError; None: warnings are all
    limits: Limits
    _: KW_ONLY
    every: int
    first: int  # before it an untrained generator may well be blank
    in_a_row: int  # so many failures stop the training, or are a finding
    on_failure: str = "stop"  # or "record": the training goes on

    def is_due(self, done):
        return done >= self.first and done % self.every == 0

    def check(self, history):
        """Measure after the last step of the history, and note it there."""
        measured = float(self.measure(history))  # on all ranks: their norms may be synchronised
        history[-1][self.column] = broadcast(lambda: measured)
        checked = history[:: -self.every][: self.in_a_row]
        failed = [row[self.column] for row in checked if self.limits.exclude(row.get(self.column, torch.nan))]
        if not self.limits.exclude(history[-1][self.column]):
            return
        found = f"{self.column} is {failed[0]:.3g} at step {len(history)}"
        expected = f"{self.limits.word} {self.limits.bound:g}"
        if self.problem and self.on_failure == "stop" and len(failed) == self.in_a_row:
            raise self.problem(f"{found}, the last of {self.in_a_row} failed checks in a row", expected)
        say(f"WARNING {found} (expected {expected})")


# Each guard takes `pace`, the section `guards` of the config: `every`, `first`, `in_a_row`, `on_failure`.
# images: the history -> images [B, C, Y, X].


def guards_with_masks(generator, pairs, *, wrong_call, pace):
    """The guards of a generator that paints on masks, those of the first batch; none where `every` is 0."""
    if not pace["every"]:
        return []
    conditions, _, _ = pairs.of_step(0)
    guards = [condition_guard(generator, conditions, pace)]
    guards += image_guards(lambda history: drawn(generator, conditions), pace)
    if generator.noise_channels:
        guards.append(noise_guard(generator, conditions, pace))
    return [*guards, discriminator_guard(wrong_call, pace)]


def guards_without_masks(images, *, section, wrong_call, pace):
    """The guards of a generator that draws `images` from random numbers alone; none where `every` is 0.

    section: of the config that it is trained by. wrong_call: None where the discriminator calls nothing real.
    """
    if not pace["every"]:
        return []
    guards = [latent_guard(images, section, pace), *image_guards(images, pace)]
    return [*guards, discriminator_guard(wrong_call, pace)] if wrong_call else guards


def guards_of_label_maps(images, *, section, wrong_call, pace):
    """The guards of a generator of label maps, which should be black and white: none of saturation."""
    guards = guards_without_masks(images, section=section, wrong_call=wrong_call, pace=pace)
    return [guard for guard in guards if guard.column != "saturation"]


def image_guards(images, pace):
    return [contrast_guard(images, pace), saturation_guard(images, pace)]


def condition_guard(generator, conditions, pace):
    """Collapse: other masks give the same image. conditions [B, M, Y, X] as the generator takes them."""

    def measure(history):
        return condition_effect(generator, conditions)

    return Guard("condition_effect", measure, collapsed, LIMITS["condition_effect"], **pace)


def latent_guard(images, section, pace):
    """Collapse: other latents give the same image."""

    def measure(history):
        return variety(images(history))

    return Guard("latent_effect", measure, partial(alike, section), LIMITS["latent_effect"], **pace)


def noise_guard(generator, conditions, pace):
    """Noise without effect: one image for the same masks. For generators with noise_channels.

    It only warns: one image for each mask is less than was hoped for, but still an image to learn from.
    """

    def measure(history):
        return noise_effect(generator, conditions)

    return Guard("noise_effect", measure, None, Limits(least=LEAST_NOISE_EFFECT), **pace)


def contrast_guard(images, pace):
    """Blank images."""

    def measure(history):
        return contrast(images(history))

    return Guard("contrast", measure, blank, LIMITS["contrast"], **pace)


def saturation_guard(images, pace):
    """Images that are nothing but black and white."""

    def measure(history):
        return saturation(images(history))

    return Guard("saturation", measure, blank, LIMITS["saturation"], **pace)


def discriminator_guard(wrong_call, pace):
    """A discriminator that is always right: its gradients teach the generator nothing any more.

    Measured is the mean loss in units of `wrong_call` (of `losses.Adversarial`): a larger part of the images
    cannot be called wrongly.
    """

    def measure(history):
        return discriminator_loss(history[-pace["every"] :]) / wrong_call

    return Guard("called_wrongly", measure, unbalanced, LIMITS["called_wrongly"], **pace)


def findings_of_gan(generator, masks, history, guards):
    """What was found in the training of a generator, and of the finished one: rows of FINDING_COLUMNS.

    masks: as for `effect_of_masks`; guards: of the config. One that draws the same whatever the mask is an
    error where failures stop.
    """
    if guards["on_failure"] == "stop":
        assert_condition_matters(generator, masks)
        return []
    effect = effect_of_masks(generator, masks)
    last = [finding("condition_effect", len(history), effect)] if effect < LEAST_EFFECT else []
    found = findings_of(history, **guards)
    ends = {(one["score"], one["step"]) for one in last}  # the guard may have asked after the last step, too
    return [one for one in found if (one["score"], one["step"]) not in ends] + last


def assert_condition_matters(generator, masks):
    """Refuse a finished generator that draws one image for all masks: uint8 {0, 1}, a list of [Z, Y, X]."""
    effect = effect_of_masks(generator, masks)
    if effect < LEAST_EFFECT:
        found = f"other masks change the image by {effect:.4f} on average where they differ"
        raise collapsed(found, f"at least {LEAST_EFFECT} of the range [-1, 1]")


def effect_of_masks(generator, masks):
    """Mean change of a finished generator's images with its masks: uint8 {0, 1}, a list of [Z, Y, X]."""
    depth = len(masks[0])
    chosen = np.linspace(0, depth - 1, min(depth, JUDGED_SLICES)).astype(int)
    judged = np.stack([mask[chosen, :JUDGED_SIDE, :JUDGED_SIDE] for mask in masks], axis=1)
    return condition_effect(generator, torch.from_numpy(network_conditions(judged)))  # [Z, M, Y, X]


def collapsed(found, expected):
    fix = "raise gans.training.steps, or lower learning_rate of the optimisers or l1_weight of the objective"
    return SynthemError("GAN_COLLAPSED", "generator", found, expected=expected, fix=fix)


def alike(section, found, expected):
    fix = (
        f"lower learning_rate in {section}.training.optimisers, or set {section}.guards.on_failure to record"
    )
    return SynthemError("GAN_COLLAPSED", section, found, expected=expected, fix=fix)


def blank(found, expected):
    fix = "lower learning_rate in training.optimisers, or set guards.on_failure to record"
    return SynthemError("GAN_BLANK", "generator", found, expected=expected, fix=fix)


def unbalanced(found, expected):
    fix = "lower learning_rate in training.optimisers.discriminator, or the base_width of the discriminator"
    return SynthemError("GAN_UNBALANCED", "discriminator", found, expected=expected, fix=fix)


def condition_effect(generator, conditions):
    """Mean change of images where their masks [B, M, Y, X] differ from those of the next sample, mirrored.

    Sample by sample, as images are drawn in use. Dropout and noise are off: their chance is no effect of
    masks. Not-a-number where no masks differ.
    """
    others = conditions.roll(1, dims=0).flip(-1)
    changes = []
    with in_use(generator, conditions) as painter:
        for own, other in zip(conditions.split(1), others.split(1), strict=True):
            change = (answer(painter, own) - answer(painter, other)).abs().mean(dim=1, keepdim=True)
            changes.append(change[(own != other).any(dim=1, keepdim=True)])
    return torch.cat(changes).mean().item()


def variety(images):
    """Mean difference between each image of [B, C, Y, X] and the next."""
    return (images - images.roll(1, dims=0)).abs().mean().item()


def noise_effect(generator, conditions):
    """Mean change of the image between two noises, the same two at each check."""
    one, other = (drawn(generator, conditions, noise_seed=seed) for seed in (0, 1))
    return (one - other).abs().mean().item()


def contrast(images):
    """Mean over [B, C, Y, X] of each image's standard deviation over its pixels."""
    return images.flatten(2).std(dim=2, correction=0).mean().item()


def saturation(images):
    """Share of the values that are as good as -1 or 1."""
    return (images.abs() >= SATURATED).float().mean().item()


def discriminator_loss(rows):
    """Mean loss on real and on generated images over some rows of the history."""
    return sum(row["d_real"] + row["d_fake"] for row in rows) / (2 * len(rows))


def drawn(generator, conditions, noise_seed=None):
    """Images as the finished generator would draw them for masks [B, M, Y, X]; training goes on undisturbed.

    noise_seed: of its noise; None for noise of zeros.
    """
    with in_use(generator, conditions) as painter:
        if noise_seed is None:
            return answer(painter, conditions)
        torch.manual_seed(noise_seed)
        return painter(conditions, noise_for(painter, conditions))


@contextmanager
def in_use(generator, conditions):
    """A copy of the generator as it is used, for all that a check draws: a copy takes as long as an image."""
    painter = ready_to_draw(copy.deepcopy(generator), dropout=False)
    devices = [conditions.device] if conditions.device.type == "cuda" else []
    with torch.no_grad(), torch.random.fork_rng(devices=devices):
        yield painter
