"""What generators learn from. There is no GPU here: what one would hold lies in tensors of the processor."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from synthem.errors import SynthemError
from synthem.gans.batches import Pairs
from synthem.gans.stylegan import stylegan_trainer
from synthem.gans.training import gan_trainer
from synthem.patches.augment import TURNED_ALONE
from synthem.patches.batches import HostSets
from synthem.patches.on_gpu import DeviceSets
from synthem.patches.places import PatchSet
from synthem.storage.pixels import turn_of
from tests.shared.augment_settings import OFF
from tests.shared.gan_settings import MEMBRANE_TRANSFER
from tests.shared.gan_slices import SETS, slices
from tests.shared.presets import of_preset
from tests.shared.stylegan_settings import STYLEGAN

CPU = torch.device("cpu")
PLACE = {"batch_size": 5, "patch": 40, "seed": 3, "device": CPU}
TURNED = OFF | {"turn": True}


def pairs_of(examples, *, held, augment=TURNED_ALONE):
    pairs = Pairs(examples, batch_size=6, patch=40, seed=3, device=CPU, augment=augment)
    if held:
        pairs.filled = DeviceSets([pairs.examples], CPU)  # as on a GPU
    return pairs


def middle_grey():
    """Slices far from black and white, so that nothing is clipped."""
    return PatchSet("grey", np.random.default_rng(0).integers(108, 148, (3, 60, 70), np.uint8))


def images(examples, number=0, **augment):
    """Image [B, C, Y, X] of a batch, and of the same batch that is turned alone."""
    changed, turned = (Pairs(examples, augment=TURNED | change, **PLACE) for change in (augment, {}))
    return changed.of_step(number)[1], turned.of_step(number)[1]


@pytest.mark.parametrize("examples", SETS.values(), ids=SETS)
def test_a_gpu_sees_the_patches_that_a_processor_sees(examples):
    host, held = (pairs_of(examples, held=held) for held in (False, True))
    for number in (0, 5):
        conditions, image, known = host.of_step(number)
        own_conditions, own_image, own_known = held.of_step(number)
        assert conditions.shape[1] == len(examples.conditions) and conditions.abs().eq(1).all()
        assert torch.equal(own_conditions, conditions)
        torch.testing.assert_close(own_image, image, atol=1e-6, rtol=0)
        assert (own_known is None) == (known is None) == (not examples.has_unknown)
        if known is not None:
            assert torch.equal(own_known, known)
        assert torch.equal(held.other_conditions(number), host.other_conditions(number))


def test_a_patch_is_a_piece_of_a_slice_in_one_of_8_ways_from_black_to_white():
    examples = slices(shape=(1, 40, 40), masks=1)
    conditions, image, known = pairs_of(examples, held=False).of_step(0)
    whole = examples.image[0] / 127.5 - 1
    ways = [np.rot90(side, turns) for side in (whole, whole[:, ::-1]) for turns in range(4)]
    for sample in image:
        assert any(np.allclose(sample[0], way, atol=1e-6) for way in ways)
    assert known is None and image.shape == conditions.shape == (6, 1, 40, 40)


@pytest.mark.parametrize("examples", SETS.values(), ids=SETS)
def test_faint_noise_leaves_places_turns_and_masks_as_they_are(examples):
    pairs = Pairs(examples, augment=TURNED | {"noise": 1e-6}, **PLACE)
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


@pytest.mark.parametrize(
    ("turn", "ways"),
    [
        ("horizontal", {(1, 1), (1, -1)}),  # steps along y and x
        ("flips", {(1, 1), (1, -1), (-1, 1), (-1, -1)}),
    ],
)
def test_patches_are_mirrored_where_quarter_turns_are_not_wanted(turn, ways):
    examples = slices(shape=(1, 40, 40))
    pairs = Pairs(examples, augment=OFF | {"turn": turn}, **PLACE)
    whole = examples.image[0] / 127.5 - 1
    found = set()
    for sample in torch.cat([pairs.of_step(number)[1] for number in range(4)]):
        same = {(y, x) for y, x in ways if np.allclose(sample[0], whole[::y, ::x], atol=1e-6)}
        assert len(same) == 1
        found |= same
    assert found == ways


@pytest.mark.parametrize(
    ("pixel_nm", "turned"), [((10, 13), False), ((13, 10), False), ((10, 10), True), ((10, 10.3), True)]
)
@pytest.mark.parametrize(
    ("trainer_of", "settings"),
    [(gan_trainer, MEMBRANE_TRANSFER), (stylegan_trainer, STYLEGAN)],
    ids=["painting", "of chance"],
)
def test_generators_see_no_quarter_turn_of_pixels_that_are_not_square(trainer_of, settings, pixel_nm, turned):
    """Stripes along y stay along y, unless they are turned."""
    stripes = np.tile(np.uint8([0, 0, 1, 1]), (1, 40, 10))
    examples = PatchSet("stripes", stripes * 255, {"a": stripes, "b": stripes})
    trainer = trainer_of(examples, turn=turn_of(pixel_nm), **settings)
    task = trainer.task_of(*[blueprint.built() for blueprint in trainer.blueprints])
    seen = torch.cat([task.pairs.of_step(number)[1] for number in range(12)])
    assert bool((seen.diff(dim=2) != 0).any()) == turned


def test_no_grey_level_leaves_the_range_that_can_be_drawn():
    noisy, _ = images(slices(), noise=5, brightness=3)
    assert noisy.min() == -1 and noisy.max() == 1


def test_a_gpu_sees_the_changes_that_a_processor_sees():
    augment = TURNED | {"noise": 0.2, "elastic": 3, "blur": {"probability": 0.5, "sigma": 2, "radius": 4}}
    host, held = (pairs_of(middle_grey(), held=held, augment=augment) for held in (False, True))
    assert isinstance(host.filled, HostSets)
    torch.testing.assert_close(held.of_step(2)[1], host.of_step(2)[1], atol=1e-4, rtol=0)


def test_images_that_would_fold_are_refused():
    with pytest.raises(SynthemError, match="augment.elastic: 9 pixels in patches of 40"):
        Pairs(slices(), augment=TURNED | {"elastic": 9}, **PLACE)


def test_a_gpu_holds_the_slices_and_a_processor_does_not(monkeypatch):
    made = []
    monkeypatch.setattr("synthem.patches.batches.DeviceSets", lambda sets, device: made.append(device))
    for name in ("cpu", "cuda"):
        Pairs(slices(), batch_size=1, patch=8, seed=0, device=torch.device(name))
    assert made == [torch.device("cuda")]


@pytest.mark.parametrize("preset", ["gan-tutorial", "gan-mode-seeking"])
def test_programs_for_tensorflow_mirror_from_left_to_right_alone(preset):
    """tf.image.flip_left_right of the tutorial, np.fliplr of yenchenlin's: whatever the pixels allow."""
    wanted = of_preset(preset, "gans.training.turn")
    patches = {turn_of(pixel_nm, wanted=wanted) for pixel_nm in ((5, 5), (10, 13))}
    assert patches == {"horizontal"}
