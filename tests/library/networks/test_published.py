"""Networks of the presets: as many parameters as published, and the published shapes."""

import math
import re

import pytest
import torch

from synthem.gans.conditions import channels_of
from synthem.networks.boundless import BoundlessDiscriminator, BoundlessGenerator
from synthem.networks.registry import DISCRIMINATORS, GENERATORS, SEGMENTERS
from synthem.networks.resize_unet import ResizeUNet
from synthem.networks.saving import class_of_kind
from synthem.networks.stylegan import StyleDiscriminator, StyleGenerator
from synthem.networks.unet import UNet
from tests.shared.presets import PRESETS, of_preset
from tests.shared.project import PROJECT

CHOSEN = {
    "membranes.network": SEGMENTERS,
    "unets.network": SEGMENTERS,
    "gans.generator": GENERATORS,
    "gans.discriminator": DISCRIMINATORS,
}
FIXED = {
    "pretraining.generator": BoundlessGenerator,
    "pretraining.discriminator": BoundlessDiscriminator,
    "stylegan.network": StyleGenerator,
    "stylegan.network, discriminator": StyleDiscriminator,
}
NOT_OF_THE_NETWORK = {"scales", "patch_slices"}  # how many there are, and what they are shown


def published_network(name, section, **arguments):
    """A network of a preset; `arguments` are its channels and what a test changes. Shapes without memory."""
    part = of_preset(name, section.split(",")[0])
    if section in FIXED:
        network, options = FIXED[section], part
    else:
        network, options = class_of_kind(CHOSEN[section], part["kind"]), part[part["kind"]]
    options = {key: value for key, value in options.items() if key not in NOT_OF_THE_NETWORK}
    with torch.device("meta"):
        return network(**options | arguments)


def test_the_tutorial_preset_names_the_four_channels_of_the_study():
    gans = of_preset("gan-tutorial", "gans")
    seen = channels_of(gans["conditions"], one_hot=gans["one_hot"])
    assert seen == [
        "background",
        "structure",
        "synapses",
        "membrane",
    ]  # and colours: painting(4, 3), judging(7)


def segmenting(seen):
    return {"in_channels": seen, "out_channels": 1}


def painting(masks, colours):
    return {"in_channels": masks, "out_channels": colours}


def judging(seen):
    return {"in_channels": seen}


# Copied from the papers: (preset, section, channels there, trainable, with running means and variances).
STATED = [
    ("unet-thesis", "unets.network", segmenting(1), 31_036_481, None),
    ("membrane-transfer", "membranes.network", segmenting(2), 31_037_057, None),
    ("unet3d-thesis", "unets.network", segmenting(1), 923_201, 925_849),
    ("unet3d-thesis", "unets.network", segmenting(1) | {"isotropic": True}, 1_531_457, None),
    ("unet3d-thesis", "unets.network", segmenting(1) | {"max_pool": True}, 923_201, None),
    ("boundless-thesis", "unets.network", segmenting(1), 3_454_705, None),
    ("boundless-thesis", "pretraining.generator", painting(3, 1), 3_454_705, 3_454_705),
    ("boundless-thesis", "pretraining.generator", painting(5, 3), 3_458_195, 3_458_195),  # in colour
    ("boundless-thesis", "pretraining.discriminator", judging(2), 7_838_528, 7_838_528),
    ("boundless-thesis", "pretraining.discriminator", judging(4), 7_841_728, 7_841_728),  # in colour
    ("gan-pix2pix", "gans.generator", painting(2, 1), 54_404_481, 54_404_481),
    ("membrane-transfer", "gans.generator", painting(2, 1), 54_404_481, 54_404_481),
    ("membrane-transfer", "gans.discriminator", judging(3), 2_764_737, 2_764_737),  # each of three
    ("gan-tutorial", "gans.generator", painting(4, 3), 54_417_027, 54_427_907),
    ("gan-tutorial", "gans.discriminator", judging(7), 2_769_665, 2_771_457),
    ("gan-tutorial-vanilla", "gans.discriminator", judging(7), 3_814_657, 3_816_961),
    ("gan-mode-seeking", "gans.generator", painting(1, 3), 85_019_587, None),  # by the paper's table
    ("gan-mode-seeking", "gans.generator", painting(2, 3), 85_021_187, None),  # by its text
    ("gan-mode-seeking", "gans.discriminator", judging(3), 4_832_641, None),
]


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


def skip_patch():
    fine = conv(4, 64, 128) + conv(4, 128, 256) + conv(4, 256, 256)
    heads = conv(4, 128, 1) + 2 * conv(2, 256, 1)
    coarse = conv(4, 64, 128) + conv(4, 128, 256) + conv(4, 256, 512) + conv(4, 512, 1)
    return conv(4, 3, 64) + fine + heads + coarse


BY_HAND = [
    ("stylegan", "stylegan.network", {"out_channels": 1}, style_generator_128(), None),
    ("stylegan", "stylegan.network, discriminator", judging(1), style_discriminator_128(), None),
    ("gan-skip-patch", "gans.discriminator", judging(3), skip_patch(), None),
    ("gan-oasis", "gans.discriminator", judging(3) | {"classes": 35}, oasis_discriminator(), None),
    ("gan-oasis", "gans.generator", painting(35, 3), spade_generator(), None),
]


def counts(net):
    """Parameters that learn, and these with running means and variances, as Keras counts."""
    trainable = sum(parameter.numel() for parameter in net.parameters() if parameter.requires_grad)
    running = (buffer for name, buffer in net.named_buffers() if re.search("running_(mean|var)$", name))
    return trainable, trainable + sum(buffer.numel() for buffer in running)


@pytest.mark.parametrize(("preset", "section", "channels", "trainable", "total"), STATED + BY_HAND)
def test_a_preset_has_as_many_parameters_as_published(preset, section, channels, trainable, total):
    """Where no number is published, as many as its layers have by hand."""
    found, with_running = counts(published_network(preset, section, **channels))
    assert found == trainable
    assert total in (None, with_running)


def test_the_bibliography_has_these_numbers():
    rows = re.findall(
        r"^\| `([\w-]+)` \| `([\w.]+)` \|.*\| ([\d,]+) \|$", (PROJECT / "docs/papers.md").read_text(), re.M
    )
    assert len(rows) > 12
    stated = {(preset, section, total or trainable) for preset, section, _, trainable, total in STATED}
    stated |= {(preset, section, trainable) for preset, section, _, trainable, _ in STATED}
    assert {(preset, section, int(number.replace(",", ""))) for preset, section, number in rows} <= stated


def test_stylegan_has_the_published_number_but_for_a_bias_of_its_constant():
    """The original has one beside its learnt constant; the code that the thesis used leaves it out."""
    large = {"out_channels": 3, "size": 1024, "progressive": True}
    trainable, _ = counts(published_network("stylegan", "stylegan.network", **large))
    assert trainable == 26_219_627 - 512  # of the README of NVlabs/stylegan


def test_the_default_generator_has_the_parameters_of_its_layers():
    """Stem; down 16-32-64-128-128-128; up with a skip each, made narrow before; one grey head."""
    widths = [16, 32, 64, 128, 128, 128]
    steps = list(zip(widths[:-1], widths[1:], strict=True))
    down = sum(conv(4, wide, deep) for wide, deep in steps)
    up = sum(conv(1, deep, wide) + conv(3, 2 * wide, wide) for wide, deep in steps)
    net = ResizeUNet(2, 1, base_width=16, depth=5, noise_channels=1)
    assert counts(net)[0] == conv(3, 2 + 1, 16) + down + up + conv(3, 16, 1)


def chosen_kinds():
    """(section, kind) of all networks that presets choose."""
    for path in PRESETS.glob("*.yaml"):
        for section in CHOSEN:
            try:
                yield section, of_preset(path.stem, section)["kind"]
            except (KeyError, TypeError):
                pass  # another preset has it


# {section: {kind: why no preset has it}}: what a preset has is a publication's, and held against its numbers.
WITHOUT_A_PAPER = {
    "unets.network": {},
    "gans.generator": {"resize_unet": "Synthem's own: the default, whose layers are counted above"},
    "gans.discriminator": {},
}


@pytest.mark.parametrize("section", WITHOUT_A_PAPER)
def test_every_kind_of_network_is_in_a_preset_but_for_those_without_a_paper(section):
    chosen = {kind for place, kind in chosen_kinds() if place == section}
    assert chosen == CHOSEN[section].keys() - WITHOUT_A_PAPER[section].keys(), (
        "write a preset of the published size, or in WITHOUT_A_PAPER why there is none: docs/contributing.md"
    )
    assert all(WITHOUT_A_PAPER[section].values())


SIDES = {"unet3d-thesis": (18, 160, 160), "boundless-thesis": (257, 257)}
THROUGH = [row for row in STATED + BY_HAND if row[0] != "stylegan"]


@pytest.mark.parametrize(("preset", "section", "channels"), [row[:3] for row in THROUGH])
def test_published_sizes_go_through_in_batches_of_1_and_2(preset, section, channels):
    """In training and in use."""
    net, size = published_network(preset, section, **channels), SIDES.get(preset, (256, 256))
    for batch, training in ((1, True), (1, False), (2, True), (2, False)):
        x = torch.empty(batch, channels["in_channels"], *size, device="meta")
        y = net.train(training)(x)
        assert "out_channels" not in channels or y.shape == (batch, channels["out_channels"], *size)


def test_stylegan_draws_at_the_size_of_its_preset():
    net = published_network("stylegan", "stylegan.network", out_channels=1)
    judge = published_network("stylegan", "stylegan.network, discriminator", in_channels=1)
    for batch, training in ((1, True), (1, False), (2, True), (2, False)):
        drawn = net.train(training)(torch.empty(batch, 512, device="meta"))
        assert drawn.shape == (batch, 1, 128, 128)
        assert judge.train(training)(drawn).shape[0] == batch


@pytest.mark.parametrize(
    ("preset", "channels", "expected"),
    [
        ("membrane-transfer", judging(3), [(1, 1, 30, 30)]),
        ("gan-tutorial", judging(7), [(1, 1, 30, 30)]),
        ("gan-tutorial-vanilla", judging(7), [(1, 1)]),
        ("gan-mode-seeking", judging(3), [(1, 1)]),
        ("gan-oasis", judging(3) | {"classes": 35}, [(1, 36, 256, 256)]),
        # 16: 256 / 2 - 1 = 127, head 4 with border 1; 20: 127 -> 63, head 2; 32: 62, head 2.
        ("gan-skip-patch", judging(3), [(1, 1, 126, 126), (1, 1, 62, 62), (1, 1, 61, 61), (1, 1, 30, 30)]),
    ],
)
def test_discriminators_answer_in_the_published_shape(preset, channels, expected):
    net = published_network(preset, "gans.discriminator", **channels)
    judged = net(torch.empty(1, channels["in_channels"], 256, 256, device="meta"))
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
    net, seen = published_network("unet3d-thesis", "unets.network", **segmenting(1)), []
    for level in net.down:
        level.register_forward_hook(lambda _, __, y: seen.append(tuple(y.shape[1:])))
    net(torch.empty(1, 1, 18, 160, 160, device="meta"))
    assert seen == [(28, 18, 160, 160), (36, 18, 80, 80), (48, 18, 40, 40), (64, 9, 20, 20), (80, 5, 10, 10)]


def test_widths_scale_with_base_width():
    with torch.device("meta"):
        small = StyleGenerator(1, 64)
    side128 = small.blocks[-1].conv.weight.shape
    assert side128 == (16, 16, 3, 3)  # 128 of 512 -> 16 of 64
    assert math.prod(small.mapping[1].weight.shape) == 64 * 64
