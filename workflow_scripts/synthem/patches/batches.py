"""Batches of a segmenter: patches of several sets, each with transforms of its own.

A batch is float32 on the device: channels [B, C, size, size] (the standardised image, then known masks),
target [B, 1, size, size], and what is known of it, 0 or 1; None where the sets have no unknown voxel. Patches
of several slices are [B, C, depth, size, size]: stacks of flat patches that move alike. Where affinities are
learnt, target and what is known have a channel for each.
"""

import numpy as np
import torch

from synthem.errors import SynthemError
from synthem.kernels.threads import each_slice
from synthem.patches.affinities import UNKNOWN_HERE, affinities_of_labels
from synthem.patches.augment import (
    bending_weights,
    blur_weights,
    draw_stack_transforms,
    margin_of,
    no_transforms,
    noise_table,
    refuse_folds,
)
from synthem.patches.chance import streams_of
from synthem.patches.drawn import Ahead, drawn_stacks
from synthem.patches.on_gpu import DeviceSets
from synthem.patches.on_processor import bending, fill_image, fill_mask
from synthem.patches.places import draw_places, one_after_the_other
from synthem.patches.series import Series, in_turn
from synthem.storage.naming import count_text

NOTHING = np.empty(0, np.float32)
NO_SHIFTS = np.empty((2, 0, 0), np.float32)


class Batches:
    """The batch of each step: a function of (seed, sets, phases, step) and of nothing else.

    phases ((first step, shares of the sets), ...), as of `series`; None: equal shares.
    """

    def __init__(self, sets, *, phases=None, augment, seed, batch_size, size, depth, device):
        refuse_folds(elastic=augment["elastic"], scale=augment["scale"], size=size)
        _refuse_other_colours(sets)
        self.sets, self.augment = sets, augment
        self.series = Series(phases or in_turn(len(sets)), batch_size)
        self.place = {"seed": seed, "size": size, "depth": depth}
        self.filled = held(sets, device)
        early = device.type == "cuda"
        self.ahead = Ahead(self._draw, lambda drawn: self.filled.ready(drawn), early=early)

    @classmethod
    def of_training(cls, sets, training, *, phases, depth, device):
        """The batches that a section `training` of the config asks for, of patches of `depth` slices."""
        wanted = {key: training[key] for key in ("augment", "seed", "batch_size")}
        return cls(sets, phases=phases, size=training["patch"], depth=depth, device=device, **wanted)

    def of_step(self, number):
        return self._filled(self.ahead.of_step(number))

    def unchanged(self):
        """The patches of the first step as they are in their sets."""
        places = draw_places(self.sets, self.series.of_steps(0, 1), **self.place)
        depth = self.place["depth"]
        transforms = no_transforms(len(places) * depth)
        return self._filled(self.filled.ready(drawn_stacks(self.sets, places, transforms, depth)))

    def _draw(self, first, count):
        patches, depth = self.series.of_steps(first, count), self.place["depth"]
        places = draw_places(self.sets, patches, **self.place)
        streams = streams_of(self.sets, patches, seed=self.place["seed"])
        transforms = draw_stack_transforms(streams, depth, self.augment, self.place["size"])
        return drawn_stacks(self.sets, places, transforms, depth)

    def _filled(self, drawn):
        shape = {key: self.place[key] for key in ("size", "depth")}
        return fill_stacks(self.filled, self.sets, drawn, **shape)


def held(sets, device):
    """What fills patches of these sets: on a GPU, slices that it holds."""
    return DeviceSets(sets, device) if device.type == "cuda" else HostSets(sets)


def _refuse_other_colours(sets):
    """A batch has one number of channels, and a kernel would write beside it."""
    first, *others = sets
    for other in others:
        if other.image_channels != first.image_channels:
            raise SynthemError(
                "DATA_SHAPE",
                f"data set {other.name}",
                f"images of {count_text(other.image_channels, 'channel')}",
                expected=f"as many as the {first.image_channels} of {first.name}",
                fix="let an arm learn from images of one kind",
            )


def unchanged_batch(examples, *, batch_size, size, depth, device):
    """The first patches of a set as they are, at the same places whatever the seed of a training."""
    first = one_after_the_other(0, batch_size)
    places = draw_places([examples], first, seed=0, size=size, depth=depth)
    drawn = drawn_stacks([examples], places, no_transforms(batch_size * depth), depth)
    batch = fill_stacks(HostSets([examples]), [examples], drawn, size=size, depth=depth)
    return [None if part is None else part.to(device) for part in batch]


def fill_stacks(filled, sets, drawn, *, size, depth):
    """Patches of `depth` slices from sets that fill flat ones."""
    channels, target, known = filled.fill(drawn.planes, drawn.transforms, size)
    if drawn.labels:
        target, known = _affinities(filled, drawn.labels, sets[0].steps, size, depth)
    parts = (channels, target, known)
    return [None if part is None else stacked(part, depth) for part in parts]


def _affinities(filled, labels, steps, size, depth):
    """Target and what is known of it, of flat patches [P, steps, Y, X]: of labels that have moved already.

    In a patch that is turned, left is where above was: affinities of the slice would not turn with it.
    """
    lead = max(-z for z, _, _ in steps)
    moved = filled.fill_labels(labels.planes, labels.transforms, size)
    moved = moved.masked_fill(torch.as_tensor(labels.outside)[:, None, None], UNKNOWN_HERE)
    found = affinities_of_labels(moved.unflatten(0, (-1, lead + depth)), steps)
    return [part[:, :, lead:].transpose(1, 2).flatten(0, 1) for part in found]


def stacked(planes, depth):
    """[B depth, C, Y, X] -> [B, C, depth, Y, X]; flat patches stay flat."""
    return planes if depth == 1 else planes.unflatten(0, (-1, depth)).transpose(1, 2)


class HostSets:
    """Sets in memory. Each patch is filled by one thread, so their number changes no bit."""

    def __init__(self, sets):
        self.sets = sets
        self.has_target = sets[0].target is not None
        self.has_unknown = sets[0].labels is None and any(examples.has_unknown for examples in sets)

    def ready(self, drawn):
        """What is drawn, where it is needed: it is there."""
        return drawn

    def fill(self, places, transforms, size):
        """Flat patches at these places."""
        first = self.sets[0]
        channels = first.image_channels + len(first.conditions)
        channels = np.empty((len(places), channels, size, size), np.float32)
        mask = (len(places), 1, size, size)
        target = np.empty(mask, np.float32) if self.has_target else None
        known = np.ones(mask, np.float32) if self.has_unknown else None

        def fill_one(b):
            examples, z = self.sets[places.index[b]], places.z[b]
            at = position(places, transforms, b, size)
            fill_plane(examples, z, at, transforms, b, channels[b, : first.image_channels])
            beside = channels[b, first.image_channels :]
            for mask, out in zip(examples.conditions.values(), beside, strict=True):
                fill_mask(mask[z], *at, out)
            if self.has_target:
                fill_mask(examples.target[z], *at, target[b, 0])
            if self.has_unknown and examples.has_unknown:
                fill_mask(examples.ignore[z], *at, known[b, 0])
                np.subtract(1, known[b, 0], out=known[b, 0])

        each_slice(fill_one, len(places), torch.get_num_threads())
        return [None if part is None else torch.from_numpy(part) for part in (channels, target, known)]

    def fill_labels(self, places, transforms, size):
        """Labels of flat patches at these places, int32 [P, size, size]."""
        labels = np.empty((len(places), size, size), np.int32)

        def fill_one(b):
            plane = self.sets[places.index[b]].labels[places.z[b]].view(np.int32)
            fill_mask(plane, *position(places, transforms, b, size), labels[b])

        each_slice(fill_one, len(places), torch.get_num_threads())
        return torch.from_numpy(labels)


def position(places, transforms, b, size):
    """Place and geometry of a patch: y, x, symmetry, shifts of its bending, and the margin for that."""
    margin = margin_of(transforms)
    shifts = bending(transforms.control[b], bending_weights(size)) if margin else NO_SHIFTS
    return places.y[b], places.x[b], transforms.turned[b], shifts, margin


def fill_plane(examples, z, at, transforms, b, out):
    """The image of a patch of slice z, float32 [C, size, size], into `out`."""
    plane = examples.image[z]
    mean, deviation = (np.atleast_1d(values[z]) for values in examples.statistics)
    fill_image(
        plane.reshape(*plane.shape[:2], -1),
        *at,
        blur_weights(*transforms.blur) if transforms.blurred[b] else NOTHING,
        blur_weights(*transforms.part_blur) if transforms.part_blurred[b] else NOTHING,
        mean,
        transforms.gain[b] / deviation,
        transforms.shift[b],
        transforms.noise[b],
        noise_table() if transforms.noise[b] else NOTHING,
        transforms.noise_start[b],
        transforms.missing[b],
        transforms.edges[b],
        out,
    )
