from dataclasses import replace

import numpy as np
import pytest
import torch

from synthem.compute.devices import use_threads
from synthem.errors import SynthemError
from synthem.patches.augment import draw_transforms, no_transforms
from synthem.patches.batches import Batches, HostSets, unchanged_batch
from synthem.patches.chance import streams_of
from synthem.patches.places import PatchSet, draw_places
from tests.shared.augment_settings import OFF
from tests.shared.slow_patches import (
    CHANGES,
    COUNT,
    CPU,
    SIZE,
    assert_same,
    changed,
    filled,
    grey,
    slow_batch,
    taken_in_turn,
    tensors,
)

use_threads(1)


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
    patches = taken_in_turn(sets, 30)
    places = draw_places(sets, patches, seed=0, size=size)
    transforms = draw_transforms(streams_of(sets, patches, seed=0), **strongest)
    transforms.control[:] = np.sign(transforms.control) * transforms.reach
    batches = [filled(backend, sets, places, transforms, size) for backend in (HostSets, tensors)]
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
    batch, (_, places, transforms) = changed(sets, backend, **CHANGES["all"])
    for b in range(COUNT):
        alone = filled(backend, sets, places[b : b + 1], transforms[b : b + 1])
        for part, whole in zip(alone, batch, strict=True):
            torch.testing.assert_close(part, whole[b : b + 1], atol=1e-5, rtol=0)


def test_a_batch_is_a_function_of_seed_and_step():
    settings = {"batch_size": 3, "size": SIZE, "depth": 1, "augment": OFF | CHANGES["all"], "device": CPU}
    first, again, other = (Batches([grey()], seed=seed, **settings) for seed in (0, 0, 1))
    again.of_step(7)
    wanted = first.of_step(2)[0]
    assert torch.equal(wanted, again.of_step(2)[0])
    assert not torch.equal(wanted, again.of_step(3)[0]) and not torch.equal(wanted, other.of_step(2)[0])


SETTINGS = {"seed": 0, "batch_size": 4, "size": SIZE, "depth": 1, "augment": OFF | CHANGES["all"]}
REAL_LATER = ((0, (1, 0, 0)), (3, (0.3, 0.2, 0.5)), (8, (0, 1, 0)))


def filled_by(backend, sets, phases):
    batches = Batches(sets, phases=phases, device=CPU, **SETTINGS)
    batches.filled = backend(sets)
    return batches


@pytest.mark.parametrize("backend", [HostSets, tensors])
def test_the_nth_patch_of_a_set_is_the_same_whatever_else_is_learnt_from(backend):
    """Through three phases: 20 patches in five steps of 4 are 6, 4 and 10 of the shares 0.3, 0.2 and 0.5."""
    sets = [grey("painted"), grey("real", shape=(4, 50, 60)), grey("pasted", shape=(2, 70, 44))]
    mixed = filled_by(backend, sets, REAL_LATER)
    indices = mixed.series.of_steps(0, 10)[:, 0]
    seen = [torch.cat(parts) for parts in zip(*map(mixed.of_step, range(10)), strict=True)]
    for index, drawn in ((0, 12 + 6), (1, 4 + 8), (2, 10)):
        alone = filled_by(backend, [sets[index]], None)
        wanted = [torch.cat(parts)[:drawn] for parts in zip(*map(alone.of_step, range(5)), strict=True)]
        rows = np.flatnonzero(indices == index)
        assert len(rows) == drawn
        for part, same in zip(seen, wanted, strict=True):
            assert torch.equal(part[rows], same)


def test_a_step_of_a_later_phase_needs_no_step_before_it():
    sets = [grey("painted"), grey("real"), grey("pasted")]
    whole, resumed = (filled_by(HostSets, sets, REAL_LATER) for _ in range(2))
    batches = [whole.of_step(step) for step in range(9)]
    for step in (8, 4):
        assert all(torch.equal(*parts) for parts in zip(batches[step], resumed.of_step(step), strict=True))


def test_images_of_several_kinds_are_refused_together():
    with pytest.raises(
        SynthemError, match="ERROR DATA_SHAPE data set dyed: images of 3 channels .*1 of grey"
    ):
        filled_by(HostSets, [grey(), grey("dyed", colours=(3,))], None)


def test_what_is_known_is_given_only_where_something_is_not():
    whole = replace(grey("whole"), ignore=np.zeros((3, 57, 91), np.uint8))
    for backend in (HostSets, tensors):
        places = draw_places([whole, grey()], [(0, 0), (1, 0)], seed=0, size=SIZE)
        assert filled(backend, [whole], places[:1], no_transforms(1))[2] is None
        known = filled(backend, [whole, grey()], places, no_transforms(2))[2]
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


def test_an_enlarged_piece_folds_sooner_and_its_smaller_size_comes_first():
    def batches(**augment):
        return Batches([grey()], seed=0, batch_size=1, size=40, depth=1, device=CPU, augment=OFF | augment)

    batches(elastic=3, scale=[0.8, 1])
    with pytest.raises(SynthemError, match=r"ERROR CONFIG_VALUE .*elastic: 3 pixels in patches of 40 .*2.69"):
        batches(elastic=3, scale=[0.7, 1])
    with pytest.raises(SynthemError, match=r"ERROR CONFIG_VALUE .*augment.scale: \[1.5, 0.5\]"):
        batches(scale=[1.5, 0.5])


@pytest.mark.parametrize("depth", [1, 3])
def test_networks_see_half_of_the_rows_and_columns_of_a_patch_twice_as_wide(depth):
    """Of a slice whose rows are 8 levels apart, as large as the patch: they are 4 levels apart."""
    ramp = np.arange(32, dtype=np.uint8)[:, None].repeat(32, axis=1) * np.uint8(8)
    image = np.stack([ramp] * 3)
    examples = PatchSet("ramp", image, {}, (image >= 128).astype(np.uint8))
    settings = {"batch_size": 4, "size": 32, "depth": depth, "augment": OFF | {"scale": [0.5, 0.5]}}
    channels, target, _ = Batches([examples], seed=0, device=CPU, **settings).of_step(0)
    levels = (channels[:, 0] * ramp.std() + ramp.mean()).reshape(-1, 32, 32)
    inner = levels[:, 1:-1]  # at the border of the slice its mirror image begins
    assert torch.allclose(inner.diff(dim=1), torch.tensor(4.0), atol=0.01)
    assert torch.allclose(inner, inner[:, :, :1], atol=0.01)
    inside = target.reshape(-1, 32, 32)[:, 1:-1]
    assert torch.equal(inside[inner > 125] > 0, torch.ones_like(inside[inner > 125]) > 0)
    assert not inside[inner < 123].any()
    starts = levels.reshape(4, -1, 32, 32)[:, :, 1, 0]
    assert torch.allclose(starts, starts[:, :1], atol=0.01)  # all slices of a stack alike
    assert len(starts[:, 0].round().unique()) > 1
