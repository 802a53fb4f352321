"""What the file of a shared network says of itself."""

import json
import struct
import zipfile

import pytest

from synthem.errors import SynthemError
from synthem.sharing.exporting import write_package, write_safetensors
from synthem.sharing.headers import card_in
from tests.shared.segmenters import unet
from tests.shared.shared_networks import INFERENCE, RUN, THRESHOLD, WATERSHED, shared


@pytest.mark.parametrize(
    ("write", "end"), [(write_safetensors, "a.safetensors"), (write_package, "a.bioimageio.zip")]
)
def test_both_files_have_the_card_that_was_shared(tmp_path, write, end):
    card = card_in(shared(write, tmp_path, unet(), end=end))
    assert (card["kind"], card["run"], card["segments"]) == ("unet", RUN, "mitochondria")
    assert card["instances"] == {key: THRESHOLD[key] for key in ("method", "settings")}
    assert (card["inference"], card["watershed"]) == (INFERENCE, WATERSHED)
    assert card["voxel_size_nm"] == [50, 5, 4] and card["image"] == {"type": "uint8", "channels": 1}


def safetensors(header):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.safetensors", safetensors({"w": {}}), "no 'synthem'"),
        ("a.safetensors", safetensors({"__metadata__": {"synthem": "[1]"}}), "it is no mapping"),
        ("a.safetensors", safetensors({"__metadata__": {"synthem": "{"}}), "Expecting property name"),
        ("a.safetensors", safetensors([]), "no safetensors: the header names no tensors"),
        ("a.safetensors", b"short", "no safetensors: a header of "),
        ("a.safetensors", safetensors({})[:-1], "no safetensors: a header of 2 bytes in a file of 9"),
        ("a.zip", b"PK", "File is not a zip file"),
        ("network.pt", b"", "its name ends in neither"),
    ],
)
def test_what_says_nothing_of_itself_is_one_error(tmp_path, name, data, why):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(SynthemError) as caught:
        card_in(tmp_path / name)
    assert caught.value.code == "NETWORK_FILE" and why in caught.value.found


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("type: model", "no 'synthem'"),
        ("{type: model, config: {ilastik: 1}}", "no 'synthem'"),
        ("type: dataset", "rdf.yaml describes no model"),
        ("a: [", "rdf.yaml is no YAML"),
        (None, "no rdf.yaml or bioimageio.yaml among its 1 files"),
    ],
)
def test_a_package_of_others_has_no_card(tmp_path, text, why):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as package:
        package.writestr("rdf.yaml" if text else "other", text or "")
    with pytest.raises(SynthemError) as caught:
        card_in(tmp_path / "a.zip")
    assert caught.value.code == "NETWORK_FILE" and why in caught.value.found


def test_a_package_that_is_damaged_has_none(tmp_path):
    """A bit that the disk has turned, in the compressed description."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("rdf.yaml", "type: model\n" * 50)
    data = bytearray((tmp_path / "a.zip").read_bytes())
    data[len("rdf.yaml") + 30] ^= 0xFF  # the first byte behind the header
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(SynthemError) as caught:
        card_in(tmp_path / "a.zip")
    assert caught.value.code == "NETWORK_FILE"


def test_a_file_that_cannot_be_read_is_said_to_be_so(tmp_path):
    with pytest.raises(SynthemError) as caught:
        card_in(tmp_path / "absent.safetensors")
    assert caught.value.code == "FILE_READ"
