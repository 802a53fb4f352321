"""Any number of pixels and channels goes in, in batches of 1 and 2, in training and in use."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from synthem.networks.boundless import BoundlessDiscriminator, BoundlessGenerator
from synthem.networks.layers import BatchNorm, BatchNorm3d, InstanceNorm, pad_to_multiple, pool_to
from synthem.networks.oasis import OasisDiscriminator
from synthem.networks.registry import DISCRIMINATORS, GENERATORS, IN_SPACE, SEGMENTERS
from synthem.networks.saving import class_of_kind
from synthem.networks.unet import UNet
from tests.shared.demo_config import DEMO

torch.set_num_threads(1)  # small networks wait for each other otherwise
LEVELS = {"depth": 8, "dropout": 0.5}  # down to 1 x 1 at 256 pixels and at all that are padded to them
OTHERS = ("base_width", "noise_channels", "patch_slices", "scales")  # what tests choose, or no class takes


def of_config(section, kinds, **changed):
    """{kind: (class, its options in config.yaml, changed)}."""
    return {
        word: (
            class_of_kind(kinds, word),
            {key: value for key, value in section[word].items() if key not in OTHERS} | changed.get(word, {}),
        )
        for word in kinds
    }


IN_CONFIG = of_config(DEMO["unets"]["network"], SEGMENTERS, unet={"depth": 4})
PAINTERS = of_config(
    DEMO["gans"]["generator"], GENERATORS, pix2pix=LEVELS, pix2pix_tutorial=LEVELS, mode_seeking=LEVELS
)
JUDGES = of_config(DEMO["gans"]["discriminator"], DISCRIMINATORS, oasis={"classes": 3, "depth": 6})
JUDGES["boundless"] = BoundlessDiscriminator, {}
TINY = {
    **{f"segmenter {word}": made for word, made in IN_CONFIG.items()},
    "generator boundless": (BoundlessGenerator, {}),
    **{f"generator {word}": made for word, made in PAINTERS.items()},
}
FLAT = [name for name in TINY if name.removeprefix("segmenter ") not in IN_SPACE]
DEEP = [(word, {}) for word in sorted(IN_SPACE)] + [("unet3d", {"max_pool": True})]
NETS = {}


def tiny(name):
    if name not in NETS:
        torch.manual_seed(0)
        family, arguments = TINY[name]
        NETS[name] = family(in_channels=3, out_channels=2, base_width=2, **arguments)
    return NETS[name]


@pytest.mark.parametrize("size", [(101, 99), (7, 5), (1, 512), (1, 1)])
@pytest.mark.parametrize("name", FLAT)
def test_the_answer_has_the_size_of_the_question(name, size):
    for batch, training in ((1, True), (1, False), (2, True), (2, False)):
        with torch.no_grad():
            answer = tiny(name).train(training)(torch.randn(batch, 3, *size))
        assert answer.shape == (batch, 2, *size) and answer.isfinite().all()


@pytest.mark.parametrize(("word", "changed"), DEEP)
@pytest.mark.parametrize("size", [(5, 33, 18), (18, 32, 32), (1, 7, 5), (1, 1, 1), (2, 1, 64)])
def test_volumes_of_any_size(size, word, changed):
    family, options = IN_CONFIG[word]
    net = family(2, 1, base_width=2, **options | changed)
    for batch, training in ((1, True), (1, False), (2, True), (2, False)):
        with torch.no_grad():
            answer = net.train(training)(torch.randn(batch, 2, *size))
        assert answer.shape == (batch, 1, *size) and answer.isfinite().all()


@pytest.mark.parametrize("size", [(101, 99), (7, 5), (1, 512)])
@pytest.mark.parametrize("word", JUDGES)
def test_discriminators_judge_any_size(word, size):
    family, arguments = JUDGES[word]
    net = family(in_channels=5, base_width=2, **arguments)
    for batch, training in ((1, True), (1, False), (2, True), (2, False)):
        with torch.no_grad():
            judged = net.train(training)(torch.randn(batch, 5, *size))
        for logits in judged if isinstance(judged, list) else [judged]:
            assert len(logits) == batch and logits.numel() and logits.isfinite().all()


def test_a_discriminator_that_segments_answers_every_pixel():
    assert OasisDiscriminator(1, 2, classes=3, depth=4)(torch.randn(2, 1, 33, 7)).shape == (2, 4, 33, 7)


def test_padding_does_not_reach_sizes_that_fit():
    net = UNet(1, 1, 2, 2).eval()
    image = torch.randn(1, 1, 10, 12)
    mirrored = torch.cat([image, image[..., [8, 7], :]], dim=2)  # 10 rows -> 12, mirrored at the last row
    torch.testing.assert_close(net(image), net(mirrored)[..., :10, :])


def test_each_axis_is_mirrored_to_its_own_multiple():
    volume = torch.arange(3.0).view(1, 1, 3, 1, 1).expand(1, 1, 3, 1, 4)
    padded = pad_to_multiple(volume, (4, 2, 2))
    assert padded.shape == (1, 1, 4, 2, 4)
    assert padded[0, 0, :, 0, 0].tolist() == [0, 1, 2, 1]  # mirrored: the last plane is not repeated
    assert torch.equal(padded[..., 1, :], padded[..., 0, :])  # too short to mirror: repeated


@pytest.mark.parametrize(("norm", "axes"), [(BatchNorm, 2), (BatchNorm3d, 3)])
def test_a_single_value_is_normalised_by_the_running_statistics(norm, axes):
    layer = norm(1, eps=0).train()
    layer.running_mean.fill_(2)
    layer.running_var.fill_(9)
    nn.init.constant_(layer.weight, 3)
    nn.init.constant_(layer.bias, 1)
    assert layer(torch.full((1, 1, *[1] * axes), 5.0)).item() == 4  # 3 (5 - 2) / 3 + 1
    assert layer.running_mean.item() == 2  # which one value does not move


def test_two_values_are_normalised_by_their_own_statistics():
    values = torch.tensor([1.0, 5.0]).view(2, 1, 1, 1)
    assert BatchNorm(1).train()(values).flatten().tolist() == pytest.approx([-1, 1], abs=1e-4)


def test_instance_norm_leaves_a_single_pixel_as_it_is():
    pixels = torch.tensor([3.0, -1.0]).view(2, 1, 1, 1)
    assert torch.equal(InstanceNorm(1)(pixels), pixels)
    row = torch.tensor([3.0, -1.0]).view(1, 1, 1, 2)
    torch.testing.assert_close(InstanceNorm(1)(row), torch.tensor([1.0, -1.0]).view(1, 1, 1, 2))


def test_features_of_other_sizes_are_averaged_to_the_published_grid():
    features = torch.arange(16.0).view(1, 1, 4, 4)
    assert pool_to(features, 4) is features
    assert pool_to(features, 2).flatten().tolist() == [2.5, 4.5, 10.5, 12.5]
    assert pool_to(torch.tensor([[[[1.0, 2.0, 4.0]]]]), 2).flatten().tolist() == [1.5, 3, 1.5, 3]


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (8, 6), (9, 4)])
@pytest.mark.parametrize("side", [4, 5])
def test_means_of_cells_are_those_of_torch(size, side):
    features = torch.randn(2, 3, *size)
    torch.testing.assert_close(pool_to(features, side), F.adaptive_avg_pool2d(features, side))
    with torch.autocast("cpu", torch.bfloat16):  # a third is no number of 16 bits
        assert torch.equal(pool_to(features, side), pool_to(features, side).float())
        torch.testing.assert_close(pool_to(features, side), F.adaptive_avg_pool2d(features, side))
