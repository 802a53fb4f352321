"""A package as others read it: by hand from its parts, by its own library where that is installed."""

import io
import json
import re
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import torch
import yaml

from synthem.errors import SynthemError
from synthem.sharing.exporting import write_package
from tests.shared.project import PROJECT
from tests.shared.segmenters import boundless, unet, unet3d
from tests.shared.shared_networks import noise, shared

CASES = {
    "grey": (unet, {}),
    "16 bits": (unet, {"dtype": "uint16"}),
    "colours": (lambda: unet(in_channels=3, out_channels=2), {"shape": (4, 40, 50, 3)}),
    "3-D": (unet3d, {}),
    "3-D, few slices": (lambda: unet3d(max_pool=False), {"shape": (5, 40, 40)}),
    "boundless": (boundless, {}),
}


@pytest.fixture(params=CASES.values(), ids=CASES)
def package(request, tmp_path):
    make, volume = request.param
    return shared(write_package, tmp_path, make(), end="network.bioimageio.zip", **volume)


def opened(path):
    """rdf.yaml, {name: bytes of the other files}."""
    with zipfile.ZipFile(path) as files:
        content = {name: files.read(name) for name in files.namelist()}
    return yaml.safe_load(content.pop("rdf.yaml")), content


def processed(image, steps):
    """What the words of the spec mean, in numpy; image [1, C, (Z), Y, X]."""
    for step in steps:
        kwargs = step.get("kwargs", {})
        if step["id"] == "zero_mean_unit_variance":
            assert kwargs["axes"] == ["y", "x"]
            mean, deviation = (of(image, axis=(-2, -1), keepdims=True) for of in (np.mean, np.std))
            image = (image - mean) / (deviation + kwargs["eps"])
        elif step["id"] == "scale_linear":
            image = image * np.float32(kwargs["gain"]) + np.float32(kwargs["offset"])
        elif step["id"] == "ensure_dtype":
            image = image.astype(kwargs["dtype"])
        elif step["id"] == "sigmoid":
            image = 1 / (1 + np.exp(-image))
    return image


def test_the_parts_of_a_package_give_the_workflows_own_probabilities(package):
    rdf, files = opened(package)
    (image,), (answer,), weights = rdf["inputs"], rdf["outputs"], rdf["weights"]["pytorch_state_dict"]
    names = {}
    exec(files[weights["architecture"]["source"]], names)
    net = names[weights["architecture"]["callable"]](**weights["architecture"]["kwargs"]).eval()
    net.load_state_dict(torch.load(io.BytesIO(files[weights["source"]]), weights_only=True))
    given, expected = (np.load(io.BytesIO(files[one["test_tensor"]["source"]])) for one in (image, answer))
    seen = processed(given, image["preprocessing"])
    with torch.no_grad():
        found = processed(net(torch.from_numpy(seen)).numpy(), answer["postprocessing"])
    assert found.shape == expected.shape and expected.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=2e-6)
    assert expected.std() > 1e-3, "a constant would hide what preprocessing does"


def lines_in(text):
    """The one program in a page that needs the code of a package."""
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (lines,) = (block for block in blocks if "architecture" in block)
    return lines


@pytest.mark.parametrize("name", ["grey", "16 bits", "colours", "3-D", "boundless"])
def test_the_written_lines_run_a_network_in_plain_torch(name, tmp_path):
    make, volume = CASES[name]
    path = shared(write_package, tmp_path, make(), end="network.bioimageio.zip", **volume)
    with zipfile.ZipFile(path) as files:
        files.extractall(tmp_path / "unpacked")
    page = (PROJECT / "docs/output.md").read_text()
    programs = [lines_in((tmp_path / "unpacked/README.md").read_text())]
    programs += [lines_in(page)] if name != "boundless" else []  # whose greys the page has in words
    for program in programs:
        check = "numpy.testing.assert_allclose(probability, numpy.load('test_output.npy'), atol=2e-6)\n"
        check += "import sys; assert not [name for name in sys.modules if name.startswith('synthem')]"
        subprocess.run([sys.executable, "-c", program + check], cwd=tmp_path / "unpacked", check=True)


def test_the_test_image_is_the_middle_of_the_first_test_slices(tmp_path):
    path = shared(write_package, tmp_path, unet(), shape=(4, 301, 50))
    given = np.load(io.BytesIO(opened(path)[1]["test_input.npy"]))
    np.testing.assert_array_equal(given, noise((4, 301, 50))[2:3, 22 : 22 + 256, 1:49][None])


def test_levels_that_share_their_corners_fit_one_pixel_more_than_the_grid(tmp_path):
    path = shared(write_package, tmp_path, unet3d(max_pool=False), shape=(5, 40, 70))
    rdf, files = opened(path)
    sizes = {axis["id"]: axis["size"] for axis in rdf["inputs"][0]["axes"][2:]}
    assert sizes == {"z": {"min": 5, "step": 4}, "y": {"min": 17, "step": 16}, "x": {"min": 17, "step": 16}}
    # Three slices are tested on: the last is repeated. 33 = 2 * 16 + 1 of 40 rows, 65 of 70 columns.
    assert np.load(io.BytesIO(files["test_input.npy"])).shape == (1, 1, 5, 33, 65)


def test_a_package_says_what_it_is_and_has_the_same_bytes_again(tmp_path):
    path = shared(write_package, tmp_path, unet())
    rdf, files = opened(path)
    before = path.read_bytes()
    assert shared(write_package, tmp_path, unet()).read_bytes() == before
    assert rdf["license"] == "CC-BY-4.0" and rdf["authors"] == [{"name": "Ada Lovelace"}]
    assert rdf["cite"][0]["doi"] == "10.1109/ISBI.2013.6556567"
    assert rdf["config"]["synthem"]["mask_threshold"] == 0.45
    axes = {axis["id"]: axis for axis in rdf["inputs"][0]["axes"][2:]}
    assert {name: (axis["scale"], axis["unit"]) for name, axis in axes.items()} == {
        "y": (5.0, "nanometer"),
        "x": (4.0, "nanometer"),
    }
    text = files["README.md"].decode()
    assert "50 x 5 x 4 nm" in text and "at least 0.45" in text and "budget `8`" in text
    assert "/home/ada" not in json.dumps(rdf)


@pytest.mark.parametrize("name, words", [("grey", "electron microscopy"), ("colours", "light microscopy")])
def test_images_in_colour_are_none_of_an_electron_microscope(tmp_path, name, words):
    make, volume = CASES[name]
    rdf, files = opened(shared(write_package, tmp_path, make(), end="network.bioimageio.zip", **volume))
    assert f" in {words}, with voxels" in rdf["description"]
    assert [tag for tag in rdf["tags"] if "microscopy" in tag] == [words.replace(" ", "-")]
    assert files["README.md"].decode().splitlines()[0].endswith(f" in {words}")


def test_without_a_licence_nothing_is_allowed(tmp_path):
    rdf, files = opened(shared(write_package, tmp_path, unet(), licence=""))
    assert "license" not in rdf and "Not given: ask the authors" in files["README.md"].decode()


def test_16_bits_that_a_network_sees_as_8_have_no_words_in_the_spec(tmp_path):
    words = "CONFIG_CONTRADICTION exports.networks: bioimageio, with uint16 images"
    with pytest.raises(SynthemError, match=words):
        shared(write_package, tmp_path, boundless(), dtype="uint16")


def test_the_validator_of_bioimageio_finds_nothing_wrong(package):
    spec = pytest.importorskip("bioimageio.spec", reason="bioimageio.spec, the validator, is not installed")
    summary = spec.load_description(package, perform_io_checks=True).validation_summary
    assert summary.status in ("passed", "valid-format") and not summary.errors


@pytest.mark.filterwarnings("default")
def test_bioimageio_itself_runs_the_network_with_equal_outputs(package):
    core = pytest.importorskip("bioimageio.core", reason="bioimageio.core, which runs it, is not installed")
    summary = core.test_model(package)
    assert summary.status == "passed", summary.format()
