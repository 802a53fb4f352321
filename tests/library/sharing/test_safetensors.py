import json

import pytest
import torch

from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import build_network
from synthem.sharing.exporting import write_safetensors
from synthem.sharing.safetensors import from_safetensors, to_safetensors
from tests.shared.segmenters import unet, unet3d
from tests.shared.shared_networks import shared

WEIGHTS = {
    "count": torch.tensor(7),
    "b.weight": torch.arange(6, dtype=torch.float32).reshape(2, 3),
    "a.half": torch.tensor([1.5, -2.0], dtype=torch.bfloat16),
    "mask": torch.tensor([True, False, True]),
    "empty": torch.zeros(0, 4),
}


def same(one, other):
    return one.keys() == other.keys() and all(
        one[name].dtype == other[name].dtype and torch.equal(one[name], other[name]) for name in one
    )


def test_a_file_is_the_header_and_the_numbers():
    """Written by hand, by the description of the format."""
    header = b'{"__metadata__":{"k":"v"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
    header += b" " * (-len(header) % 8)
    numbers = bytes.fromhex("0000803f000000c0")  # 1, -2
    data = len(header).to_bytes(8, "little") + header + numbers
    weights, metadata = from_safetensors(data)
    assert same(weights, {"w": torch.tensor([1.0, -2.0])}) and metadata == {"k": "v"}
    assert to_safetensors({"w": torch.tensor([1.0, -2.0])}, {"k": "v"}) == data


def test_what_is_written_is_read():
    data = to_safetensors(WEIGHTS, {"a": "b"})
    weights, metadata = from_safetensors(data)
    assert same(weights, WEIGHTS) and metadata == {"a": "b"}
    assert to_safetensors(dict(reversed(WEIGHTS.items())), {"a": "b"}) == data


def test_the_formats_own_library_reads_what_is_written_and_the_other_way_round():
    library = pytest.importorskip("safetensors.torch", reason="safetensors, the library, is not installed")
    assert same(library.load(to_safetensors(WEIGHTS, {})), WEIGHTS)
    weights, metadata = from_safetensors(library.save(WEIGHTS, {"a": "b"}))
    assert same(weights, WEIGHTS) and metadata == {"a": "b"}


@pytest.mark.parametrize("net", [unet(), unet3d()], ids=["2-D", "3-D"])
def test_a_shared_network_comes_back_with_equal_outputs_and_says_what_it_is(tmp_path, net):
    path = shared(write_safetensors, tmp_path, net)
    weights, metadata = from_safetensors(path.read_bytes())
    card = json.loads(metadata["synthem"])
    again = build_network(SEGMENTERS, card["kind"], seed=1, **card["arguments"]).eval()
    again.load_state_dict(weights)
    image = torch.randn(1, 1, *(16,) * (2 if card["kind"] == "unet" else 3))
    assert torch.equal(net(image), again(image))
    assert card["segments"] == "mitochondria" and card["voxel_size_nm"] == [50, 5, 4]
    assert card["mask_threshold"] == 0.45 and card["licence"] == "CC-BY-4.0"
    assert card["made_from"]["settings_hash"] == "5e7" and card["made_from"]["code"] == "c0de"
    assert b"/home/ada" not in path.read_bytes()


def cut(data, change):
    """The file with another header."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    change(header)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data[8 + length :]


GOOD = to_safetensors({"w": torch.zeros(2, 3)}, {})
BAD = {
    "no safetensors: a header of 0 bytes in a file of 0": b"",
    "a header of 7381153994278992226 bytes in a file of 15": b"bytes of a text",
    "a header of 99000000 bytes in a file of 208": (99_000_000).to_bytes(8, "little") + b"[" * 200,
    "the header is not JSON": (4).to_bytes(8, "little") + b"{{{{",
    "the header names no tensors": (2).to_bytes(8, "little") + b"[]",
    "w lacks 5 of its 24 bytes": GOOD[:-5],
    "3 bytes follow the last tensor": GOOD + b"abc",
    r"w of F32 \[2, 4\] lies in bytes 0 to 24, after byte 0": cut(
        GOOD, lambda h: h["w"].update(shape=[2, 4])
    ),
    "w of F32 .* lies in bytes 4 to 28, after": cut(GOOD, lambda h: h["w"].update(data_offsets=[4, 28])),
    "w is of type F8_E4M3, not one of F64": cut(GOOD, lambda h: h["w"].update(dtype="F8_E4M3")),
}


@pytest.mark.parametrize(("words", "data"), BAD.items(), ids=range(len(BAD)))
def test_a_broken_file_is_refused_with_numbers(words, data):
    with pytest.raises(ValueError, match=words):
        from_safetensors(data)
