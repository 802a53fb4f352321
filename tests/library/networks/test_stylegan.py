import pytest
import torch
import torch.nn.functional as F

from synthem.errors import SynthemError
from synthem.networks.stylegan import (
    BatchDeviation,
    Styled,
    StyleDiscriminator,
    StyleGenerator,
    blurred,
    mixed,
    truncated,
)


def generator(**more):
    torch.manual_seed(0)
    return StyleGenerator(1, 8, size=16, **more).eval()


def fixed_noise(batch):
    return [torch.randn(batch, 1, side, side) for side in (4, 8, 16)]


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("training", [True, False])
def test_latents_become_images_and_images_a_logit_each(batch, training):
    images = generator().train(training)(torch.randn(batch, 8))
    assert images.shape == (batch, 1, 16, 16)
    assert StyleDiscriminator(1, 8, size=16).train(training)(images).shape == (batch, 1)


def test_one_latent_vector_gives_one_image_whatever_its_length():
    net, latents, noise = generator(), torch.randn(2, 8), fixed_noise(2)
    torch.testing.assert_close(net(latents, noise), net(10 * latents, noise))  # latents lie on a sphere
    assert not torch.allclose(net(latents, noise)[0], net(latents, noise)[1])


def test_noise_has_no_say_before_training():
    net, latents = generator(), torch.randn(1, 8)
    assert torch.equal(net(latents), net(latents))
    torch.nn.init.ones_(net.blocks[0].first.noise_weight)
    assert not torch.allclose(net(latents), net(latents))


def test_truncation_goes_from_the_style_to_the_mean():
    styles = torch.tensor([[[4.0, 8.0]]])
    assert torch.equal(truncated(styles, torch.zeros(1, 2), 1), styles)
    assert truncated(styles, torch.tensor([[2.0, 2.0]]), 0.5).tolist() == [[[3, 5]]]
    assert truncated(styles, torch.tensor([[2.0, 2.0]]), 0).tolist() == [[[2, 2]]]


def test_mixing_keeps_the_coarse_image_and_changes_the_detail():
    net, noise = generator(progressive=True), fixed_noise(1)
    first, second = net.styles(torch.randn(1, 8)), net.styles(torch.randn(1, 8))
    both = mixed(first, second, 2)  # blocks of 4 and 8 pixels from the first, of 16 from the second
    assert torch.equal(net.draw(both, noise, side=8), net.draw(first, noise, side=8))
    assert not torch.allclose(net.draw(both, noise), net.draw(first, noise))
    assert torch.equal(mixed(first, second, 0), second)


def test_a_new_resolution_fades_in():
    net, latents, noise = generator(progressive=True), torch.randn(2, 8), fixed_noise(2)
    coarse = F.interpolate(net(latents, noise, side=8), scale_factor=2)
    fine = net(latents, noise, side=16)
    torch.testing.assert_close(net(latents, noise, side=16, alpha=0.0), coarse)
    torch.testing.assert_close(net(latents, noise, side=16, alpha=0.25), 0.75 * coarse + 0.25 * fine)
    critic = StyleDiscriminator(1, 8, size=16, progressive=True)
    torch.testing.assert_close(critic(fine, alpha=0.0), critic(F.avg_pool2d(fine, 2)))


@pytest.mark.parametrize("side", [4, 8, 16])
def test_a_progressive_pair_works_at_every_resolution(side):
    image = generator(progressive=True)(torch.randn(2, 8), side=side)
    assert image.shape == (2, 1, side, side)
    assert StyleDiscriminator(1, 8, size=16, progressive=True)(image).shape == (2, 1)


def test_a_style_sets_mean_and_deviation_of_each_feature():
    layer = Styled(2, 1)
    torch.nn.init.zeros_(layer.style.weight)
    layer.style.bias.data = torch.tensor([3.0, 5.0, -1.0, 7.0])  # deviations, then means
    y = layer(torch.randn(1, 2, 32, 32), torch.zeros(1, 1), torch.zeros(1, 1, 32, 32))
    torch.testing.assert_close(y.mean((0, 2, 3)), torch.tensor([-1.0, 7.0]), atol=1e-4, rtol=0)
    torch.testing.assert_close(y.std((0, 2, 3), correction=0), torch.tensor([3.0, 5.0]), atol=1e-3, rtol=0)


def test_the_discriminator_learns_how_much_a_batch_varies():
    x = torch.stack([torch.zeros(1, 4, 4), torch.full((1, 4, 4), 2.0)])  # deviation 1 at every pixel
    torch.testing.assert_close(BatchDeviation()(x)[:, 1], torch.ones(2, 4, 4))
    alike = BatchDeviation()(torch.ones(2, 1, 4, 4))[:, 1]
    torch.testing.assert_close(alike, torch.full_like(alike, 1e-4))  # sqrt(1e-8)


def test_blur_spreads_a_pixel_over_its_neighbours():
    pixel = torch.zeros(1, 1, 5, 5)
    pixel[..., 2, 2] = 16
    spread = [[0, 0, 0, 0, 0], [0, 1, 2, 1, 0], [0, 2, 4, 2, 0], [0, 1, 2, 1, 0], [0, 0, 0, 0, 0]]
    assert blurred(pixel)[0, 0].tolist() == spread


def test_the_gradient_penalty_has_a_gradient():
    critic, image = StyleDiscriminator(1, 4, size=8), torch.randn(2, 1, 8, 8, requires_grad=True)
    (slope,) = torch.autograd.grad(critic(image).sum(), image, create_graph=True)
    slope.square().sum().backward()  # R1 (Mescheder 2018)
    assert critic.stems["8"][0].weight.grad.abs().max() > 0


def test_what_a_discriminator_takes_from_an_image_is_activated_at_once():
    """As in the published training: a leak of 0.2, before any block."""
    stem = StyleDiscriminator(1, 4, size=8).stems["8"]
    with torch.no_grad():
        for name, value in stem.named_parameters():
            value.fill_(0 if name.endswith("bias") else 1)
        light, dark = stem(torch.ones(1, 1, 8, 8)), stem(-torch.ones(1, 1, 8, 8))
    assert (light > 0).all() and torch.allclose(dark, -0.2 * light)


def test_every_weight_learns():
    net, critic = generator(), StyleDiscriminator(1, 8, size=16)
    critic(net(torch.randn(2, 8))).sum().backward()
    for weight in [*net.parameters(), *critic.parameters()]:
        assert weight.grad is not None and weight.grad.isfinite().all()


@pytest.mark.parametrize("shape", [(12, 16), (12, 12), (32, 32), (8, 8)])
def test_an_image_of_another_size_is_refused(shape):
    with pytest.raises(
        SynthemError, match=r"CONFIG_VALUE stylegan.network.size: an image of \d+ x \d+ pixels .* 16 pixels"
    ):
        StyleDiscriminator(1, 4, size=16)(torch.randn(1, 1, *shape))


@pytest.mark.parametrize("size", [0, 2, 100])
def test_a_size_that_doubling_does_not_reach_is_refused(size):
    with pytest.raises(SynthemError, match="CONFIG_VALUE stylegan.network.size"):
        StyleGenerator(1, 4, size=size)
