"""Images that are blurred and made noisy before a generator learns from them."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from synthem.errors import SynthemError
from synthem.gans.augmented import augmented_pairs
from synthem.gans.batches import Pairs
from synthem.patches.batches import HostSets
from synthem.patches.on_gpu import DeviceSets
from synthem.patches.places import PatchSet
from tests.shared.augment_settings import OFF
from tests.shared.gan_slices import SETS, slices

CPU = torch.device("cpu")
PLACE = {"batch_size": 5, "patch": 40, "seed": 3, "device": CPU}
TURNED = OFF | {"turn": True}


def middle_grey():
    """Slices far from black and white, so that nothing is clipped."""
    return PatchSet("grey", np.random.default_rng(0).integers(108, 148, (3, 60, 70), np.uint8))


def images(examples, number=0, **augment):
    """Image [B, C, Y, X] of a batch, and of the same batch that is turned alone."""
    return [
        pairs.of_step(number)[1]
        for pairs in (augmented_pairs(examples, TURNED | augment, **PLACE), Pairs(examples, **PLACE))
    ]


def test_patches_that_are_turned_alone_are_those_of_all_generators():
    assert type(augmented_pairs(slices(), TURNED, **PLACE)) is Pairs


@pytest.mark.parametrize("examples", SETS.values(), ids=SETS)
def test_faint_noise_leaves_places_turns_and_masks_as_they_are(examples):
    pairs = augmented_pairs(examples, TURNED | {"noise": 1e-6}, **PLACE)
    conditions, image, known = pairs.of_step(7)
    other_conditions, other_image, other_known = Pairs(examples, **PLACE).of_step(7)
    assert torch.equal(conditions, other_conditions)
    torch.testing.assert_close(image, other_image, atol=1e-5, rtol=0)
    if other_known is not None:
        assert torch.equal(known, other_known)


def test_noise_has_another_strength_in_each_patch_up_to_the_largest():
    noisy, plain = images(middle_grey(), noise=0.2)
    strengths = (noisy - plain).std(dim=(1, 2, 3))
    assert strengths.max() < 0.21 and len(set(strengths.tolist())) == 5
    assert (noisy - plain).mean().abs() < 0.02


def test_blurred_patches_are_those_of_scipy():
    blurred, plain = images(middle_grey(), blur={"probability": 1, "sigma": 3, "radius": 5})
    for one, other in zip(blurred, plain, strict=True):
        expected = gaussian_filter(other[0].numpy(), 3, mode="mirror", radius=5)
        np.testing.assert_allclose(one[0], expected, atol=1e-5)


def test_patches_that_are_not_turned_are_pieces_of_a_slice():
    examples = slices(shape=(1, 40, 40))
    (seen,) = {tuple(one.flatten().tolist()) for one in images(examples, turn=False)[0]}
    np.testing.assert_allclose(np.reshape(seen, (40, 40)), examples.image[0] / 127.5 - 1, atol=1e-6)


def test_no_grey_level_leaves_the_range_that_can_be_drawn():
    noisy, _ = images(slices(), noise=5, brightness=3)
    assert noisy.min() == -1 and noisy.max() == 1


def test_a_gpu_sees_what_a_processor_sees():
    augment = TURNED | {"noise": 0.2, "elastic": 3, "blur": {"probability": 0.5, "sigma": 2, "radius": 4}}
    host, device = (augmented_pairs(middle_grey(), augment, **PLACE) for _ in range(2))
    assert isinstance(host.sets, HostSets)
    device.sets = DeviceSets([device.examples], CPU)
    torch.testing.assert_close(device.of_step(2)[1], host.of_step(2)[1], atol=1e-4, rtol=0)


def test_images_that_would_fold_are_refused():
    with pytest.raises(SynthemError, match="augment.elastic: 9 pixels in patches of 40"):
        augmented_pairs(slices(), TURNED | {"elastic": 9}, **PLACE)
