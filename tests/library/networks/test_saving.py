import io
import re
import subprocess
import sys

import h5py
import numpy as np
import pytest
import torch

from synthem.errors import SynthemError
from synthem.networks.boundless import BoundlessDiscriminator
from synthem.networks.layers import AnySize
from synthem.networks.registry import DISCRIMINATORS, GENERATORS, SEGMENTERS
from synthem.networks.saving import (
    build_network,
    build_segmenter,
    check_finite,
    class_of_kind,
    load_network,
    network_bytes,
    save_network,
)
from synthem.networks.stylegan import StyleGenerator
from tests.shared.project import LIBRARY, PROJECT
from tests.shared.segmenters import predict, unet


def small_unet(seed):
    return build_network(SEGMENTERS, "unet", seed=seed, in_channels=1, out_channels=1, base_width=2, depth=2)


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
    with pytest.raises(SynthemError, match="unknown kind 'unet'"):
        load_network(tmp_path / "network.pt", DISCRIMINATORS)


def test_the_file_of_a_network_holds_what_the_documentation_says(tmp_path):
    net = small_unet(seed=0)
    save_network(tmp_path / "network.pt", net)
    saved = torch.load(tmp_path / "network.pt", weights_only=True)
    arguments = {"in_channels": 1, "out_channels": 1, "base_width": 2, "depth": 2}
    assert saved.keys() == {"name", "arguments", "weights"}
    assert (saved["name"], saved["arguments"]) == ("unet", arguments)
    assert saved["weights"].keys() == net.state_dict().keys()
    page = (PROJECT / "docs/output.md").read_text()
    assert "three things: `name` (the kind of the config), `arguments` of its class" in page


def test_the_documented_lines_open_a_network_and_see_what_the_workflow_sees(tmp_path, monkeypatch):
    folder = tmp_path / "results/unets/hippocampus/real/budget-all/replicate-1/seed-1"
    folder.mkdir(parents=True)
    (tmp_path / "results/volumes/hippocampus").mkdir(parents=True)
    (tmp_path / "workflow_scripts").symlink_to(LIBRARY)
    net = unet()
    save_network(folder / "network.pt", net)
    image = np.random.default_rng(0).integers(0, 256, (2, 32, 48), dtype=np.uint8)
    with h5py.File(tmp_path / "results/volumes/hippocampus/volume.h5", "w") as file:
        file["image"] = image
    page = (PROJECT / "docs/output.md").read_text()
    (lines,) = [one for one in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "load_network" in one]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    exec(lines, found := {})
    np.testing.assert_allclose(found["probability"].numpy(), predict(net, [image])[0], atol=1e-5)


def test_arguments_of_another_network_are_refused():
    with pytest.raises(TypeError, match="unexpected keyword argument 'dropout'"):
        build_network(
            SEGMENTERS, "unet", seed=0, in_channels=1, out_channels=1, base_width=4, depth=2, dropout=0.5
        )


def test_a_network_is_imported_when_it_is_built_and_not_before():
    program = f"""
import sys; sys.path.insert(0, {str(LIBRARY)!r})
from synthem.networks.registry import DISCRIMINATORS, GENERATORS, SEGMENTERS
from synthem.networks.saving import build_network
def imported():
    return {{name.split(".")[-1] for name in sys.modules if name.startswith("synthem.networks.")}}
assert imported() == {{"registry", "saving"}}, imported()
build_network(SEGMENTERS, "unet", seed=0, in_channels=1, out_channels=1, base_width=1, depth=1)
assert imported() == {{"registry", "saving", "unet", "layers"}}, imported()
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("kinds", [SEGMENTERS, GENERATORS, DISCRIMINATORS], ids=["s", "g", "d"])
def test_every_name_in_the_registry_is_that_of_a_network(kinds):
    for kind, name in kinds.items():
        found = class_of_kind(kinds, kind)
        assert issubclass(found, torch.nn.Module) and f"{found.__module__}.{found.__name__}" == name


@pytest.mark.parametrize(
    ("family", "name", "arguments"),
    [
        (SEGMENTERS, "unet3d", {"in_channels": 1, "out_channels": 1, "isotropic": False, "max_pool": True}),
        (SEGMENTERS, "boundless", {"in_channels": 1, "out_channels": 1}),
        (GENERATORS, "spade", {"in_channels": 2, "out_channels": 1, "depth": 2, "noise_channels": 1}),
        ({"stylegan": StyleGenerator}, "stylegan", {"out_channels": 1, "size": 8}),
        (DISCRIMINATORS, "oasis", {"in_channels": 1, "classes": 2, "depth": 2}),
        ({"boundless": BoundlessDiscriminator}, "boundless", {"in_channels": 1}),
    ],
)
def test_every_kind_of_network_survives_its_file(tmp_path, family, name, arguments):
    net = build_network(family, name, seed=0, base_width=2, **arguments)
    save_network(tmp_path / "network.pt", net)
    loaded = load_network(tmp_path / "network.pt", family)
    assert loaded.built_as == net.built_as
    assert network_bytes(loaded) == network_bytes(net)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ("a", "a holds values that are infinite or not a number"),
        ("ab", "a and 1 other hold values that are infinite or not a number"),
        ("bcd", "b and 2 others hold values that are infinite or not a number"),
    ],
)
def test_weights_that_are_no_numbers_are_named_and_counted(broken, words):
    weights = {name: torch.tensor([float("nan") if name in broken else 1.0]) for name in "abcd"}
    with pytest.raises(ValueError, match=f"^{words}$"):
        check_finite(weights)


class Plain(torch.nn.Module):
    """What somebody writes who has not read docs/contributing.md."""

    def __init__(self, in_channels, out_channels, width):
        super().__init__()
        self.layer = torch.nn.Conv2d(in_channels, out_channels, width)


class WithoutGrid(AnySize):
    def __init__(self, in_channels, out_channels, width):
        super().__init__()


@pytest.mark.parametrize(
    ("network", "options", "found"),
    [
        (Plain, {"width": 3}, "it has no `multiple`, `greys`, `pads`, `on_grid` (expected a subclass of"),
        (WithoutGrid, {"width": 3}, "it has no `multiple`, `on_grid` (expected a subclass of"),
        (Plain, {"depth": 3}, "its constructor: missing a required argument: 'width' (expected"),
        (Plain, {"width": 3, "depth": 3}, "its constructor: got an unexpected keyword argument 'depth'"),
    ],
)
def test_a_class_that_is_no_segmenter_is_told_what_it_lacks(network, options, found):
    name = f"{network.__module__}.{network.__name__}"
    with pytest.raises(SynthemError) as told:
        build_segmenter({"own": name}, "own", seed=0, in_channels=1, out_channels=1, **options)
    assert str(told.value).startswith(f"ERROR NETWORK_CLASS {name}: {found}")
    assert told.value.fix == "write it like the example in docs/contributing.md"


def test_a_segmenter_is_the_same_by_both_ways():
    arguments = {"seed": 3, "in_channels": 1, "out_channels": 1, "base_width": 4, "depth": 2}
    one, other = (build(SEGMENTERS, "unet", **arguments) for build in (build_network, build_segmenter))
    assert network_bytes(one) == network_bytes(other)
