import contextlib
import functools
import io
import math
import runpy

import pytest
import torch
from torch import nn

from synthem.networks import published
from synthem.networks.published import PUBLISHED
from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import network_class
from synthem.networks.stylegan import StyleGenerator
from synthem.networks.unet import UNet
from synthem.networks.unet3d import UNet3D

# Copied from the papers, not from published.py: (word, source, trainable, with running statistics).
STATED = {
    ("segmenter", "unet", "paper 2", 31_036_481, None),
    ("segmenter", "unet", "paper 1", 31_037_057, None),
    ("segmenter", "unet3d", "paper 2", 923_201, 925_849),
    ("segmenter", "unet3d", "PyTorch Connectomics", 1_531_457, None),
    ("segmenter", "boundless", "paper 2, transfer", 3_454_705, None),
    ("generator", "pix2pix", "paper 1", 54_404_481, 54_404_481),
    ("generator", "pix2pix_tutorial", "paper 5", 54_417_027, 54_427_907),
    ("generator", "mode_seeking", "paper 4, its table", 85_019_587, None),
    ("generator", "mode_seeking", "paper 4, its text", 85_021_187, None),
    ("generator", "boundless", "paper 2", 3_454_705, 3_454_705),
    ("generator", "boundless", "Boundless, colour", 3_458_195, 3_458_195),
    ("discriminator", "patch70", "paper 1, each of 3", 2_764_737, 2_764_737),
    ("discriminator", "patch70_tutorial", "paper 5", 2_769_665, 2_771_457),
    ("discriminator", "vanilla", "paper 5", 3_814_657, 3_816_961),
    ("discriminator", "mode_seeking", "paper 4", 4_832_641, None),
    ("discriminator", "boundless", "paper 2", 7_838_528, 7_838_528),
    ("discriminator", "boundless", "Boundless, colour", 7_841_728, 7_841_728),
}


def conv(kernel, inputs, outputs):
    return kernel**2 * inputs * outputs + outputs


def style_generator_128():
    """Mapping network; constant; per layer: convolution, noise, style; the grey head."""
    linear = 512 * 512 + 512
    widths = {4: 512, 8: 512, 16: 512, 32: 512, 64: 256, 128: 128}
    styled = sum(2 * (c + 512 * 2 * c + 2 * c) for c in widths.values())
    pairs = [(512, 512), (512, 512), (512, 512), (512, 256), (256, 128)]
    grown = conv(3, 512, 512) + sum(conv(3, a, b) + conv(3, b, b) for a, b in pairs)
    return 8 * linear + 512 * 16 + styled + grown + conv(1, 128, 1)


def style_discriminator_128():
    pairs = [(128, 256), (256, 512), (512, 512), (512, 512), (512, 512)]
    halved = sum(conv(3, a, b) + conv(3, b, b) for a, b in pairs)
    return conv(1, 1, 128) + halved + conv(3, 513, 512) + conv(4, 512, 512) + 512 + 1


def oasis_discriminator():
    """Down 3-128-128-256-256-512-512, up with skips to 64; a 1x1 convolution where the width changes."""
    blocks = [(3, 128), (128, 128), (128, 256), (256, 256), (256, 512), (512, 512)]
    blocks += [(512, 512), (1024, 256), (512, 256), (512, 128), (256, 128), (256, 64)]
    inside = sum(conv(3, a, b) + conv(3, b, b) + (conv(1, a, b) if a != b else 0) for a, b in blocks)
    return inside + conv(1, 64, 36)


def spade_generator():
    """OASIS for 35 classes and 64 of noise: six blocks 1024-1024-1024-512-256-128-64."""
    conditions = 35 + 64

    def spade(c):
        return conv(3, conditions, 128) + 2 * conv(3, 128, c)

    count = conv(3, conditions, 1024) + conv(3, 64, 3)
    widths = [1024, 1024, 1024, 512, 256, 128, 64]
    for a, b in zip(widths[:-1], widths[1:], strict=True):
        count += spade(a) + conv(3, a, b) + spade(b) + conv(3, b, b)
        count += spade(a) + a * b if a != b else 0  # the way past, without bias
    return count


def resize_unet():
    """Stem; down 16-32-64-128-128-128; up with a skip each, made narrow before; one grey head."""
    widths = [16, 32, 64, 128, 128, 128]
    steps = list(zip(widths[:-1], widths[1:], strict=True))
    down = sum(conv(4, wide, deep) for wide, deep in steps)
    up = sum(conv(1, deep, wide) + conv(3, 2 * wide, wide) for wide, deep in steps)
    return conv(3, 2 + 1, 16) + down + up + conv(3, 16, 1)


def skip_patch():
    fine = conv(4, 64, 128) + conv(4, 128, 256) + conv(4, 256, 256)
    heads = conv(4, 128, 1) + 2 * conv(2, 256, 1)
    coarse = conv(4, 64, 128) + conv(4, 128, 256) + conv(4, 256, 512) + conv(4, 512, 1)
    return conv(4, 3, 64) + fine + heads + coarse


@pytest.fixture(scope="module")
def printed():
    """What the table of all networks prints; it must end with exit code 0."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output), pytest.raises(SystemExit) as ended:
        runpy.run_module("synthem.networks", run_name="__main__")
    assert ended.value.code == 0
    return output.getvalue()


@pytest.fixture(scope="module")
def rows(printed):
    """(kind, word, source) -> the numbers of trainable, total and published parameters, as printed."""
    table = {}
    for line in printed.splitlines()[1:-1]:
        kind, word, *source, trainable, total, number = line.replace("not stated", "none").split()
        table[kind, word, " ".join(source)] = trainable, total, number
    return table


@pytest.mark.parametrize(("kind", "word", "source", "trainable", "total"), sorted(STATED, key=str))
def test_parameters_are_as_many_as_published(rows, kind, word, source, trainable, total):
    found_trainable, found_total, number = rows[kind, word, source]
    assert found_trainable == f"{trainable:,}"
    assert total is None or found_total == f"{total:,}"
    assert number in (f"{trainable:,}", f"{total or 0:,}")


@pytest.mark.parametrize(
    ("kind", "word", "source", "by_hand"),
    [
        ("generator", "stylegan", "paper 2", style_generator_128()),
        ("discriminator", "stylegan", "paper 2", style_discriminator_128()),
        ("discriminator", "skip_patch", "Roy 2024", skip_patch()),
        ("discriminator", "oasis", "OASIS", oasis_discriminator()),
        ("generator", "spade", "OASIS", spade_generator()),
        ("generator", "resize_unet", "Synthem, the demo", resize_unet()),
    ],
)
def test_parameters_are_those_of_the_layers_where_no_number_is_published(rows, kind, word, source, by_hand):
    trainable, _, number = rows[kind, word, source]
    assert (trainable, number) == (f"{by_hand:,}", "none")


def test_the_table_has_all_networks_and_all_are_as_published(printed, rows):
    assert "DIFFERS" not in printed and printed.endswith("all as published\n")
    assert len(rows) == sum(len(networks) for _, networks in PUBLISHED.values())


def test_stylegan_has_the_published_number_but_for_a_bias_of_its_constant(rows):
    trainable, _, _ = rows["generator", "stylegan", "StyleGAN, colour"]
    assert trainable == f"{26_219_627 - 512:,}"  # of the README of NVlabs/stylegan


def test_every_kind_has_a_row():
    for kind, (family, networks) in PUBLISHED.items():
        assert {network.kind for network in networks} == set(family), kind


def test_pooling_changes_no_count():
    sizes = {"in_channels": 1, "out_channels": 1, "base_width": 28, "isotropic": False}
    with torch.device("meta"):
        net = UNet3D(**sizes, max_pool=True)
    assert sum(parameter.numel() for parameter in net.parameters()) == 923_201


@functools.cache
def built(kind, word):
    """A published network (the last in the table, where there are several) on the meta device."""
    family, networks = PUBLISHED[kind]
    (*_, network) = [network for network in networks if network.kind == word]
    with torch.device("meta"):  # shapes without memory
        return network_class(family, word)(**network.arguments), network


def example(network, kind, batch):
    """What a network takes, at its paper's size."""
    if (kind, network.kind) == ("generator", "stylegan"):
        return torch.empty(batch, 512, device="meta"), (network.arguments["size"],) * 2
    sides = {"unet3d": (18, 160, 160), "boundless": (257, 257), "stylegan": (128, 128)}
    size = sides.get(network.kind, (256, 256))
    return torch.empty(batch, network.arguments["in_channels"], *size, device="meta"), size


@pytest.mark.parametrize("kind", PUBLISHED)
def test_published_sizes_go_through_in_batches_of_1_and_2(kind):
    """In training and in use."""
    for word in PUBLISHED[kind][0]:
        net, network = built(kind, word)
        for batch, training in ((1, True), (1, False), (2, True), (2, False)):
            x, size = example(network, kind, batch)
            y = net.train(training)(x)
            assert kind == "discriminator" or y.shape == (batch, network.arguments["out_channels"], *size)


def test_discriminators_answer_in_the_published_shape():
    shapes = {
        "patch70": [(1, 1, 30, 30)],
        "patch70_tutorial": [(1, 1, 30, 30)],
        "vanilla": [(1, 1)],
        "mode_seeking": [(1, 1)],
        "oasis": [(1, 36, 256, 256)],
        # 16: 256 / 2 - 1 = 127, head 4 with border 1; 20: 127 -> 63, head 2; 32: 62, head 2.
        "skip_patch": [(1, 1, 126, 126), (1, 1, 62, 62), (1, 1, 61, 61), (1, 1, 30, 30)],
    }
    for word, expected in shapes.items():
        net, network = built("discriminator", word)
        judged = net(torch.empty(1, network.arguments["in_channels"], 256, 256, device="meta"))
        judged = judged if isinstance(judged, list) else [judged]
        assert [tuple(logits.shape) for logits in judged] == expected


def test_the_published_unet_runs():
    torch.manual_seed(0)
    net = UNet(1, 1, 64, 4, kaiming=True)
    with torch.no_grad():
        for training in (True, False):
            logits = net.train(training)(torch.randn(1, 1, 64, 64))
            assert logits.shape == (1, 1, 64, 64) and logits.isfinite().all()


def test_depth_goes_18_9_5_in_the_3d_network():
    with torch.device("meta"):
        net = UNet3D(1, 1, 28, isotropic=False, max_pool=False)
        seen = []
        for level in net.down:
            level.register_forward_hook(lambda _, __, y: seen.append(tuple(y.shape[1:])))
        net(torch.empty(1, 1, 18, 160, 160))
    assert seen == [(28, 18, 160, 160), (36, 18, 80, 80), (48, 18, 40, 40), (64, 9, 20, 20), (80, 5, 10, 10)]


def main():
    return runpy.run_module("synthem.networks", run_name="table")["main"]()


def test_the_table_ends_with_1_when_a_network_has_other_parameters(monkeypatch, capsys):
    class Lopsided(UNet):
        def __init__(self, **arguments):
            super().__init__(**arguments)
            self.head = nn.Conv2d(64, 1, 1, bias=False)

    monkeypatch.setitem(SEGMENTERS, "unet", Lopsided)
    monkeypatch.setattr(published, "PUBLISHED", {"segmenter": PUBLISHED["segmenter"]})
    assert main() == 1
    printed = capsys.readouterr().out
    assert printed.count("DIFFERS") == 2 and "31,036,480" in printed and "2 differ" in printed


def test_a_number_that_nobody_states_cannot_differ(monkeypatch):
    family, networks = PUBLISHED["generator"]
    unstated = [network for network in networks if network.number is None]
    monkeypatch.setattr(published, "PUBLISHED", {"generator": (family, unstated)})
    assert len(unstated) == 3 and main() == 0


def test_widths_scale_with_base_width():
    with torch.device("meta"):
        small = StyleGenerator(1, 64)
    side128 = small.blocks[-1].conv.weight.shape
    assert side128 == (16, 16, 3, 3)  # 128 of 512 -> 16 of 64
    assert math.prod(small.mapping[1].weight.shape) == 64 * 64
