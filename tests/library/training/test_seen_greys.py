"""What reaches networks in the transfer of Herreros Fraile (2021): one grey scale throughout."""

import numpy as np
import pytest

from synthem.compute.devices import use_threads
from synthem.gans.boundless import boundless_trainer
from synthem.gans.hidden import HIDDEN
from synthem.networks.boundless import BoundlessGenerator
from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import build_network
from synthem.patches.places import PatchSet
from synthem.training.segmenter import segmenter_trainer
from tests.shared.augment_settings import OFF
from tests.shared.boundless_settings import BOUNDLESS as SETTINGS
from tests.shared.kinds import of_kind
from tests.shared.segmenter_settings import SEGMENTER
from tests.shared.segmenters import segmenter
from tests.shared.settings import edited, saving

use_threads(1)
SIDE = 33


@pytest.fixture
def seen(monkeypatch):
    """The images that Boundless networks see, [B, Y, X] each, in their order."""
    images, drawn = [], BoundlessGenerator.drawn

    def watched(self, channels):
        if channels.device.type == "cpu":  # not where only memory is counted
            images.append(channels[:, 0].detach().numpy().copy())
        return drawn(self, channels)

    monkeypatch.setattr(BoundlessGenerator, "drawn", watched)
    return images


def dark_slice(dtype):
    """[1, Y, X], far from the middle of the range, so that another scale would show."""
    darkest = {np.uint8: 20, np.uint16: 3000}[dtype]
    return np.random.default_rng(0).integers(darkest, 3 * darkest, (1, SIDE, SIDE)).astype(dtype)


def unit_range(image):
    """In [-1, 1]: of bytes by their whole range, of wider numbers by that of their slice."""
    if image.dtype == np.uint8:
        return image / 127.5 - 1
    low, high = np.percentile(image, (0.1, 99.9))
    return np.rint(np.clip((image - low) / (high - low), 0, 1) * 255) / 127.5 - 1


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_slice_is_the_same_to_generator_and_segmenter(seen, tmp_path, monkeypatch, dtype):
    image = dark_slice(dtype)
    examples = PatchSet("real", image, target=np.ones(image.shape, np.uint8))
    monkeypatch.setitem(HIDDEN, "right", lambda side, random: np.zeros((side, side), np.float32))
    one_step = {"training__steps": 1, "training__patch": SIDE}
    boundless_trainer(examples, None, **edited(SETTINGS, **one_step)).train(saving(tmp_path / "1"))
    expected = unit_range(image)[0]
    for turned in seen.pop():
        np.testing.assert_allclose(np.sort(turned.ravel()), np.sort(expected.ravel()), atol=1e-6)

    changed = {"network": of_kind("boundless", base_width=2), "training__augment": OFF, **one_step}
    place = saving(tmp_path / "2")
    net, _ = segmenter_trainer([examples], examples, **edited(SEGMENTER, **changed)).train(place)
    segmenter(net).probabilities([image])
    assert len(seen) > 2  # training, validation in parts, prediction
    for batch in seen:
        for one in batch:
            np.testing.assert_allclose(one, expected, atol=1e-6)


def test_a_slice_looks_the_same_whichever_others_are_there(seen):
    image = np.concatenate([dark_slice(np.uint16), 4 * dark_slice(np.uint16)])
    net = build_network(SEGMENTERS, "boundless", seed=0, in_channels=1, out_channels=1, base_width=2)
    ours = segmenter(net)
    for z in (0, 1):
        ours.probabilities([image[z : z + 1]])
    together = PatchSet("real", image).seen_in("unit")
    for z, alone in enumerate(seen):
        plane, middle = together.image[z], together.statistics[0][z]
        np.testing.assert_allclose((plane - middle) / together.statistics[1][z], alone[0], atol=1e-6)


def test_colours_keep_their_relations():
    image = np.zeros((2, 4, 4, 3), np.uint8)
    image[..., 1] = 255
    mean, deviation = PatchSet("real", image).seen_in("unit").statistics
    assert mean.shape == deviation.shape == (2, 3) and (mean == 127.5).all() and (deviation == 127.5).all()


def test_a_unet_still_sees_slices_standardised():
    net = build_network(SEGMENTERS, "unet", seed=0, in_channels=1, out_channels=1, base_width=2, depth=1)
    examples = PatchSet("real", dark_slice(np.uint16))
    assert examples.seen_in(net.greys) is examples
