from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from scipy.interpolate import BSpline
from scipy.ndimage import gaussian_filter, map_coordinates

from synthem.compute.devices import use_threads
from synthem.errors import SynthemError
from synthem.patches.augment import draw_transforms, drawn_symmetry, no_transforms, noise_table
from synthem.patches.batches import Batches, HostSets, unchanged_batch
from synthem.patches.on_gpu import DeviceSets
from synthem.patches.places import PatchSet, draw_places
from tests.shared.augment_settings import OFF

use_threads(1)
CPU = torch.device("cpu")
SIZE, COUNT = 40, 8
CHANGES = {
    "nothing": {},
    "turn": {"turn": True},
    "elastic": {"elastic": 3.5},
    "blur": {"blur": {"probability": 0.5, "sigma": 3, "radius": 5}},
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


def slow_batch(sets, places, transforms, seeds, turn):
    """The same with numpy and scipy, one whole slice after the other."""
    batch = []
    for b, (place, seed) in enumerate(zip(places, seeds, strict=True)):
        examples, z = sets[place.index], place.z
        image = examples.image[z].reshape(*examples.image.shape[1:3], -1).astype(float)
        mean, deviation = image.mean(axis=(0, 1)), image.std(axis=(0, 1))
        around = SIZE + 8  # more than any shift
        symmetry = drawn_symmetry(seed) if turn else (0, 0)
        y, x = slow_places(transforms.control[b])

        def moved(plane, order, place=place, symmetry=symmetry, y=y, x=x, around=around):
            plane = np.pad(plane, (around, around + SIZE), mode="reflect")
            wide = plane[place.y : place.y + SIZE + 2 * around, place.x : place.x + SIZE + 2 * around]
            flip, turns = symmetry
            wide = np.rot90(wide[:, ::-1] if flip else wide, turns)
            return map_coordinates(wide, (y + around, x + around), order=order)

        seen = [moved(colour, 1) for colour in np.moveaxis(image, -1, 0)]
        if transforms.blurred[b]:
            seen = [gaussian_filter(colour, 3, mode="mirror", radius=5) for colour in seen]
        seen = [(c - m) / d for c, m, d in zip(seen, mean, deviation, strict=True)]
        pixels = (transforms.noise_start[b] + np.arange(SIZE**2)) % len(noise_table())
        noise = transforms.noise[b] * noise_table()[pixels].reshape(SIZE, SIZE)
        seen = [transforms.gain[b] * colour + transforms.shift[b] + noise for colour in seen]
        masks = (*examples.conditions.values(), examples.target, 1 - examples.ignore)
        *conditions, target, known = [moved(mask[z], 0) for mask in masks]
        batch.append((seen + conditions, [target], [known]))
    return [np.array(part) for part in zip(*batch, strict=True)]


def slow_places(control):
    """Cubic splines over 5 spans of a patch, by scipy."""
    where = (np.arange(SIZE) + 0.5) * 5 / SIZE
    along = BSpline.design_matrix(where, np.arange(-3, 9), 3).toarray()
    return np.mgrid[:SIZE, :SIZE] + np.einsum("ik,ckn,jn->cij", along, control.astype(float), along)


def changed(sets, backend, **augment):
    places = draw_places(sets, seed=3, step=0, batch_size=COUNT, size=SIZE)
    seeds = [place.seed for place in places]
    transforms = draw_transforms(seeds, **OFF | augment)
    return backend(sets).fill(places, transforms, SIZE), (
        sets,
        places,
        transforms,
        seeds,
        augment.get("turn"),
    )


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


@pytest.mark.parametrize("backend", [HostSets, tensors])
@pytest.mark.parametrize("augment", CHANGES.values(), ids=CHANGES)
def test_each_change_is_what_numpy_and_scipy_make_of_it(augment, backend):
    batch, asked = changed([grey()], backend, **augment)
    assert_same(batch, slow_batch(*asked))


@pytest.mark.parametrize("backend", [HostSets, tensors])
@pytest.mark.parametrize(
    "sets",
    [
        [grey(colours=(3,))],
        [grey("real", np.uint16), grey("synthetic", shape=(1, 44, 60))],
        [grey(shape=(2, 9, 200)), grey("tiny", shape=(1, 2, 3)), grey("line", shape=(1, 1, 64))],
    ],
    ids=["colours", "two sets of two types", "slices smaller than the patch"],
)
def test_all_changes_at_once_work_on_sets_of_any_form(sets, backend):
    batch, asked = changed(sets, backend, **CHANGES["all"])
    assert_same(batch, slow_batch(*asked))


@pytest.mark.parametrize("size", [32, 33, 100])
def test_kernel_and_tensors_agree_on_the_strongest_changes_of_any_size(size):
    strongest = CHANGES["all"] | {
        "elastic": int(0.096 * size),
        "blur": {"probability": 1, "sigma": 100, "radius": 15},
        "noise": 5,
    }
    sets = [grey(), grey("read backwards")]
    flipped = {name: getattr(sets[1], name)[:, ::-1, ::-1] for name in ("image", "target", "ignore")}
    sets[1] = replace(sets[1], **flipped)  # slices that do not lie in memory row by row
    places = draw_places(sets, seed=0, step=0, batch_size=30, size=size)
    transforms = draw_transforms([place.seed for place in places], **strongest)
    transforms.control[:] = np.sign(transforms.control) * transforms.reach
    batches = [backend(sets).fill(places, transforms, size) for backend in (HostSets, tensors)]
    for ours, theirs in zip(*batches, strict=True):
        assert (ours - theirs).abs().gt(1e-3).float().mean() < 1e-3


def test_the_number_of_threads_changes_no_bit():
    try:
        batches = []
        for threads in (1, 2, 4):
            use_threads(threads)
            batches.append(changed([grey()], HostSets, **CHANGES["all"])[0])
    finally:
        use_threads(1)
    for batch in batches[1:]:
        assert all(torch.equal(*parts) for parts in zip(batches[0], batch, strict=True))


@pytest.mark.parametrize("backend", [HostSets, tensors])
def test_a_sample_does_not_depend_on_its_batch(backend):
    sets = [grey(), grey("other")]
    batch, (_, places, transforms, *_) = changed(sets, backend, **CHANGES["all"])
    for b in range(COUNT):
        rows = {f.name: getattr(transforms, f.name) for f in fields(transforms)}
        rows = {k: v[b : b + 1] if isinstance(v, np.ndarray) else v for k, v in rows.items()}
        alone = backend(sets).fill(places[b : b + 1], replace(transforms, **rows), SIZE)
        for part, whole in zip(alone, batch, strict=True):
            torch.testing.assert_close(part, whole[b : b + 1], atol=1e-5, rtol=0)


def test_a_batch_is_a_function_of_seed_and_step():
    settings = {"batch_size": 3, "size": SIZE, "depth": 1, "augment": OFF | CHANGES["all"], "device": CPU}
    first, again, other = (Batches([grey()], seed=seed, **settings) for seed in (0, 0, 1))
    again.of_step(7)
    wanted = first.of_step(2)[0]
    assert torch.equal(wanted, again.of_step(2)[0])
    assert not torch.equal(wanted, again.of_step(3)[0]) and not torch.equal(wanted, other.of_step(2)[0])


def test_what_is_known_is_given_only_where_something_is_not():
    whole = replace(grey("whole"), ignore=np.zeros((3, 57, 91), np.uint8))
    for backend in (HostSets, tensors):
        places = draw_places([whole, grey()], seed=0, step=0, batch_size=2, size=SIZE)
        assert backend([whole]).fill(places[:1], no_transforms(1), SIZE)[2] is None
        known = backend([whole, grey()]).fill(places, no_transforms(2), SIZE)[2]
        assert known[0].all() and not known[1].all()


def test_an_unchanged_batch_is_the_slice_standardised():
    image = np.arange(16, dtype=np.uint8).reshape(1, 4, 4)  # mean 7.5, deviation sqrt(21.25)
    channels, target, known = unchanged_batch(
        PatchSet("a", image, {"b": image % 2}, image % 3 % 2), batch_size=2, size=4, depth=1, device=CPU
    )
    assert known is None and channels.shape == (2, 2, 4, 4)
    np.testing.assert_allclose(channels[1, 0], (image[0] - 7.5) / 21.25**0.5, rtol=1e-5)
    assert (channels[0, 1].numpy() == image[0] % 2).all() and (target[1, 0].numpy() == image[0] % 3 % 2).all()


def test_bending_that_could_fold_is_refused_before_any_patch():
    with pytest.raises(SynthemError, match=r"ERROR CONFIG_VALUE .*elastic: 4 pixels in patches of 40 .*3.84"):
        Batches([grey()], seed=0, batch_size=1, size=40, depth=1, device=CPU, augment=OFF | {"elastic": 4})
