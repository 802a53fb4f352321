"""What generators learn from. There is no GPU here: what one would hold lies in tensors of the processor."""

import numpy as np
import pytest
import torch

from synthem.gans.batches import Pairs
from synthem.patches.on_gpu import DeviceSets
from tests.shared.gan_slices import SETS, slices

CPU = torch.device("cpu")


def pairs_of(examples, *, held):
    pairs = Pairs(examples, batch_size=6, patch=40, seed=3, device=CPU)
    if held:
        pairs.held = DeviceSets([pairs.examples], CPU)  # as on a GPU
    return pairs


@pytest.mark.parametrize("examples", SETS.values(), ids=SETS)
def test_a_gpu_sees_the_patches_that_a_processor_sees(examples):
    host, held = (pairs_of(examples, held=held) for held in (False, True))
    for number in (0, 5):
        conditions, image, known = host.of_step(number)
        own_conditions, own_image, own_known = held.of_step(number)
        assert conditions.shape[1] == len(examples.conditions) and conditions.abs().eq(1).all()
        assert torch.equal(own_conditions, conditions)
        torch.testing.assert_close(own_image, image, atol=1e-6, rtol=0)
        assert (own_known is None) == (not examples.has_unknown)
        if own_known is not None:
            assert torch.equal(own_known, torch.ones_like(own_known) if known is None else known)
        assert torch.equal(held.other_conditions(number), host.other_conditions(number))


def test_a_patch_is_a_piece_of_a_slice_in_one_of_8_ways_from_black_to_white():
    examples = slices(shape=(1, 40, 40), masks=1)
    conditions, image, known = pairs_of(examples, held=False).of_step(0)
    whole = examples.image[0] / 127.5 - 1
    ways = [np.rot90(side, turns) for side in (whole, whole[:, ::-1]) for turns in range(4)]
    for sample in image:
        assert any(np.allclose(sample[0], way, atol=1e-6) for way in ways)
    assert known is None and image.shape == conditions.shape == (6, 1, 40, 40)


def test_a_gpu_holds_the_slices_and_a_processor_does_not(monkeypatch):
    made = []
    monkeypatch.setattr("synthem.gans.batches.DeviceSets", lambda sets, device: made.append(device))
    for name in ("cpu", "cuda"):
        Pairs(slices(), batch_size=1, patch=8, seed=0, device=torch.device(name))
    assert made == [torch.device("cuda")]
