import pytest
import torch

from synthem.errors import SynthemError
from synthem.gans.semantics import semantics_of
from synthem.networks.inception import Inception, read_inception


@pytest.fixture(scope="module")
def published():
    torch.manual_seed(0)
    return Inception(3).eval()


@pytest.fixture(scope="module")
def file(published, tmp_path_factory):
    """As torchvision's file: with the auxiliary classifier beside the rest."""
    path = tmp_path_factory.mktemp("weights") / "inception_v3.pth"
    torch.save(published.state_dict() | {"AuxLogits.fc.weight": torch.zeros(1000, 768)}, path)
    return path


def test_it_has_the_published_weights_and_sizes(published):
    # torchvision counts 27,161,264 with the auxiliary classifier, which has 3,326,696 of them.
    assert sum(weight.numel() for weight in published.parameters()) == 27_161_264 - 3_326_696
    sizes, hooks = {}, []
    for name in ("Mixed_5d", "Mixed_6e", "Mixed_7c"):

        def note(layer, seen, made, name=name):
            sizes[name] = made.shape[1:]

        hooks.append(getattr(published, name).register_forward_hook(note))
    assert published(torch.zeros(1, 3, 299, 299)).shape == (1, 1000)
    assert sizes == {"Mixed_5d": (288, 35, 35), "Mixed_6e": (768, 17, 17), "Mixed_7c": (2048, 8, 8)}
    for hook in hooks:
        hook.remove()


def test_layers_have_the_names_of_torchvisions_files(published):
    names = set(published.state_dict())
    assert {
        "Conv2d_1a_3x3.bn.running_var",
        "Mixed_5b.branch_pool.conv.weight",
        "Mixed_6a.branch3x3dbl_3.conv.weight",
        "Mixed_6b.branch7x7dbl_5.bn.weight",
        "Mixed_7a.branch7x7x3_4.conv.weight",
        "Mixed_7c.branch3x3dbl_3b.conv.weight",
        "fc.bias",
    } < names


def test_a_grey_image_is_seen_as_one_colour_and_a_small_one_as_a_larger(published, file):
    image = torch.rand(2, 1, 80, 80) * 2 - 1
    told = semantics_of(file, colours=1)
    assert told.length == 1000 and "1000 logits of the Inception network" in str(told)
    one_colour = torch.cat([image, torch.zeros(2, 2, 80, 80)], dim=1)
    torch.testing.assert_close(told(image), published(one_colour), rtol=1e-3, atol=1e-5)
    assert told(image[..., :20, :20]).shape == (2, 1000)
    assert not any(weight.requires_grad for weight in told.net.parameters())


def test_other_files_are_not_taken_for_one_and_other_shapes_are_refused(published, tmp_path):
    (tmp_path / "text").write_text("weights")
    assert read_inception(tmp_path / "text", 1) is None
    torch.save({"weights": 1}, tmp_path / "other.pt")
    assert read_inception(tmp_path / "other.pt", 1) is None
    torch.save(published.state_dict() | {"fc.bias": torch.zeros(10)}, tmp_path / "ten.pth")
    with pytest.raises(SynthemError, match="NETWORK_FILE .*ten.pth: an Inception v3 of another shape"):
        read_inception(tmp_path / "ten.pth", 3)
