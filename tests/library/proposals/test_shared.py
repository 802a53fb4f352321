"""A config proposed for a stack and a network of others, read back as the workflow reads it."""

import numpy as np
import pytest
import tifffile
import yaml

from synthem.config.checking import check_config
from synthem.config.shared import shared_networks
from synthem.config.study import merged
from synthem.errors import SynthemError
from synthem.proposals.proposing import _next_for_network, options_of, propose_for_network
from synthem.sharing.exporting import write_safetensors
from tests.shared.demo_config import DEMO, SCHEMA
from tests.shared.segmenters import unet
from tests.shared.shared_networks import shared


@pytest.fixture
def proposed(tmp_path):
    """proposed(option=text, ...) -> (the config as data, its text, options that nobody gave)."""
    image = np.random.default_rng(0).integers(0, 255, (6, 20, 30), np.uint8)
    tifffile.imwrite(tmp_path / "whole.tif", image, photometric="minisblack")
    network = shared(write_safetensors, tmp_path, unet(), end="a.safetensors")  # of voxels of 50 x 5 x 4 nm

    def propose(**given):
        words = {"image": tmp_path / "whole.tif", "network": network, "config": tmp_path / "my.yaml"} | given
        blanks = propose_for_network(options_of([f"--{key}={word}" for key, word in words.items()]))
        text = (tmp_path / "my.yaml").read_text()
        return yaml.safe_load(text), text, blanks

    return propose


def test_it_is_what_the_workflow_takes_and_says_what_the_network_finds(proposed, tmp_path):
    written, text, blanks = proposed(voxel="50 5 4", name="brain")
    assert written == {
        "targets": [],
        "apply": {
            "networks": {"theirs": str(tmp_path / "a.safetensors")},
            "stacks": {"brain": {"image": str(tmp_path / "whole.tif"), "voxel_size_nm": [50, 5, 4]}},
            "formats": ["fiji"],
        },
    }
    assert "finds mitochondria; has learnt on voxels of 50 x 5 x 4 nm" in text and not blanks
    assert "6 x 20 x 30, uint8" in text
    config, _ = check_config(merged(DEMO, written), SCHEMA)
    assert shared_networks(config, SCHEMA, written)["theirs"].segments == "mitochondria"


def test_other_pixels_are_resampled_and_other_thickness_is_not(proposed, tmp_path):
    """4.4 nm is within a tenth of 4, where sections may have shrunk."""
    for size, resampled in (("50 5.4 4.4", False), ("80 5 4", False), ("50 10 8", True), ("50 5 8", True)):
        written, *_ = proposed(voxel=size)
        assert written["apply"]["stacks"]["mine"].get("resample", False) == resampled, size
        (tmp_path / "my.yaml").unlink()


def test_a_size_that_nobody_says_is_a_blank_that_is_told(proposed):
    written, _, blanks = proposed()
    assert written["apply"]["stacks"]["mine"]["voxel_size_nm"] == "FILL-IN" and blanks == ["VOXEL"]
    said = _next_for_network("my.yaml", blanks)
    assert "fill in the size of a voxel" in said and "make run CONFIG=my.yaml TARGET=check" in said


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"image": ""}, "CONFIG_KEY IMAGE: not given"),
        ({"mask": "mask.tif"}, "CONFIG_CONTRADICTION NETWORK: MASK beside it"),
        ({"foreground": "bright"}, "CONFIG_CONTRADICTION NETWORK: FOREGROUND beside it"),
        ({"test-mask": "mask.tif"}, "CONFIG_CONTRADICTION NETWORK: TEST_MASK beside it"),
        ({"network": "absent.safetensors"}, "DATA_MISSING absent.safetensors"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_written(proposed, tmp_path, given, words):
    with pytest.raises(SynthemError) as caught:
        proposed(**given)
    assert str(caught.value).startswith(f"ERROR {words}")
    assert not (tmp_path / "my.yaml").exists()


def test_nothing_of_a_users_is_overwritten(proposed, tmp_path):
    (tmp_path / "my.yaml").write_text("mine")
    with pytest.raises(SynthemError, match="FILE_WRITE"):
        proposed(voxel="50 5 4")
    assert (tmp_path / "my.yaml").read_text() == "mine"
