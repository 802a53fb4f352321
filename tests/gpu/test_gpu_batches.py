"""A GPU fills batches from slices that it holds; what networks see there is what they see on a processor."""

import pytest
import torch

from synthem.gans.batches import Pairs
from synthem.patches.batches import Batches, HostSets
from synthem.patches.on_gpu import DeviceSets
from tests.shared.augment_settings import OFF
from tests.shared.gan_slices import SETS
from tests.shared.slow_patches import CHANGES, COUNT, SIZE, assert_same, changed, grey, slow_batch

CPU = torch.device("cpu")


def on_host(batch):
    return [None if part is None else part.cpu() for part in batch]


@pytest.mark.parametrize("augment", CHANGES.values(), ids=CHANGES)
def test_each_change_is_what_numpy_and_scipy_make_of_it(augment, device):
    batch, asked = changed([grey()], lambda sets: DeviceSets(sets, device), **augment)
    assert {part.device.type for part in batch} == {device.type}
    assert_same(on_host(batch), slow_batch(*asked))


def batches(sets, device, *, depth=1):
    settings = {"seed": 1, "batch_size": COUNT, "size": SIZE, "depth": depth}
    settings["phases"] = ((0, (0.25, 0.75)), (3, (0.6, 0.4)))
    return Batches(sets, augment=OFF | CHANGES["all"], device=device, **settings)


@pytest.mark.parametrize("depth", [1, 3])
def test_a_batch_of_a_gpu_is_that_of_a_processor(device, depth):
    sets = [grey("real"), grey("synthetic", shape=(4, 44, 60))]
    ours, theirs = (batches(sets, where, depth=depth) for where in (device, CPU))
    ours.filled = DeviceSets(sets, device)  # on a processor as well
    assert type(theirs.filled) is HostSets
    for number in (0, 7):
        channels, target, known = on_host(ours.of_step(number))
        expected, *masks = theirs.of_step(number)
        torch.testing.assert_close(channels[:, 0], expected[:, 0], atol=1e-3, rtol=0)
        # Where a pixel of the source is halfway between two, rounding decides.
        for mask, same in zip((channels[:, 1:], target, known), (expected[:, 1:], *masks), strict=True):
            assert (mask != same).float().mean() < 1e-3


@pytest.mark.parametrize("examples", SETS.values(), ids=SETS)
def test_pairs_of_a_gpu_are_those_of_a_processor(examples, device):
    ours, theirs = (Pairs(examples, batch_size=6, patch=40, seed=3, device=where) for where in (device, CPU))
    ours.filled = DeviceSets([ours.examples], device)  # on a processor as well
    for number in (0, 5):
        conditions, image, known = on_host(ours.of_step(number))
        expected_conditions, expected_image, expected_known = theirs.of_step(number)
        assert torch.equal(conditions, expected_conditions)
        torch.testing.assert_close(image, expected_image, atol=1e-6, rtol=0)
        assert (known is None) == (expected_known is None)
        if known is not None:
            assert torch.equal(known, expected_known)
        assert torch.equal(ours.other_conditions(number).cpu(), theirs.other_conditions(number))
