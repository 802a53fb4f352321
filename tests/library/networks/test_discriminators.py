import pytest
import torch
from torch import nn

from synthem.networks.boundless import BoundlessDiscriminator
from synthem.networks.multi_scale import MultiScale
from synthem.networks.oasis import OasisDiscriminator
from synthem.networks.patch70 import Patch70
from synthem.networks.skip_patch import SkipPatch
from synthem.networks.spade import SpadeGenerator
from synthem.networks.tutorial import TutorialPatch70

torch.set_num_threads(1)  # small networks wait for each other otherwise


def without_norms(net):
    """Norms see the whole image; all weights 1, so that nothing cancels out."""
    for module in list(net.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.InstanceNorm2d | nn.BatchNorm2d):
                setattr(module, name, nn.Identity())
    for parameter in net.parameters():
        nn.init.ones_(parameter)
    return net


@pytest.mark.parametrize(
    ("family", "sides"), [(Patch70, [70]), (TutorialPatch70, [70]), (SkipPatch, [16, 20, 32, 70])]
)
def test_a_patch_logit_sees_as_many_pixels_as_it_says(family, sides):
    # From the layers of Patch70: 1 <- 4 <- 7 <- 16 <- 34 <- 70 (kernel 4; strides 1, 1, 2, 2, 2).
    net = without_norms(family(1, 1))
    found = []
    for number in range(len(sides)):
        image = torch.ones(1, 1, 160, 160, requires_grad=True)
        judged = net(image)
        logits = (judged if isinstance(judged, list) else [judged])[number]
        logits[0, 0, logits.shape[2] // 2, logits.shape[3] // 2].backward()
        seen = (image.grad[0, 0] != 0).nonzero()
        found.append((seen.max(0).values - seen.min(0).values + 1).tolist())
    assert found == [[side, side] for side in sides]


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


def test_scales_of_a_network_with_several_answers_are_one_list():
    net = MultiScale(lambda scale: SkipPatch(2, 2), 2)
    assert [logits.shape[:2] for logits in net(torch.randn(2, 2, 64, 64))] == [(2, 1)] * 8


def test_no_semantics_are_zeros_and_their_length_does_not_count():
    torch.manual_seed(0)
    net, x, semantics = BoundlessDiscriminator(2, 4).eval(), torch.randn(2, 2, 65, 65), torch.randn(2, 1000)
    torch.testing.assert_close(net(x), net(x, torch.zeros(2, 1000)))
    torch.testing.assert_close(net(x, semantics), net(x, 7 * semantics))
    assert not torch.allclose(net(x), net(x, semantics))
    # The score is linear in the kind of image: it turns round with it.
    torch.testing.assert_close(net(x, semantics) + net(x, -semantics), 2 * net(x))


@pytest.mark.parametrize(
    "build",
    [
        lambda: BoundlessDiscriminator(1, 4).layers[2],
        lambda: OasisDiscriminator(1, 4, classes=2, depth=3).down[1].first,
        lambda: SpadeGenerator(1, 1, 4, depth=2).blocks[0].conv1,
    ],
)
def test_spectral_norm_makes_the_largest_stretch_1(build):
    torch.manual_seed(0)
    layer = build().train()
    for _ in range(50):  # each training step brings it closer
        layer(torch.randn(1, layer.in_channels, 8, 8))
    largest = torch.linalg.matrix_norm(layer.eval().weight.flatten(1), 2)
    assert largest.item() == pytest.approx(1, abs=0.01)


def test_conditions_are_read_without_spectral_norm():
    norm = SpadeGenerator(1, 1, 4, depth=2).blocks[0].norm1
    assert not hasattr(norm.scale, "parametrizations")


def test_oasis_learns_to_tell_classes_and_fakes_apart():
    torch.manual_seed(0)
    net = OasisDiscriminator(1, 4, classes=2, depth=3)
    image = torch.randn(1, 1, 2, 2).repeat_interleave(8, 2).repeat_interleave(8, 3)  # four squares
    truth = 1 + (image[:, 0] > 0).long()  # classes 1 and 2; 0 is `fake`
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    losses = []
    for _ in range(30):
        loss = nn.functional.cross_entropy(net(image), truth)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2
    assert all(weight.grad is not None for weight in net.parameters())
