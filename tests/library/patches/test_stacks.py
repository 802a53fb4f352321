"""Patches of several slices, and affinities: what `fill_stacks` puts together from flat patches."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.ndimage import map_coordinates

from synthem.compute.devices import use_threads
from synthem.labels.targets import UNKNOWN
from synthem.patches.augment import draw_stack_transforms, draw_transforms
from synthem.patches.batches import Batches, HostSets, fill_stacks, unchanged_batch
from synthem.patches.chance import streams_of
from synthem.patches.drawn import drawn_stacks
from synthem.patches.places import PatchSet, Places, draw_places, one_after_the_other
from tests.shared.augment_settings import OFF
from tests.shared.slow_patches import (
    CHANGES,
    CPU,
    SIZE,
    filled,
    grey,
    slow_places,
    slowly_turned,
    taken_in_turn,
    tensors,
)
from tests.shared.true_affinities import affinities

use_threads(1)
BACKENDS = [HostSets, tensors]
STEPS = ((-1, 0, 0), (0, -1, 0), (0, 0, -1), (-1, 1, -1), (0, 9, -4))
SHAPE = (7, 57, 91)
RUNS = ((0, 3), (3, 7))


def cells(runs=RUNS, name="cells", seed=0):
    """Blocks of labels, some of them 0, some unknown; noise as the image."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 4, (SHAPE[0], 10, 16), np.uint32).repeat(6, 1).repeat(6, 2)
    labels = labels[:, : SHAPE[1], : SHAPE[2]]
    ignore = (random.random(SHAPE) < 0.02).astype(np.uint8)
    labels = np.where(ignore, UNKNOWN, labels)
    image = random.integers(0, 256, SHAPE, np.uint8)
    return PatchSet(name, image, ignore=ignore, labels=labels, steps=STEPS, runs=runs)


def batch_of(sets, backend, *, depth, count=6, **augment):
    patches = taken_in_turn(sets, count)
    places = draw_places(sets, patches, seed=3, size=SIZE, depth=depth)
    transforms = draw_stack_transforms(streams_of(sets, patches, seed=3), depth, OFF | augment)
    held = backend(sets)
    drawn = held.ready(drawn_stacks(sets, places, transforms, depth))
    return places, transforms, fill_stacks(held, sets, drawn, size=SIZE, depth=depth)


def slow_affinities(examples, place, numbers, control, turned):
    """By scipy, of labels that moved first: target and known [steps, len(numbers), SIZE, SIZE]."""
    around = SIZE + 8
    y, x = slow_places(control)
    moved = []
    for z in numbers:
        if z is None:
            moved.append(np.full((SIZE, SIZE), int(UNKNOWN)))
            continue
        wide = np.pad(examples.labels[z].astype(np.int64), (around, around + SIZE), mode="reflect")
        wide = wide[place.y : place.y + SIZE + 2 * around, place.x : place.x + SIZE + 2 * around]
        moved.append(map_coordinates(slowly_turned(wide, turned), (y + around, x + around), order=0))
    moved = np.array(moved)
    certain = moved != int(UNKNOWN)
    both = affinities(certain.astype(np.uint8), STEPS)
    return affinities(moved, STEPS) * both, both


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("augment", [{}, {"turn": True}, {"turn": True, "elastic": 3.5}], ids=str)
@pytest.mark.parametrize("depth", [1, 3])
def test_affinities_are_those_of_labels_that_moved_with_their_image(depth, augment, backend):
    sets = [cells()]
    places, transforms, (channels, target, known) = batch_of(sets, backend, depth=depth, **augment)
    if depth == 1:
        channels, target, known = (part[:, :, None] for part in (channels, target, known))
    assert channels.shape == (6, 1, depth, SIZE, SIZE)
    for b, place in enumerate(places):
        before = None if place.z in (0, 3) else place.z - 1  # the first slices of the two runs
        numbers = [before, *range(place.z, place.z + depth)]
        expected = slow_affinities(
            sets[0], place, numbers, transforms.control[b * depth], transforms.turned[b * depth]
        )
        for part, wanted in zip((target[b], known[b]), expected, strict=True):
            wrong = (part.numpy() != wanted[:, 1:]).sum()
            assert wrong <= (30 if augment.get("elastic") else 0)  # float32 places half way between pixels
    assert 0.05 < target.mean() < 0.5 < known.mean() < 1


def test_across_slices_that_are_no_neighbours_nothing_is_known():
    _, _, (_, _, known) = batch_of([cells(runs=tuple((z, z + 1) for z in range(7)))], HostSets, depth=1)
    for channel, step in enumerate(STEPS):
        assert known[:, channel].any() == (step[0] == 0)


def test_linked_and_single_slices_share_a_batch():
    sets = [cells(), cells(runs=tuple((z, z + 1) for z in range(7)), name="synthetic")]
    _, _, (_, _, known) = batch_of(sets, HostSets, depth=1, count=20)
    assert known[0::2, 0].any() and not known[1::2, 0].any()
    assert known[:, 1].flatten(1).any(dim=1).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_deep_patch_is_a_stack_of_flat_ones_that_move_alike(backend):
    sets = [replace(grey(shape=(9, 57, 91)), runs=((0, 9),))]
    places, transforms, batch = batch_of(sets, backend, depth=4, **CHANGES["all"])
    planes = Places(*(np.repeat(part, 4) for part in (places.index, places.z, places.y, places.x)))
    planes.z[:] += np.tile(np.arange(4), len(places))
    flat = filled(backend, sets, planes, transforms)
    for deep, one in zip(batch, flat, strict=True):
        assert deep.shape[2:] == (4, SIZE, SIZE)
        torch.testing.assert_close(deep.transpose(1, 2).flatten(0, 1), one, rtol=0, atol=0)


def test_slices_of_a_patch_move_and_fade_alike_but_are_blurred_and_noisy_one_by_one():
    everything = CHANGES["all"] | {"low_contrast": {"probability": 0.5, "gain": 0.3}}
    streams = streams_of([cells()], one_after_the_other(0, 20), seed=0)
    transforms = draw_stack_transforms(streams, 5, OFF | everything)
    for part in ("turned", "control", "gain", "shift"):
        rows = getattr(transforms, part).reshape(20, 5, -1)
        assert (rows == rows[:, :1]).all() and len(np.unique(rows[:, 0], axis=0)) > 4
    blurred = transforms.blurred.reshape(20, 5)
    assert (blurred.any(axis=1) & ~blurred.all(axis=1)).sum() > 10
    for part in (transforms.noise, transforms.noise_start):
        assert len(np.unique(part)) == 100


def test_a_flat_patch_is_changed_as_if_there_were_no_deep_ones():
    streams = streams_of([cells()], one_after_the_other(5, 2), seed=0)
    alone, stack = (
        draw_transforms(streams, **OFF | CHANGES["all"]),
        draw_stack_transforms(streams, 1, OFF | CHANGES["all"]),
    )
    assert (alone.noise_start == stack.noise_start).all() and (alone.control == stack.control).all()


def starts_of(examples, depth):
    return set(draw_places([examples], one_after_the_other(0, 60), seed=0, size=8, depth=depth).z.tolist())


def slices_from(z, depth, runs=RUNS):
    return cells(runs=runs).slices_from(np.array([z]), depth)[0].tolist()


def test_a_patch_never_lies_across_a_gap():
    assert starts_of(cells(), depth=3) == {0, 3, 4}
    assert slices_from(4, 3) == [4, 5, 6]


def test_too_few_slices_are_mirrored():
    assert starts_of(cells(), depth=6) == {0, 3}
    assert slices_from(0, 6) == [0, 1, 2, 1, 0, 1]
    assert slices_from(3, 6) == [3, 4, 5, 6, 5, 4]
    assert slices_from(0, 3, runs=((0, 1), (1, 7))) == [0, 0, 0]


def test_slices_before_a_patch_are_of_its_run():
    before = cells().slices_before(np.array([0, 2, 3, 6]), 2)
    assert before.tolist() == [[-1, -1], [0, 1], [-1, -1], [4, 5]]


def test_deep_batches_do_not_depend_on_threads_or_on_the_step_before():
    settings = {"seed": 0, "batch_size": 2, "size": SIZE, "depth": 3, "device": CPU}
    settings["augment"] = OFF | CHANGES["all"]
    try:
        wanted = Batches([cells()], **settings).of_step(4)
        use_threads(3)
        again = Batches([cells()], **settings)
        again.of_step(0)
        assert all(torch.equal(*parts) for parts in zip(wanted, again.of_step(4), strict=True))
    finally:
        use_threads(1)


def test_an_unchanged_deep_batch_holds_slices_as_they_are():
    image = np.arange(64, dtype=np.uint8).reshape(4, 4, 4)
    examples = PatchSet("a", image, target=image % 2)
    channels, target, known = unchanged_batch(examples, batch_size=2, size=4, depth=4, device=CPU)
    assert known is None and channels.shape == target.shape == (2, 1, 4, 4, 4)
    assert (target[0, 0].numpy() == image % 2).all()
    np.testing.assert_allclose(
        channels[0, 0], (image - image.mean((1, 2), keepdims=True)) / 21.25**0.5, rtol=1e-5
    )
