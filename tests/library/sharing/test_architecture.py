import importlib
import json
import subprocess
import sys

import pytest
import torch

from synthem.sharing.architecture import source_of
from tests.shared.segmenters import boundless, unet, unet3d

PROGRAM = """
import json, sys, torch
import network
assert not [name for name in sys.modules if name.startswith("synthem")]
saved = torch.load("saved.pt", weights_only=True)
net = getattr(network, sys.argv[1])(**json.loads(sys.argv[2])).eval()
net.load_state_dict(saved["weights"])
torch.set_num_threads(1)
assert torch.equal(net(saved["image"]), saved["answer"])
"""


@pytest.mark.parametrize("make", [unet, unet3d, lambda: unet3d(max_pool=False), boundless])
def test_one_file_builds_the_network_where_the_project_is_not(tmp_path, make):
    net = make()
    torch.set_num_threads(1)
    image = torch.randn(
        1, 1, *(8, 20, 24)[-len(net.multiple if isinstance(net.multiple, tuple) else (1, 1)) :]
    )
    (tmp_path / "network.py").write_text(source_of(type(net)))
    saved = {"weights": dict(net.state_dict()), "image": image, "answer": net.eval()(image).detach()}
    torch.save(saved, tmp_path / "saved.pt")
    arguments = json.dumps(net.built_as["arguments"])
    command = [sys.executable, "-c", PROGRAM, type(net).__name__, arguments]
    subprocess.run(command, cwd=tmp_path, check=True)


def test_only_what_is_used_is_taken():
    source = source_of(type(unet()))
    assert "class BatchNorm(" in source and "SpectralNorm" not in source and "import synthem" not in source
    assert source.index("class AnySize") < source.index("class UNet")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project `lab` of two modules: layers, and a network that is made of them."""

    def write(layers, network):
        (tmp_path / "lab").mkdir()
        for name, text in {"__init__": "", "layers": layers, "network": network}.items():
            (tmp_path / f"lab/{name}.py").write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        for name in ("lab", "lab.layers", "lab.network"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        return importlib.import_module("lab.network").Network

    return write


def test_second_names_and_annotated_values_come_along(project):
    layers = "from typing import Final\nWIDTH: Final = 3\nclass Block:\n    width = WIDTH\n"
    network = "from lab.layers import Block as Piece\nclass Network:\n    piece = Piece()\n"
    source = source_of(project(layers, network))
    assert "lab" not in source
    names = {}
    exec(source, names)
    assert names["Network"].piece.width == 3


USES = "class Network:\n    used = lambda: (A, B)\n"


@pytest.mark.parametrize(
    ("layers", "network", "words"),
    {
        "two imports": (
            "import math as A\nB = A.pi\n",
            "import cmath as A\nfrom lab.layers import B\n",
            "A would have two meanings in one file: import (c?)math as A and import (c?)math as A",
        ),
        "two definitions": ("A = 1\nB = A\n", "A = 2\nfrom lab.layers import B\n", "A would have two"),
        "one of each": (
            "import math as A\nB = A.pi\n",
            "A = 2\nfrom lab.layers import B\n",
            "A would have two",
        ),
        "a second name": ("C = 1\nA = 2\nB = A\n", "from lab.layers import B, C as A\n", "A would have two"),
        "a module": ("", "import lab.layers as A\nB = 1\n", "imports the module lab.layers whole"),
        "a module from its room": (
            "",
            "from lab import layers as A\nB = 1\n",
            "lab has no statement that gives",
        ),
    }.values(),
)
def test_what_one_file_cannot_say_is_refused(project, layers, network, words):
    with pytest.raises(ValueError, match=words):
        source_of(project(layers, network + USES))
