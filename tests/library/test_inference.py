import tracemalloc

import numpy as np
import pytest
import torch

from synthem.inference import fade, generate_slices, overlapping, predict_slices, tiles
from synthem.networks.pix2pix import Pix2PixGenerator
from synthem.networks.unet import UNet

CPU = torch.device("cpu")


def unet(in_channels=1):
    torch.manual_seed(0)
    net = UNet(in_channels, 1, 4, 2)
    for _ in range(20):  # norms that have seen data: else all probabilities are nearly equal
        net(torch.randn(2, in_channels, 32, 32))
    return net.eval()


def volume(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def test_tiles_with_a_sufficient_halo_equal_the_whole_slice():
    # The reach of a U-Net of depth 2 is 22 pixels: 2 + 2*2 + 2*4 on the way down, 2*2 + 2 up, 2 in pooling.
    image, net = volume(2, 75, 101), unet()
    whole = predict_slices(net, [image], tile=101, halo=0, device=CPU)
    tiled = predict_slices(net, [image], tile=30, halo=22, device=CPU)
    np.testing.assert_allclose(tiled, whole, atol=1e-5)
    seams = predict_slices(net, [image], tile=30, halo=0, device=CPU)
    assert np.abs(seams - whole).max() > 0.05


@pytest.mark.parametrize("shape", [(75, 101), (30, 31), (64, 200), (129, 5)])
def test_tiles_cover_every_pixel_once_and_start_on_the_pooling_grid(shape):
    count = np.zeros(shape, int)
    for window, inner, place in tiles(shape, tile=30, halo=10, multiple=8):
        assert all(cut.start % 8 == 0 for cut in window)
        assert np.zeros(shape)[window][inner].shape == count[place].shape
        count[place] += 1
    assert (count == 1).all()


def test_probabilities_are_those_of_the_network():
    image = volume(1, 16, 16)
    seen = (image - image.mean()) / image.std()
    expected = torch.sigmoid(unet()(torch.from_numpy(seen.astype(np.float32))[None]))[0, 0]
    found = predict_slices(unet(), [image], tile=16, halo=0, device=CPU)
    np.testing.assert_allclose(found[0], expected.detach(), atol=1e-5)
    assert found.dtype == np.float32


def test_known_masks_follow_the_image():
    image, mask = volume(2, 16, 16), volume(2, 16, 16) // 128
    with_mask = predict_slices(unet(2), [image, mask], tile=16, halo=0, device=CPU)
    without = predict_slices(unet(2), [image, 0 * mask], tile=16, halo=0, device=CPU)
    assert np.abs(with_mask - without).max() > 0.01


def test_a_slice_does_not_depend_on_the_others():
    image = volume(3, 20, 20)
    together = predict_slices(unet(), [image], tile=32, halo=0, device=CPU)
    alone = predict_slices(unet(), [image[2:]], tile=32, halo=0, device=CPU)
    assert (together[2:] == alone).all()


def test_memory_is_the_result_and_one_slice():
    image = np.zeros((100, 64, 64), np.uint8)  # as floats 1.6 MB
    tracemalloc.start()
    predict_slices(unet(), [image], tile=64, halo=0, device=CPU)
    _, peak = tracemalloc.get_traced_memory()  # what numpy holds
    tracemalloc.stop()
    assert peak < 1.6e6 * 1.2


def generator(colours=1):
    torch.manual_seed(0)
    net = Pix2PixGenerator(2, colours, 4, 4, 0.5)
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, 0, 0.1)  # so that dropout can be seen
    return net


def masks(*shape):
    return [volume(*shape) // 128, volume(*shape) // 200]


def draw(conditions, *, seed=0, tile=32, halo=8):
    return generate_slices(generator(), conditions, tile=tile, halo=halo, seed=seed, device=CPU)


def test_drawing_repeats_itself_and_leaves_other_chance_alone():
    before = torch.get_rng_state()
    first = draw(masks(2, 32, 32))
    state = torch.get_rng_state()
    assert first.dtype == np.uint8 and first.shape == (2, 32, 32)
    assert (draw(masks(2, 32, 32)) == first).all()
    assert not torch.equal(state, before)  # `generator` seeds; drawing itself does not:
    draw_only = generator()
    state = torch.get_rng_state()
    generate_slices(draw_only, masks(1, 32, 32), tile=32, halo=8, seed=0, device=CPU)
    assert torch.equal(torch.get_rng_state(), state)


def test_dropout_draws_other_images_for_other_seeds_and_slices():
    same = [np.repeat(mask, 2, axis=0) for mask in masks(1, 32, 32)]
    images = draw(same)
    assert (images[0] != images[1]).any()
    assert (draw(same, seed=1)[0] != images[0]).any()


def test_a_drawn_slice_does_not_depend_on_those_after_it():
    conditions = masks(3, 32, 32)
    assert (draw(conditions)[:1] == draw([mask[:1] for mask in conditions])).all()


@pytest.mark.parametrize("shape", [(50, 70), (32, 33), (20, 90)])
def test_blended_tiles_are_full_and_their_weights_never_vanish(shape):
    weights = np.zeros(shape)
    for place in overlapping(shape, tile=32, overlap=8):
        assert [cut.stop - cut.start for cut in place] == [min(length, 32) for length in shape]
        weights[place] += fade(place, shape, overlap=8)
    assert weights.min() > 0.1
    assert draw(masks(1, *shape)).shape == (1, *shape)


def test_tiles_fade_linearly_into_each_other():
    # Two tiles of 6 over 10 pixels share 2: weights 1 2/3 1/3 and 1/3 2/3 1.
    left, right = ((slice(0, 1), slice(0, 6)), (slice(0, 1), slice(4, 10)))
    assert fade(left, (1, 10), overlap=2)[0] == pytest.approx([1, 1, 1, 1, 2 / 3, 1 / 3])
    assert fade(right, (1, 10), overlap=2)[0] == pytest.approx([1 / 3, 2 / 3, 1, 1, 1, 1])


SIZES = [(1, 64, 64), (2, 101, 99), (1, 7, 5), (1, 1, 512)]


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("colours", [1, 3])
def test_probabilities_have_the_shape_of_the_slices(shape, colours):
    image, mask = volume(*shape, 3) if colours == 3 else volume(*shape), volume(*shape) // 128
    found = predict_slices(unet(colours + 1), [image, mask], tile=40, halo=8, device=CPU)
    assert found.shape == shape and np.isfinite(found).all()


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("colours", [1, 3])
def test_drawn_images_have_the_shape_of_their_masks(shape, colours):
    image = generate_slices(generator(colours), masks(*shape), tile=40, halo=8, seed=0, device=CPU)
    assert image.shape == (shape if colours == 1 else (*shape, 3)) and image.dtype == np.uint8


def test_colours_are_seen_by_the_network_each_standardised():
    image = volume(1, 16, 16, 3)
    seen = (image - image.mean(axis=(0, 1, 2))) / image.std(axis=(0, 1, 2))
    seen = torch.from_numpy(seen[0].transpose(2, 0, 1).astype(np.float32))[None]
    expected = torch.sigmoid(unet(3)(seen))[0, 0].detach()
    found = predict_slices(unet(3), [image], tile=16, halo=0, device=CPU)
    np.testing.assert_allclose(found[0], expected, atol=1e-5)


def test_colours_are_drawn_as_the_generator_gives_them():
    class Painter(torch.nn.Module):
        """Red where the first mask is, half green everywhere, blue nowhere."""

        def forward(self, conditions):
            flat = torch.zeros_like(conditions[:, :1])
            return torch.cat([conditions[:, :1], flat, flat - 1], dim=1)

    conditions = masks(2, 20, 50)
    image = generate_slices(Painter(), conditions, tile=16, halo=4, seed=0, device=CPU)
    assert (image[..., 0] == 255 * conditions[0]).all()
    assert (image[..., 1] == 128).all() and (image[..., 2] == 0).all()
