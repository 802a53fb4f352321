import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from synthem.errors import SynthemError
from synthem.inference.folding import folded
from synthem.inference.windows import cuts, fade, overlapping, tiles
from tests.shared.demo_config import DEMO
from tests.shared.segmenters import Lopsided, boundless, predict, segmenter, unet, unet3d


def volume(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def standardised(plane):
    return torch.from_numpy(((plane - plane.mean()) / plane.std()).astype(np.float32))


def in_unit_range(plane):
    return torch.from_numpy((plane / 127.5 - 1).astype(np.float32))


def test_tiles_with_a_sufficient_halo_equal_the_whole_slice():
    # The reach of a U-Net of depth 2 is 22 pixels: 2 + 2*2 + 2*4 on the way down, 2*2 + 2 up, 2 in pooling.
    image, net = volume(2, 75, 101), unet()
    whole = predict(net, [image])
    np.testing.assert_allclose(predict(net, [image], tile=30, halo=22), whole, atol=1e-5)
    seams = predict(net, [image], tile=30, halo=0)
    assert np.abs(seams - whole).max() > 0.05


@pytest.mark.parametrize("shape", [(75, 101), (30, 31), (64, 200), (129, 5)])
def test_tiles_cover_every_pixel_once_and_start_on_the_pooling_grid(shape):
    count = np.zeros(shape, int)
    for window, inner, place in tiles(shape, tile=30, halo=10, multiple=(8, 8)):
        assert all(cut.start % 8 == 0 for cut in window)
        assert np.zeros(shape)[window][inner].shape == count[place].shape
        count[place] += 1
    assert (count == 1).all()


def test_windows_are_clipped_at_the_ends_of_an_axis():
    # 20 slices in blocks of 8 with 4 around them, on a grid of 4.
    assert cuts(20, step=9, halo=3, multiple=4) == [
        (slice(0, 12), slice(0, 8), slice(0, 8)),
        (slice(4, 20), slice(4, 12), slice(8, 16)),
        (slice(12, 20), slice(4, 8), slice(16, 20)),
    ]
    assert cuts(20, step=20, halo=3, multiple=4) == [(slice(0, 20),) * 3]


@pytest.mark.parametrize("max_pool", [True, False])
def test_the_halo_of_the_config_is_enough_for_blocks_of_a_3d_network_to_equal_the_whole(max_pool):
    # Without max_pool sizes are to be 4n + 1 and 16n + 1: the network keeps corners on corners.
    image, net = volume(77, 17, 529), unet3d(max_pool=max_pool)
    whole = predict(net, [image], tile=529, tile_slices=77)
    halos = {name: DEMO["inference"][name] for name in ("halo", "halo_slices")}
    blocks = {"tile": 180, "tile_slices": 26} | halos
    np.testing.assert_allclose(predict(net, [image], **blocks), whole, atol=1e-4)
    seams = predict(net, [image], **blocks | {"halo_slices": 0})
    assert np.abs(seams - whole).max() > 0.01


def test_tiles_of_a_network_with_instance_norm_fade_into_each_other():
    image, net = volume(1, 40, 52), boundless().eval()
    total, weights = np.zeros((40, 52)), np.zeros((40, 52))
    for place in overlapping((40, 52), tile=32, overlap=8):
        with torch.no_grad():
            logits = net(in_unit_range(image)[..., *place][None])[0, 0]
        weight = fade(place, (40, 52), overlap=8)
        total[place] += weight / (1 + np.exp(-logits.numpy()))
        weights[place] += weight
    found = predict(net, [image], tile=32, halo=8)
    np.testing.assert_allclose(found[0], total / weights, atol=1e-5)


def test_the_mean_over_turns_and_mirror_images_is_that_computed_by_hand():
    image, net = volume(2, 6, 9), Lopsided()
    expected = np.zeros((2, 6, 9))
    for z in range(2):
        for transposed in (False, True):
            for axes in ((), (0,), (1,), (0, 1)):
                seen = standardised(image[z]).numpy()
                seen = np.flip(seen.T if transposed else seen, axes).copy()
                logits = net(torch.from_numpy(seen)[None, None])[0, 0].detach().numpy()
                back = np.flip(1 / (1 + np.exp(-logits)), axes)
                expected[z] += (back.T if transposed else back) / 8
    np.testing.assert_allclose(predict(net, [image], turns=8), expected, atol=1e-6)
    assert np.abs(predict(net, [image], turns=1) - expected).max() > 0.1


def test_turned_slices_are_tiled_too():
    image, net = volume(1, 75, 101), unet()
    whole = predict(net, [image], turns=8)
    np.testing.assert_allclose(predict(net, [image], turns=8, tile=32, halo=24), whole, atol=1e-5)


def test_blocks_of_a_3d_network_are_turned_in_their_plane():
    image, net = volume(5, 16, 33), unet3d()
    turned = predict(net, [np.rot90(image, axes=(1, 2))], turns=8)
    np.testing.assert_allclose(predict(net, [image], turns=8), np.rot90(turned, -1, axes=(1, 2)), atol=1e-5)


def test_several_outputs_are_the_last_axis():
    image, net = volume(2, 20, 24), unet(out_channels=3)
    found = predict(net, [image])
    with torch.no_grad():
        expected = torch.sigmoid(net(standardised(image[1])[None, None]))[0]
    assert found.shape == (2, 20, 24, 3)
    np.testing.assert_allclose(found[1], expected.permute(1, 2, 0), atol=1e-5)
    np.testing.assert_allclose(predict(net, [image], tile=16, halo=22), found, atol=1e-4)
    assert predict(unet3d(out_channels=2), [volume(5, 16, 16)]).shape == (5, 16, 16, 2)


def test_turning_directions_is_refused():
    with pytest.raises(SynthemError, match="CONFIG_VALUE inference.turns: 8 with a network of 3 affinities"):
        segmenter(Lopsided(out_channels=3), turns=8)


def test_bf16_is_near():
    image, net = volume(1, 40, 40), unet()
    difference = np.abs(predict(net, [image], precision="bf16") - predict(net, [image]))
    assert 0 < difference.max() < 0.05


def test_probabilities_are_those_of_the_network():
    image = volume(1, 16, 16)
    expected = torch.sigmoid(unet()(standardised(image)[None]))[0, 0]
    found = predict(unet(), [image])
    np.testing.assert_allclose(found[0], expected.detach(), atol=1e-5)
    assert found.dtype == np.float32


@pytest.mark.parametrize("net", [unet(), unet3d()])
def test_norms_vanish_in_the_convolutions_before_them(net):
    seen = torch.randn(1, 1, 16, 32) if isinstance(net.multiple, int) else torch.randn(1, 1, 8, 16, 32)
    with torch.no_grad():
        torch.testing.assert_close(folded(net)(seen), net(seen), atol=1e-4, rtol=1e-4)
    assert not [module for module in folded(net).modules() if isinstance(module, _BatchNorm)]
    assert [module for module in net.modules() if isinstance(module, _BatchNorm)]  # a copy was folded


def test_a_norm_without_a_convolution_before_it_stays():
    net = nn.Sequential(nn.BatchNorm2d(1), nn.Conv2d(1, 1, 1)).eval()
    assert isinstance(folded(net)[0], nn.BatchNorm2d)


def test_known_masks_follow_the_image():
    image, mask = volume(2, 16, 16), volume(2, 16, 16) // 128
    with_mask = predict(unet(2), [image, mask])
    without = predict(unet(2), [image, 0 * mask])
    assert np.abs(with_mask - without).max() > 0.01


def test_a_slice_does_not_depend_on_the_others():
    image = volume(3, 20, 20)
    assert (predict(unet(), [image])[2:] == predict(unet(), [image[2:]])).all()


@pytest.mark.parametrize("shape", [(1, 64, 64), (2, 101, 99), (1, 7, 5), (1, 1, 512)])
@pytest.mark.parametrize("colours", [1, 3])
def test_probabilities_have_the_shape_of_the_slices(shape, colours):
    image, mask = volume(*shape, 3) if colours == 3 else volume(*shape), volume(*shape) // 128
    found = predict(unet(colours + 1), [image, mask], tile=40, halo=8)
    assert found.shape == shape and np.isfinite(found).all()


def test_colours_are_seen_by_the_network_each_standardised():
    image = volume(1, 16, 16, 3)
    seen = (image - image.mean(axis=(0, 1, 2))) / image.std(axis=(0, 1, 2))
    seen = torch.from_numpy(seen[0].transpose(2, 0, 1).astype(np.float32))[None]
    expected = torch.sigmoid(unet(3)(seen))[0, 0].detach()
    np.testing.assert_allclose(predict(unet(3), [image])[0], expected, atol=1e-5)


def test_the_network_that_was_given_is_left_as_it_is():
    net = unet()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    segmenter(net)
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_slices_that_a_3_d_network_sees_together_and_do_not_fit_are_told_with_what_to_lower(monkeypatch):
    def no_room(*_):
        raise MemoryError

    monkeypatch.setattr("synthem.inference.segmenting.network_input", no_room)
    with pytest.raises(
        SynthemError, match="MEMORY inference: slices that are seen together, 5 x 20 x 30, need"
    ) as told:
        segmenter(unet3d()).probabilities([volume(5, 20, 30)])
    assert "about 66.0 kB however small" in str(told.value)  # 22 bytes of each of 3000 voxels
    assert "inference.tile_slices (" in told.value.fix and "inference.halo_slices (" in told.value.fix
