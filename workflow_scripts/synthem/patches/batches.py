"""Batches that a segmenter learns from: patches of several sets, each changed in its own way.

A batch is float32 on the device: channels [B, C, size, size] (the standardised image, then known masks),
target [B, 1, size, size], and what is known of it, 0 or 1; None where the sets have no unknown voxel.
"""

import numpy as np
import torch

from synthem.kernels.slices import each_slice
from synthem.patches.augment import (
    bending_weights,
    blur_weights,
    draw_changes,
    margin_of,
    no_changes,
    noise_table,
    refuse_folds,
)
from synthem.patches.on_gpu import DeviceSets
from synthem.patches.on_processor import bending, fill_image, fill_mask
from synthem.patches.places import draw_places

NOTHING = np.empty(0, np.float32)
NO_SHIFTS = np.empty((2, 0, 0), np.float32)


class Batches:
    """The batch of each step: a function of (seed, sets, step) and of nothing else."""

    def __init__(self, sets, *, augment, seed, batch_size, size, device):
        refuse_folds(elastic=augment["elastic"], size=size)
        self.sets, self.augment = sets, augment
        self.batch = {"seed": seed, "batch_size": batch_size, "size": size}
        self.filled = DeviceSets(sets, device) if device.type == "cuda" else HostSets(sets)

    def of_step(self, number):
        places = draw_places(self.sets, step=number, **self.batch)
        changes = draw_changes([place.seed for place in places], **self.augment)
        return self.filled.fill(places, changes, self.batch["size"])


def unchanged_batch(examples, *, batch_size, size, device):
    """The first patches of a set as they are, at the same places whatever the seed of a training."""
    places = draw_places([examples], seed=0, step=0, batch_size=batch_size, size=size)
    batch = HostSets([examples]).fill(places, no_changes(batch_size), size)
    return [None if part is None else part.to(device) for part in batch]


class HostSets:
    """Sets in memory. Each patch is filled by one thread, so their number changes no bit."""

    def __init__(self, sets):
        self.sets = sets
        self.has_unknown = any(examples.has_unknown for examples in sets)

    def fill(self, places, changes, size):
        first = self.sets[0]
        channels = first.image_channels + len(first.conditions)
        channels = np.empty((len(places), channels, size, size), np.float32)
        target = np.empty((len(places), 1, size, size), np.float32)
        known = np.ones_like(target) if self.has_unknown else None

        def fill_one(b):
            examples = self.sets[places[b].index]
            at = position(places[b], changes, b, size)
            fill_plane(examples, places[b].z, at, changes, b, channels[b, : first.image_channels])
            beside = channels[b, first.image_channels :]
            for mask, out in zip(examples.conditions.values(), beside, strict=True):
                fill_mask(mask[places[b].z], *at, out)
            fill_mask(examples.target[places[b].z], *at, target[b, 0])
            if examples.has_unknown:
                fill_mask(examples.ignore[places[b].z], *at, known[b, 0])
                np.subtract(1, known[b, 0], out=known[b, 0])

        each_slice(fill_one, len(places), torch.get_num_threads())
        parts = (channels, target, known)
        return [None if part is None else torch.from_numpy(part) for part in parts]


def position(place, changes, b, size):
    """What image and masks of a patch share: y, x, how it is turned, how bent, and the margin for that."""
    margin = margin_of(changes)
    shifts = bending(changes.control[b], bending_weights(size)) if margin else NO_SHIFTS
    return place.y, place.x, changes.turned[b], shifts, margin


def fill_plane(examples, z, at, changes, b, out):
    """The image of a patch of slice z, float32 [C, size, size], into `out`."""
    plane = examples.image[z]
    mean, deviation = (np.atleast_1d(values[z]) for values in examples.statistics)
    fill_image(
        plane.reshape(*plane.shape[:2], -1),
        *at,
        blur_weights(*changes.blur) if changes.blurred[b] else NOTHING,
        mean,
        changes.gain[b] / deviation,
        changes.shift[b],
        changes.noise[b],
        noise_table() if changes.noise[b] else NOTHING,
        changes.noise_start[b],
        out,
    )
