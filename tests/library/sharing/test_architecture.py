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
