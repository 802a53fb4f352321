"""Networks of others to start from: a package by hand, and all that may be wrong with one."""

import hashlib
import io
import pickle
import re
import zipfile

import pytest
import torch
import yaml

from synthem.errors import SynthemError
from synthem.sharing import packages
from synthem.sharing.exporting import write_package, write_safetensors
from synthem.sharing.safetensors import to_safetensors
from synthem.sharing.weights import weights_of
from synthem.training.transfer import take_weights
from tests.shared.segmenters import unet
from tests.shared.shared_networks import shared


def saved(content):
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def package(path, weights, *, source="weights.pt", rdf="rdf.yaml", **entry):
    """A zip as bioimage.io has them, with no more than what is read of it."""
    entry = {"source": source} | entry
    about = {"type": "model", "weights": {"pytorch_state_dict": entry}}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr(rdf, yaml.safe_dump(about))
        files.writestr("weights.pt", weights)
    return path


def weights_equal(net, weights):
    own = net.state_dict()
    return own.keys() == weights.keys() and all(torch.equal(own[name], weights[name]) for name in own)


@pytest.mark.parametrize("write", [write_package, write_safetensors])
def test_a_network_starts_from_what_was_shared(tmp_path, write):
    end = "network.zip" if write is write_package else "network.safetensors"
    trained, net = unet(), unet()
    with torch.no_grad():
        for weight in net.parameters():
            weight += 1
    assert not weights_equal(net, trained.state_dict())
    take_weights(net, shared(write, tmp_path, trained, end=end), 0)
    assert weights_equal(net, trained.state_dict())


def test_the_description_may_have_its_other_name_and_the_weights_be_safetensors(tmp_path):
    net = unet()
    data = to_safetensors(net.state_dict(), {})
    path = package(tmp_path / "a.zip", b"", rdf="bioimageio.yaml", source="w.safetensors")
    with zipfile.ZipFile(path, "a") as files:
        files.writestr("w.safetensors", data)
    assert weights_equal(net, weights_of(path))


class Evil:
    """What a pickle may hold: a call of any function, made when it is read."""

    def __init__(self, place):
        self.place = place

    def __reduce__(self):
        return (open, (str(self.place), "w"))


def refused(path, *words):
    with pytest.raises(SynthemError) as error:
        take_weights(unet(), path, 0)
    assert error.value.code == "NETWORK_FILE" and error.value.where == str(path)
    for word in words:
        assert re.search(word, str(error.value)), str(error.value)


@pytest.mark.parametrize("name", ["network.pt", "network.safetensors", "network.zip"])
@pytest.mark.parametrize("pack", [pickle.dumps, saved], ids=["pickle", "pickle in torch's form"])
def test_a_pickle_is_not_run_whatever_its_name(tmp_path, name, pack):
    (tmp_path / name).write_bytes(pack({"weights": Evil(tmp_path / "run")}))
    refused(tmp_path / name, "not a saved network")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("pack", [pickle.dumps, saved], ids=["pickle", "pickle in torch's form"])
def test_a_pickle_in_a_package_is_not_run(tmp_path, pack):
    refused(package(tmp_path / "a.zip", pack({"w": Evil(tmp_path / "run")})), "not a saved network")
    assert not (tmp_path / "run").exists()


def test_a_network_of_other_sizes_is_named_tensor_by_tensor(tmp_path):
    (tmp_path / "a.safetensors").write_bytes(to_safetensors(unet(in_channels=3).state_dict(), {}))
    shape = r"stem.0.weight is \(4, 3, 3, 3\) in the file and \(4, 1, 3, 3\) in the network"
    refused(tmp_path / "a.safetensors", f": 1 of {len(unet().state_dict())} tensors differ: {shape}")


def test_a_network_of_another_kind_is_named_tensor_by_tensor(tmp_path):
    (tmp_path / "a.safetensors").write_bytes(to_safetensors({"conv.weight": torch.zeros(4, 1, 3, 3)}, {}))
    count = len(unet().state_dict()) + 1
    refused(
        tmp_path / "a.safetensors", f"{count} of {count} tensors differ: stem.0.weight is none in the file"
    )


@pytest.mark.parametrize("write", [write_package, write_safetensors])
def test_a_file_that_was_cut_off_is_refused(tmp_path, write):
    path = shared(write, tmp_path, unet(), end="n.zip" if write is write_package else "n.safetensors")
    path.write_bytes(path.read_bytes()[:-100])
    refused(path, "not a saved network: (no rdf.yaml .* among its \\d+ files|.* lacks 100 of its)")


def test_a_zip_without_a_description_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as files:
        files.writestr("weights.pt", saved({}))
    refused(tmp_path / "a.zip", "no rdf.yaml or bioimageio.yaml among its 1 files")


@pytest.mark.parametrize("end", ["SafeTensors", "ZIP"])
def test_how_a_name_is_written_says_nothing(tmp_path, end):
    write = write_package if end == "ZIP" else write_safetensors
    net = unet()
    assert weights_equal(net, weights_of(shared(write, tmp_path, net, end=f"NETWORK.{end}")))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (saved(dict(unet().state_dict())), "no network.pt of this workflow: save weights of other"),
        (saved([torch.zeros(1)]), "no network.pt of this workflow: save weights of other"),
        (b"bytes of something", "not what torch.save writes since its version 1.6"),
    ],
    ids=["state dict", "list", "no zip"],
)
def test_a_pt_of_another_program_says_what_to_do(tmp_path, data, words):
    (tmp_path / "net.pt").write_bytes(data)
    refused(tmp_path / "net.pt", f"not a saved network: {words}")


def test_a_zip_that_is_a_network_of_this_workflow_says_so(tmp_path):
    (tmp_path / "network.zip").write_bytes(saved({"weights": {}}))
    refused(tmp_path / "network.zip", "no rdf.yaml or bioimageio.yaml among its . files: .*data.pkl")


def test_weights_in_other_forms_are_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as files:
        files.writestr("rdf.yaml", "{type: model, weights: {onnx: {source: a}, torchscript: {source: b}}}")
    refused(tmp_path / "a.zip", "no weights of the kind pytorch_state_dict among: onnx, torchscript")


@pytest.mark.parametrize(
    ("text", "words"),
    [("{type: dataset}", "rdf.yaml describes no model"), ("a", "describes no model"), ("{", "not a saved")],
)
def test_a_description_of_something_else_is_refused(tmp_path, text, words):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as files:
        files.writestr("rdf.yaml", text)
    refused(tmp_path / "a.zip", words)


def test_weights_at_an_address_are_not_fetched(tmp_path):
    path = package(tmp_path / "a.zip", b"", source="https://127.0.0.1:1/weights.pt")
    refused(path, "https://127.0.0.1:1/weights.pt is not in the package")


def test_weights_that_are_not_those_of_the_description_are_refused(tmp_path):
    good = saved(dict(unet().state_dict()))
    right = hashlib.sha256(good).hexdigest()
    assert weights_equal(unet(), weights_of(package(tmp_path / "a.zip", good, sha256=right)))
    refused(package(tmp_path / "a.zip", good, sha256="0" * 64), f"sha256 {right[:12]}..., not 000000000000")


def test_what_unpacks_to_too_much_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(packages, "LARGEST_WEIGHTS", 10_000)
    refused(package(tmp_path / "a.zip", bytes(10_001)), r"weights.pt unpacks to 10001 bytes .at most 10000.")


def test_torchs_own_zip_may_not_grow_either(tmp_path):
    loose = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved({"w": torch.zeros(100_000)}))) as source:
        with zipfile.ZipFile(loose, "w", zipfile.ZIP_DEFLATED) as files:
            for name in source.namelist():
                files.writestr(name, source.read(name))
    path = package(tmp_path / "a.zip", loose.getvalue())
    refused(path, r"unpacks to 40\d\d\d\d bytes from \d+, where torch packs nothing")


def test_a_state_dict_holds_tensors_alone(tmp_path):
    refused(package(tmp_path / "a.zip", saved({"epoch": 3})), "its weights are no state dict")
