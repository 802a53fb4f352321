"""A pair of networks and one that trains them, ready for its first step."""

from dataclasses import replace

import numpy as np
import torch

from synthem.gans.batches import Pairs
from synthem.gans.diff_augment import Changes
from synthem.gans.networks import build_discriminator, build_generator
from synthem.gans.objectives import OBJECTIVES
from synthem.networks.saving import class_of_kind
from tests.shared.gan_settings import MEMBRANE_TRANSFER, squares


def generator_of(settings, colours=1):
    return build_generator(settings["generator"], masks=2, colours=colours, seed=0)


def discriminator_of(settings, colours=1):
    objective = settings["objective"]
    channels = colours + 2 * objective[objective["kind"]].get("condition", False)
    return build_discriminator(settings["discriminator"], channels=channels, masks=2, seed=0)


def task(examples=None, settings=MEMBRANE_TRANSFER):
    examples = examples or squares()
    training, cpu = settings["training"], torch.device("cpu")
    place = {key: training[key] for key in ("batch_size", "patch", "seed")}
    step = class_of_kind(OBJECTIVES, settings["objective"]["kind"])
    return step(
        generator_of(settings, examples.image_channels),
        discriminator_of(settings, examples.image_channels),
        Pairs(examples, **place, device=cpu),
        Changes(**settings["diff_augment"], device=cpu),
        step.weights(**settings["objective"][settings["objective"]["kind"]]),
        guards=settings["guards"],
        **{key: training[key] for key in ("steps", "precision", "optimisers")},
    )


def half_unknown(**changed):
    ignore = np.zeros(squares().image.shape, np.uint8)
    ignore[:, :, 24:] = 1
    return replace(squares(), ignore=ignore, **changed)
