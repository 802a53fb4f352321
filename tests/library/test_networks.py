import io

import pytest
import torch
from torch import nn

from synthem.errors import SynthemError
from synthem.networks.discriminators import DISCRIMINATORS, MultiScale, Patch70
from synthem.networks.pix2pix import Pix2PixGenerator
from synthem.networks.saving import build_network, load_network, network_bytes, save_network
from synthem.networks.unet import SEGMENTERS, UNet


def count(net):
    return sum(parameter.numel() for parameter in net.parameters() if parameter.requires_grad)


@pytest.mark.parametrize(
    ("family", "arguments", "published"),
    [
        (UNet, (1, 1, 64, 4), 31_036_481),  # paper 2
        (UNet, (2, 1, 64, 4), 31_037_057),  # paper 1: image and mitochondria
        (Pix2PixGenerator, (2, 1, 64, 8, 0.5), 54_404_481),  # paper 1
        (Patch70, (3, 64), 2_764_737),  # paper 1
    ],
)
def test_parameters_are_as_many_as_published(family, arguments, published):
    with torch.device("meta"):  # counts without memory
        assert count(family(*arguments)) == published


NETWORKS = {"unet": UNet(2, 1, 2, 3), "pix2pix": Pix2PixGenerator(2, 1, 2, 5, 0.5)}


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("size", [(32, 32), (33, 50), (7, 3), (1, 1)])
@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("net", NETWORKS)
def test_any_size_goes_in_and_comes_out(net, batch, size, training):
    net = NETWORKS[net].train(training)
    assert net(torch.randn(batch, 2, *size)).shape == (batch, 1, *size)


def test_padding_does_not_reach_sizes_that_fit():
    net = UNet(1, 1, 2, 2).eval()
    image = torch.randn(1, 1, 10, 12)
    mirrored = torch.cat([image, image[..., [8, 7], :]], dim=2)  # 10 rows -> 12, mirrored at the last row
    torch.testing.assert_close(net(image), net(mirrored)[..., :10, :])


def test_a_generator_stays_in_its_range():
    drawn = Pix2PixGenerator(1, 1, 4, 3, 0.5)(100 * torch.randn(2, 1, 16, 16))
    assert drawn.abs().max() <= 1


def test_dropout_acts_in_the_three_innermost_levels_only():
    rates = [m.p for m in Pix2PixGenerator(1, 1, 1, 6, 0.5).modules() if isinstance(m, nn.Dropout)]
    assert rates == [0.5, 0.5, 0.5, 0, 0]  # innermost first; the sixth level is the head


def test_a_patch_logit_sees_70_pixels():
    # Its receptive field from the layers: 1 <- 4 <- 7 <- 16 <- 34 <- 70 (kernel 4; strides 1, 1, 2, 2, 2).
    # Without norms, which see the whole image.
    net = Patch70(1, 1)
    layers = nn.Sequential(*(layer for layer in net.layers if not isinstance(layer, nn.InstanceNorm2d)))
    for parameter in layers.parameters():
        nn.init.ones_(parameter)
    image = torch.ones(1, 1, 128, 128, requires_grad=True)
    logits = layers(image)
    logits[0, 0, logits.shape[2] // 2, logits.shape[3] // 2].backward()
    seen = (image.grad[0, 0] != 0).nonzero()
    assert (seen.max(0).values - seen.min(0).values + 1).tolist() == [70, 70]


def test_the_discriminator_of_a_256_image_gives_30_x_30_logits():
    assert Patch70(3, 2)(torch.randn(1, 3, 256, 256)).shape == (1, 1, 30, 30)


@pytest.mark.parametrize("size", [16, 64, 128])
def test_three_scales_judge_any_image(size):
    net = MultiScale(lambda scale: Patch70(2, 2), 3)
    assert [logits.shape[:2] for logits in net(torch.randn(2, 2, size, size))] == [(2, 1)] * 3


def test_scales_see_the_image_its_half_and_its_quarter():
    class Size(nn.Module):
        def forward(self, x):
            return x.shape[-1], x.mean().item()

    image = torch.ones(1, 1, 32, 32)
    assert MultiScale(lambda scale: Size(), 3)(image) == [(32, 1), (16, 1), (8, 1)]


def small_unet(seed):
    return build_network(
        SEGMENTERS, name="unet", seed=seed, in_channels=1, out_channels=1, base_width=2, depth=2
    )


def test_weights_depend_on_the_seed_alone():
    before = torch.get_rng_state()
    first = network_bytes(small_unet(3))
    torch.randn(10)
    assert network_bytes(small_unet(3)) == first != network_bytes(small_unet(4))
    torch.set_rng_state(before)
    small_unet(5)
    assert torch.equal(torch.get_rng_state(), before)  # nobody else's numbers change either


def test_a_saved_network_comes_back_with_the_same_bytes(tmp_path):
    net = small_unet(0).train()
    net(torch.randn(2, 1, 8, 8))  # moves the running statistics
    save_network(tmp_path / "network.pt", net)
    save_network(tmp_path / "other-name.pt", net.to(memory_format=torch.channels_last))
    loaded = load_network(tmp_path / "network.pt", SEGMENTERS)
    save_network(tmp_path / "again.pt", loaded)
    first, other, again = [(tmp_path / f"{n}.pt").read_bytes() for n in ("network", "other-name", "again")]
    assert first == other == again
    image = torch.randn(1, 1, 8, 8)
    torch.testing.assert_close(loaded(image), net.eval()(image))


def damaged(content):
    content = bytearray(content)
    content[len(content) // 2] ^= 1  # one flipped bit in the weights
    return bytes(content)


def foreign(_):
    buffer = io.BytesIO()
    torch.save({"weights": 1}, buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("harm", [damaged, foreign, lambda content: content[:1000], lambda content: b""])
def test_a_file_that_is_no_such_network_is_refused(tmp_path, harm):
    path = tmp_path / "network.pt"
    save_network(path, small_unet(0))
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises(SynthemError, match="ERROR NETWORK_FILE"):
        load_network(path, SEGMENTERS)


def test_a_network_of_another_family_is_refused(tmp_path):
    save_network(tmp_path / "network.pt", small_unet(0))
    with pytest.raises(SynthemError, match="unknown network 'unet'"):
        load_network(tmp_path / "network.pt", DISCRIMINATORS)
