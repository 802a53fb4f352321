import pytest
import torch
from torch import nn

from synthem.networks.boundless import BoundlessGenerator, BoundlessSegmenter
from synthem.networks.mode_seeking import ModeSeekingGenerator
from synthem.networks.pix2pix import Pix2PixGenerator
from synthem.networks.registry import GENERATORS
from synthem.networks.resize_unet import ResizeUNet
from synthem.networks.spade import SpadeGenerator
from synthem.networks.tutorial import TutorialGenerator
from synthem.networks.unet import UNet
from synthem.networks.unet3d import UNet3D

torch.set_num_threads(1)  # small networks wait for each other otherwise
LEVELS = {"depth": 3, "dropout": 0.0}
NOISY = {  # two conditions and three channels of noise
    "pix2pix": lambda: Pix2PixGenerator(2, 1, 4, **LEVELS, noise_channels=3),
    "pix2pix_tutorial": lambda: TutorialGenerator(2, 1, 4, **LEVELS, noise_channels=3),
    "mode_seeking": lambda: ModeSeekingGenerator(2, 1, 4, **LEVELS, noise_channels=3),
    "resize_unet": lambda: ResizeUNet(2, 1, 4, depth=3, noise_channels=3),
    "spade": lambda: SpadeGenerator(2, 1, 4, depth=2, noise_channels=3),
}


def seeded(build):
    torch.manual_seed(0)
    net = build()
    for module in net.modules():  # weights of 0.02 let so little through that rounding would matter
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d) and not hasattr(module, "parametrizations"):
            nn.init.normal_(module.weight, 0, 0.3)
    return net


@pytest.mark.parametrize("word", NOISY)
def test_noise_changes_the_image_and_without_it_a_generator_repeats_itself(word):
    net, masks = seeded(NOISY[word]), torch.randn(2, 2, 17, 16)
    with torch.no_grad():
        net.eval()
        assert torch.equal(net(masks), net(masks))
        assert torch.equal(net(masks), net(masks, torch.zeros(2, 3, 17, 16)))
        given = torch.randn(2, 3, 17, 16)
        assert torch.equal(net(masks, given), net(masks, given))
        assert not torch.allclose(net(masks, given), net(masks))
        assert net(masks, torch.randn(2, 3, 1, 1)).shape == (2, 1, 17, 16)
        net.train()
        assert not torch.allclose(net(masks), net(masks))  # its own, new each time
        torch.manual_seed(1)
        first = net(masks)
        torch.manual_seed(1)
        if word != "spade":  # its spectral norms move with each step of training
            torch.testing.assert_close(net(masks), first)


def test_spade_draws_one_vector_per_image_and_the_others_a_value_per_pixel():
    masks = torch.randn(2, 2, 8, 8)
    assert NOISY["spade"]().own_noise(masks).shape == (2, 3, 1, 1)
    noise = NOISY["pix2pix"]().own_noise(masks)
    assert noise.shape == (2, 3, 8, 8) and noise.std() > 0.5


@pytest.mark.parametrize("word", [*GENERATORS, "boundless"])
def test_a_generator_stays_in_its_range(word):
    build = NOISY.get(word, lambda: BoundlessGenerator(2, 1, 4))
    drawn = seeded(build)(100 * torch.randn(2, 2, 16, 16))
    assert 0 < drawn.abs().max() <= 1


@pytest.mark.parametrize("family", [Pix2PixGenerator, TutorialGenerator, ModeSeekingGenerator])
def test_dropout_acts_in_the_three_innermost_levels_only(family):
    rates = [m.p for m in family(1, 1, 1, 6, 0.5).modules() if isinstance(m, nn.Dropout)]
    assert rates == [0.5, 0.5, 0.5, 0, 0]  # innermost first; the sixth level is the head


@pytest.mark.parametrize("word, has_a_grid", [("resize_unet", False), ("pix2pix", True)])
def test_a_flat_question_shows_the_grid_of_transposed_convolutions_alone(word, has_a_grid):
    """Far from the borders, equal masks and no noise leave nothing that tells one pixel from the next."""
    net, masks = seeded(NOISY[word]).eval(), torch.ones(1, 2, 128, 128)
    with torch.no_grad():
        inside = net(masks)[0, 0, 48:80, 48:80]
    assert (inside.std() > 0.01) == has_a_grid


def test_grain_of_one_pixel_reaches_the_image_of_a_resize_unet():
    """Other noise for one pixel changes the image around it, and far away what norms carry on alone."""
    net, masks, noise = seeded(NOISY["resize_unet"]), torch.randn(1, 2, 64, 64), torch.zeros(1, 3, 64, 64)
    other = noise.clone()
    other[..., 32, 32] = 3
    with torch.no_grad():
        change = (net(masks, noise) - net(masks, other)).abs()[0, 0]
    assert change[30:35, 30:35].mean() > 20 * change[:8].mean()


def test_one_level_makes_a_generator():
    assert Pix2PixGenerator(1, 1, 2, 1, 0.5)(torch.randn(1, 1, 4, 4)).shape == (1, 1, 4, 4)


def test_conditions_steer_spade_even_where_they_are_everywhere_the_same():
    """What a norm would wash out: one class everywhere is another image than the other class everywhere."""
    net = seeded(lambda: SpadeGenerator(2, 1, 4, depth=2)).eval()
    first, second = torch.zeros(2, 1, 2, 16, 16)
    first[:, 0], second[:, 1] = 1, 1
    assert not torch.allclose(net(first), net(second), atol=1e-3)


def test_noise_in_one_place_changes_spade_in_that_place():
    net = seeded(lambda: SpadeGenerator(1, 1, 2, depth=1, noise_channels=1)).eval()
    noise = torch.zeros(1, 1, 64, 64)
    noise[..., :8, :8] = 1
    change = (net(torch.ones(1, 1, 64, 64), noise) - net(torch.ones(1, 1, 64, 64))).abs()[0, 0]
    assert change[:8, :8].max() > 0 and change[40:, 40:].max() == 0


def test_boundless_draws_with_17_layers_of_which_the_first_8_are_the_encoder():
    layers = BoundlessGenerator(3, 1, 32).layers
    assert len(layers) == 17
    dilations = [layer.conv.dilation[0] for layer in layers[:16]]
    assert dilations == [1, 1, 1, 1, 1, 1, 2, 4, 8, 16, 1, 1, 1, 1, 1, 1]
    assert [number for number, layer in enumerate(layers[:16]) if layer.conv.stride == (2, 2)] == [1, 3]


def test_a_trained_boundless_generator_becomes_a_segmenter():
    generator, segmenter = seeded(lambda: BoundlessGenerator(3, 1, 4)), BoundlessSegmenter(1, 1, 4)
    segmenter.load_state_dict(generator.state_dict())
    image = torch.randn(1, 1, 33, 30)
    asked = torch.cat([image, torch.zeros_like(image), torch.ones_like(image)], dim=1)
    logits = segmenter(image)
    torch.testing.assert_close(logits.clamp(-1, 1), generator(asked))
    assert logits.abs().max() > 1  # logits are not clipped


TRAINABLE = {
    "unet": (lambda: UNet(2, 1, 4, 2), (16, 16)),
    "unet3d": (lambda: UNet3D(2, 1, 4, isotropic=True, max_pool=False), (8, 32, 32)),
    "boundless segmenter": (lambda: BoundlessSegmenter(2, 1, 4), (16, 16)),
    "boundless": (lambda: BoundlessGenerator(2, 1, 4), (16, 16)),
    **{word: (build, (16, 16)) for word, build in NOISY.items()},
}


@pytest.mark.parametrize("word", TRAINABLE)
def test_the_loss_falls_on_one_batch_and_every_weight_has_a_part_in_it(word):
    build, size = TRAINABLE[word]
    torch.manual_seed(0)
    net = build().train()
    question, answer = torch.randn(2, 2, *size), 0.5 * torch.randn(2, 1, *size).sign()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    losses = []
    for _ in range(12):
        loss = (net(question) - answer).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.98 * losses[0]
    assert all(weight.grad is not None and weight.grad.isfinite().all() for weight in net.parameters())


def deviation(weight):
    return weight.detach().std().item()


def test_weights_start_as_the_papers_say():
    torch.manual_seed(0)
    for build in (Pix2PixGenerator, TutorialGenerator, ModeSeekingGenerator):
        net = build(4, 1, 16, 4, 0.5)
        convolutions = [m for m in net.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]
        # Cut at two deviations, a normal distribution keeps 0.88 of its deviation.
        expected = 0.88 * 0.02 if build is ModeSeekingGenerator else 0.02
        assert deviation(convolutions[2].weight) == pytest.approx(expected, rel=0.05)
        assert deviation(convolutions[-2].weight) == pytest.approx(0.02, rel=0.05)
        assert all(m.bias is None or not m.bias.any() for m in convolutions)
    unet = UNet(1, 1, 32, 1, kaiming=True)
    assert deviation(unet.down[0][3].weight) == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.05)  # He 2015
    assert not unet.head.bias.any()
    assert deviation(UNet(1, 1, 32, 1).down[0][3].weight) == pytest.approx(
        (1 / (3 * 64 * 9)) ** 0.5, rel=0.05
    )
    deep = UNet3D(1, 1, 28, isotropic=False, max_pool=False)
    assert deviation(deep.down[4][1][0].weight) == pytest.approx((2 / (64 * 27)) ** 0.5, rel=0.05)
