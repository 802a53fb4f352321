"""A network that was shared, built again from its file alone."""

import pytest
import torch

from synthem.errors import SynthemError
from synthem.networks.registry import SEGMENTERS
from synthem.sharing.exporting import write_package, write_safetensors
from synthem.sharing.loading import load_shared
from tests.shared.segmenters import unet, unet3d
from tests.shared.shared_networks import shared


@pytest.mark.parametrize(
    ("write", "end"), [(write_safetensors, "a.safetensors"), (write_package, "a.bioimageio.zip")]
)
@pytest.mark.parametrize("net", [unet(), unet3d()], ids=["2-D", "3-D"])
def test_it_answers_as_the_one_that_was_shared(tmp_path, net, write, end):
    again = load_shared(shared(write, tmp_path, net, end=end), SEGMENTERS)
    assert again.built_as == net.built_as and not again.training
    image = torch.randn(1, 1, *(16,) * (2 if net.built_as["name"] == "unet" else 3))
    with torch.inference_mode():
        assert torch.equal(again(image), net.eval()(image))


def test_weights_that_lack_a_piece_or_are_infinite_are_errors(tmp_path):
    path = shared(write_safetensors, tmp_path, unet(), end="a.safetensors")
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(SynthemError, match="not such a network: .* lacks 4 of its "):
        load_shared(path, SEGMENTERS)
    broken = unet()
    with torch.no_grad():
        next(broken.parameters()).fill_(float("inf"))
    path = shared(write_safetensors, tmp_path, broken, end="b.safetensors")
    with pytest.raises(SynthemError, match="infinite or not a number"):
        load_shared(path, SEGMENTERS)
