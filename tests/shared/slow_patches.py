"""Batches of patches by numpy and scipy, one slice after the other: what fast ones are compared with."""

import numpy as np
import torch
from scipy.interpolate import BSpline
from scipy.ndimage import gaussian_filter, map_coordinates

from synthem.patches.augment import draw_transforms, noise_table
from synthem.patches.chance import streams_of
from synthem.patches.drawn import Drawn
from synthem.patches.on_gpu import DeviceSets
from synthem.patches.places import PatchSet, draw_places
from tests.shared.augment_settings import OFF

CPU = torch.device("cpu")
SIZE, COUNT = 40, 8
CHANGES = {
    "nothing": {},
    "turn": {"turn": True},
    "scale": {"scale": [0.95, 1.3]},
    "elastic": {"elastic": 3.5},
    "blur": {"blur": {"probability": 0.5, "sigma": 3, "radius": 5}},
    "local blur": {"local_blur": {"probability": 0.7, "sigma": 2, "radius": 4}},
    "missing": {"missing": 0.7},
    "low contrast": {"low_contrast": {"probability": 0.5, "gain": 0.3}},
    "brightness": {"brightness": 0.2},
    "contrast": {"contrast": 0.2},
    "noise": {"noise": 0.4},
}
CHANGES["all"] = {key: value for change in CHANGES.values() for key, value in change.items()}


def grey(name="grey", dtype=np.uint8, shape=(3, 57, 91), colours=()):
    """Random levels and masks: nothing that goes wrong stays unseen."""
    random = np.random.default_rng(0)
    image = random.integers(0, np.iinfo(dtype).max, (*shape, *colours), dtype, endpoint=True)
    masks = random.integers(0, 2, (3, *shape), np.uint8)
    return PatchSet(name, image, {"structure": masks[0]}, masks[1], masks[2])


def slow_batch(sets, places, transforms):
    """The same with numpy and scipy, one whole slice after the other."""
    batch = []
    for b, place in enumerate(places):
        examples, z = sets[place.index], place.z
        image = examples.image[z].reshape(*examples.image.shape[1:3], -1).astype(float)
        mean, deviation = image.mean(axis=(0, 1)), image.std(axis=(0, 1))
        around = 2 * SIZE  # more than any shift
        turned, (y, x) = transforms.turned[b], slow_places(transforms.control[b])

        def moved(plane, order, place=place, turned=turned, y=y, x=x, around=around):
            plane = np.pad(plane, (around, around + SIZE), mode="reflect")
            wide = plane[place.y : place.y + SIZE + 2 * around, place.x : place.x + SIZE + 2 * around]
            return map_coordinates(slowly_turned(wide, turned), (y + around, x + around), order=order)

        seen = [moved(colour, 1) for colour in np.moveaxis(image, -1, 0)]
        if transforms.blurred[b]:
            seen = [gaussian_filter(colour, 3, mode="mirror", radius=5) for colour in seen]
        if transforms.part_blurred[b]:
            side = beyond(transforms.edges[b, 0])
            seen = [
                np.where(side, gaussian_filter(colour, 2, mode="mirror", radius=4), colour) for colour in seen
            ]
        seen = [(c - m) / d for c, m, d in zip(seen, mean, deviation, strict=True)]
        pixels = (transforms.noise_start[b] + np.arange(SIZE**2)) % len(noise_table())
        noise = transforms.noise[b] * noise_table()[pixels].reshape(SIZE, SIZE)
        seen = [transforms.gain[b] * colour + transforms.shift[b] + noise for colour in seen]
        if transforms.missing[b]:
            gone = beyond(transforms.edges[b, 1]) | (transforms.missing[b] == 2)
            seen = [np.where(gone, 0, colour) for colour in seen]
        masks = (*examples.conditions.values(), examples.target, 1 - examples.ignore)
        *conditions, target, known = [moved(mask[z], 0) for mask in masks]
        batch.append((seen + conditions, [target], [known]))
    return [np.array(part) for part in zip(*batch, strict=True)]


def slowly_turned(plane, turned):
    """transposed?, rows of the slice read backwards?, columns?"""
    transposed, up, left = turned
    plane = plane[:: -1 if up else 1, :: -1 if left else 1]
    return plane.T if transposed else plane


def beyond(edge):
    """The pixels of a patch, from (0, 0) to (2, 2), with a y + b x < a + b + c."""
    a, b, c = map(int, edge)
    return np.array(
        [[a * (2 * i + 1) + b * (2 * j + 1) < (a + b + c) * SIZE for j in range(SIZE)] for i in range(SIZE)]
    )


def slow_places(control):
    """Cubic splines over 5 spans of a patch, by scipy."""
    where = (np.arange(SIZE) + 0.5) * 5 / SIZE
    along = BSpline.design_matrix(where, np.arange(-3, 9), 3).toarray()
    return np.mgrid[:SIZE, :SIZE] + np.einsum("ik,ckn,jn->cij", along, control.astype(float), along)


def taken_in_turn(sets, count):
    """So many patches, the first of each set, then the second of each, ..."""
    return [(k % len(sets), k // len(sets)) for k in range(count)]


def drawn_alike(sets, count=COUNT, **augment):
    """Places and transforms of patches from sets in turn."""
    patches = taken_in_turn(sets, count)
    places = draw_places(sets, patches, seed=3, size=SIZE)
    return places, draw_transforms(streams_of(sets, patches, seed=3), **OFF | augment, size=SIZE)


def filled(backend, sets, places, transforms, size=SIZE):
    """Flat patches by HostSets or DeviceSets."""
    held = backend(sets)
    drawn = held.ready(Drawn(places, transforms))
    return held.fill(drawn.planes, drawn.transforms, size)


def changed(sets, backend, **augment):
    """A batch, and what `slow_batch` needs to make the same."""
    asked = drawn_alike(sets, **augment)
    return filled(backend, sets, *asked), (sets, *asked)


def assert_same(batch, expected):
    channels, *masks = (part.numpy() for part in batch)
    expected_channels, *expected_masks = expected
    # Places are float32: 1e-5 of a pixel between black and white; a mask differs where a pixel is halfway.
    np.testing.assert_allclose(channels[:, :-1], expected_channels[:, :-1], atol=1e-3)
    masks, expected_masks = [channels[:, -1:], *masks], [expected_channels[:, -1:], *expected_masks]
    for mask, expected_mask in zip(masks, expected_masks, strict=True):
        assert mask.dtype == np.float32 and (mask != expected_mask).sum() <= 2


def tensors(sets):
    return DeviceSets(sets, CPU)
