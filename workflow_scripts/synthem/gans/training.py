"""Training of generators, masks -> image: from the words of the config to a trained network."""

import copy
from functools import partial

import numpy as np
import torch

from synthem.compute.collectives import synchronised, world_size
from synthem.compute.devices import pick_device
from synthem.compute.memory import memory_explained, step_need
from synthem.compute.precision import precision_here
from synthem.errors import SynthemError
from synthem.gans.batches import Pairs
from synthem.gans.diff_augment import Changes
from synthem.gans.drawing import answer, ready_to_draw
from synthem.gans.guards import (
    condition_guard,
    contrast_guard,
    discriminator_guard,
    noise_guard,
    saturation_guard,
)
from synthem.gans.networks import Networks
from synthem.gans.oasis import Classes, Oasis
from synthem.gans.steps import Pix2Pix, RealOrFake
from synthem.intensity import network_conditions
from synthem.training.loop import seed_everything, train
from synthem.training.transfer import take_weights

JUDGED_SLICES = 16  # at most, evenly spread
JUDGED_SIDE = 512  # pixels: a whole slice may be larger than memory allows
SMALLEST_CHANGE = 0.02  # in [-1, 1], i.e. 2.5 grey levels: below the noise of any microscope

# The kinds of gans.objective: a training step, and how its losses are weighed.
OBJECTIVES = {"real_or_fake": (Pix2Pix, RealOrFake), "classes": (Oasis, Classes)}


def train_gan(
    examples,
    *,
    generator,
    discriminator,
    objective,
    diff_augment,
    guards,
    steps,
    batch_size,
    patch,
    precision,
    start_from,
    seed,
    folder,
    fingerprint,
    checkpoint_every,
    tensorboard=False,
    **learning,
):
    """Fit a generator conditions -> image to patches of `examples` (PatchSet); return it and its losses.

    Its first weights are random, or those of the file `start_from`; the discriminator's are random always.
    The generator of the last step is the result or, where ema has a decay, the average of the last ones.
    `learning`: what Players takes: rates and schedule of the two, and how they are used.
    """
    seed_everything(seed)
    device = pick_device()
    step, weights = OBJECTIVES[objective["kind"]]
    objective = weights(**objective[objective["kind"]])
    networks = Networks(
        generator,
        discriminator,
        masks=len(examples.conditions),
        colours=examples.image_channels,
        condition=objective.condition,
        seed=seed,
    )
    to_lower = {"training.batch_size": batch_size, "training.patch": patch}
    count = partial(networks.bytes_of_a_step, max(batch_size // world_size(), 1), patch)
    with memory_explained("gans", settings=to_lower, need=partial(step_need, count)):
        net = synchronised(networks.build_generator())
        if start_from:
            take_weights(net, start_from, layers=0)
        pairs = Pairs(examples, batch_size=batch_size, patch=patch, seed=seed, device=device)
        task = step(
            net.to(device),
            synchronised(networks.build_discriminator()).to(device),
            pairs,
            Changes(**diff_augment, device=device),
            objective,
            steps=steps,
            precision=precision_here(precision),
            **learning,
        )
        history = train(
            task,
            steps=steps,
            checkpoint_every=checkpoint_every,
            folder=folder,
            fingerprint=fingerprint,
            guards=guards_of(task.generator, pairs, **guards),
            tensorboard=tensorboard,
        )
        return task.result().cpu().eval(), history


def guards_of(generator, pairs, **pace):
    """All guards of a training, which look at the first batch; none where `every` is 0."""
    if not pace["every"]:
        return []
    conditions, _, _ = pairs.of_step(0)
    of_images = [condition_guard, contrast_guard, saturation_guard]
    if generator.noise_channels:
        of_images.append(noise_guard)
    return [*(guard(generator, conditions, **pace) for guard in of_images), discriminator_guard(**pace)]


@torch.no_grad()
def assert_condition_matters(generator, conditions):
    """Refuse a generator that draws one image whatever it is asked for.

    conditions: uint8 {0, 1} [C, Z, Y, X]. Some slices are drawn, once for their own masks and once for those
    of the next, mirrored; where the masks differ, the images must, too. Dropout and noise are off, so that
    their chance does not count as an answer.
    """
    judged = ready_to_draw(copy.deepcopy(generator), dropout=False)  # a copy: norms learn from what they see
    depth = len(conditions[0])
    chosen = np.linspace(0, depth - 1, min(depth, JUDGED_SLICES)).astype(int)
    asked = np.stack([mask[chosen, :JUDGED_SIDE, :JUDGED_SIDE] for mask in conditions], axis=1)
    asked = torch.from_numpy(network_conditions(asked))  # [Z, C, Y, X]
    other = asked.roll(1, dims=0).flip(-1)
    changes = []
    for mine, theirs in zip(asked.split(1), other.split(1), strict=True):
        differs = (mine != theirs).any(dim=1, keepdim=True)
        change = (answer(judged, mine) - answer(judged, theirs)).abs()
        changes.append(change.mean(dim=1, keepdim=True)[differs])  # over the colours
    changes = torch.cat(changes)
    if changes.numel() and changes.mean() < SMALLEST_CHANGE:
        raise SynthemError(
            "GAN_COLLAPSED",
            "generator",
            f"other masks change the image by {changes.mean():.4f} on average where they differ",
            expected=f"at least {SMALLEST_CHANGE} of the range [-1, 1]",
            fix="train longer, or lower generator_learning_rate or l1_weight",
        )
