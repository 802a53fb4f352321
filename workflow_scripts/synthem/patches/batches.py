"""Batches of a segmenter: patches of several sets, each with transforms of its own.

A batch is float32 on the device: channels [B, C, size, size] (the standardised image, then known masks),
target [B, 1, size, size], and what is known of it, 0 or 1; None where the sets have no unknown voxel. Patches
of several slices are [B, C, depth, size, size]: stacks of flat patches that move alike. Where affinities are
learnt, target and what is known have a channel for each.
"""

from dataclasses import replace

import numpy as np
import torch

from synthem.errors import SynthemError
from synthem.kernels.threads import each_slice
from synthem.patches.affinities import UNKNOWN_HERE, affinities_of
from synthem.patches.augment import (
    bending_weights,
    blur_weights,
    draw_stack_transforms,
    margin_of,
    no_transforms,
    noise_table,
    refuse_folds,
)
from synthem.patches.on_gpu import DeviceSets
from synthem.patches.on_processor import bending, fill_image, fill_mask
from synthem.patches.places import draw_places, one_after_the_other
from synthem.patches.series import Series, in_turn

NOTHING = np.empty(0, np.float32)
NO_SHIFTS = np.empty((2, 0, 0), np.float32)


class Batches:
    """The batch of each step: a function of (seed, sets, phases, step) and of nothing else.

    phases ((first step, shares of the sets), ...), as of `series`; None: equal shares.
    """

    def __init__(self, sets, *, phases=None, augment, seed, batch_size, size, depth, device):
        refuse_folds(elastic=augment["elastic"], size=size)
        _refuse_other_colours(sets)
        self.sets, self.augment = sets, augment
        self.series = Series(phases or in_turn(len(sets)), batch_size)
        self.place = {"seed": seed, "size": size, "depth": depth}
        self.filled = DeviceSets(sets, device) if device.type == "cuda" else HostSets(sets)

    def of_step(self, number):
        places = self._places(number)
        seeds = [place.seed for place in places]
        return self._filled(places, draw_stack_transforms(seeds, self.place["depth"], **self.augment))

    def unchanged_of_step(self, number):
        """The same patches as they are in their sets."""
        places = self._places(number)
        return self._filled(places, no_transforms(len(places) * self.place["depth"]))

    def _places(self, number):
        return draw_places(self.sets, self.series.of_step(number), **self.place)

    def _filled(self, places, transforms):
        shape = {key: self.place[key] for key in ("size", "depth")}
        return fill_stacks(self.filled, self.sets, places, transforms, **shape)


def _refuse_other_colours(sets):
    """A batch has one number of channels, and a kernel would write beside it."""
    first, *others = sets
    for other in others:
        if other.image_channels != first.image_channels:
            raise SynthemError(
                "DATA_SHAPE",
                f"data set {other.name}",
                f"images of {other.image_channels} channels",
                expected=f"as many as the {first.image_channels} of {first.name}",
                fix="let an arm learn from images of one kind",
            )


def unchanged_batch(examples, *, batch_size, size, depth, device):
    """The first patches of a set as they are, at the same places whatever the seed of a training."""
    first = one_after_the_other(0, batch_size)
    places = draw_places([examples], first, seed=0, size=size, depth=depth)
    transforms = no_transforms(batch_size * depth)
    batch = fill_stacks(HostSets([examples]), [examples], places, transforms, size=size, depth=depth)
    return [None if part is None else part.to(device) for part in batch]


def fill_stacks(filled, sets, places, transforms, *, size, depth):
    """Patches of `depth` slices from sets that fill flat ones; a row of `transforms` for each slice."""
    shown = [sets[place.index].slices_from(place.z, depth) for place in places]
    channels, target, known = filled.fill(_planes(places, shown), transforms, size)
    if sets[0].labels is not None:
        target, known = _affinities(filled, sets, places, shown, transforms, size)
    parts = (channels, target, known)
    return [None if part is None else stacked(part, depth) for part in parts]


def _planes(places, slices):
    """One place for each slice of each patch."""
    return [replace(place, z=z) for place, numbers in zip(places, slices, strict=True) for z in numbers]


def _affinities(filled, sets, places, shown, transforms, size):
    """Target and what is known of it, of flat patches [P, steps, Y, X]: of labels that have moved already.

    In a patch that is turned, left is where above was: affinities of the slice would not turn with it. For
    steps across slices, those before the patch are looked at, too.
    """
    steps, depth = sets[0].steps, len(shown[0])
    lead = max(-z for z, _, _ in steps)
    before = [sets[place.index].slices_before(place.z, lead) for place in places]
    numbers = [[*some, *others] for some, others in zip(before, shown, strict=True)]
    outside = np.array([z is None for slices in numbers for z in slices])
    slices = [[place.z if z is None else z for z in row] for place, row in zip(places, numbers, strict=True)]
    rows = np.repeat(np.arange(len(places)) * depth, lead + depth)
    moved = replace(transforms, turned=transforms.turned[rows], control=transforms.control[rows])
    labels = filled.fill_labels(_planes(places, slices), moved, size)
    labels = labels.masked_fill(filled.send(outside)[:, None, None], UNKNOWN_HERE)
    found = affinities_of(labels.unflatten(0, (-1, lead + depth)), steps)
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

    def fill(self, places, transforms, size):
        """Flat patches at these places."""
        first = self.sets[0]
        channels = first.image_channels + len(first.conditions)
        channels = np.empty((len(places), channels, size, size), np.float32)
        mask = (len(places), 1, size, size)
        target = np.empty(mask, np.float32) if self.has_target else None
        known = np.ones(mask, np.float32) if self.has_unknown else None

        def fill_one(b):
            examples = self.sets[places[b].index]
            at = position(places[b], transforms, b, size)
            fill_plane(examples, places[b].z, at, transforms, b, channels[b, : first.image_channels])
            beside = channels[b, first.image_channels :]
            for mask, out in zip(examples.conditions.values(), beside, strict=True):
                fill_mask(mask[places[b].z], *at, out)
            if self.has_target:
                fill_mask(examples.target[places[b].z], *at, target[b, 0])
            if self.has_unknown and examples.has_unknown:
                fill_mask(examples.ignore[places[b].z], *at, known[b, 0])
                np.subtract(1, known[b, 0], out=known[b, 0])

        each_slice(fill_one, len(places), torch.get_num_threads())
        return [None if part is None else self.send(part) for part in (channels, target, known)]

    def fill_labels(self, places, transforms, size):
        """Their labels, int32 [P, size, size]."""
        labels = np.empty((len(places), size, size), np.int32)

        def fill_one(b):
            plane = self.sets[places[b].index].labels[places[b].z].view(np.int32)
            fill_mask(plane, *position(places[b], transforms, b, size), labels[b])

        each_slice(fill_one, len(places), torch.get_num_threads())
        return self.send(labels)

    def send(self, array):
        return torch.from_numpy(array)


def position(place, transforms, b, size):
    """Place and geometry of a patch: y, x, symmetry, shifts of its bending, and the margin for that."""
    margin = margin_of(transforms)
    shifts = bending(transforms.control[b], bending_weights(size)) if margin else NO_SHIFTS
    return place.y, place.x, transforms.turned[b], shifts, margin


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
