import pytest
import yaml

from synthem.checks.sizes import SIZES, demo_sizes, of_kind, value_at
from tests.shared.project import PROJECT

CONFIG = PROJECT / "config.yaml"


def test_the_sizes_of_the_demo_are_those_of_config_yaml():
    demo = yaml.safe_load(CONFIG.read_text())
    assert demo_sizes(demo, ["membranes", "gans", "unets"], {}).keys() == {
        of_kind(demo, key) for key in SIZES
    }


def test_a_raised_size_and_a_network_that_is_not_trained_are_left_out():
    """Wherever it was raised: users edit config.yaml itself, too."""
    config = yaml.safe_load(CONFIG.read_text())
    config["unets"]["training"]["steps"] = 20_000
    assert demo_sizes(config, ["unets"], {}) == {
        "unets.network.unet.base_width": value_at(config, "unets.network.unet.base_width")
    }


def test_every_kind_of_network_has_the_width_of_the_demo():
    config = yaml.safe_load(CONFIG.read_text())
    config["unets"]["network"]["kind"] = "unet3d"
    assert "unets.network.unet3d.base_width" in demo_sizes(config, ["unets"], {})


def test_a_size_that_somebody_named_is_meant_so():
    """Generators of `small` are as wide as those of the demo."""
    config = yaml.safe_load(CONFIG.read_text())
    small = yaml.safe_load((PROJECT / "presets/size-small.yaml").read_text())
    assert demo_sizes(config, ["gans"], small) == {}
    named = {"gans": {"generator": {"resize_unet": {"base_width": 16}}}}
    left = demo_sizes(config, ["gans"], named)
    assert left == {"gans.discriminator.patch70.base_width": 16, "gans.training.steps": 500}


@pytest.mark.parametrize("size", ["small", "medium", "large"])
def test_a_size_names_every_kind_of_network(size):
    config = yaml.safe_load(CONFIG.read_text())
    named = yaml.safe_load((PROJECT / f"presets/size-{size}.yaml").read_text())
    for section, networks in (("unets", ["network"]), ("membranes", ["network"])):
        for network in networks:
            kinds = config[section][network].keys() - {"kind"}
            assert named[section][network].keys() == kinds, section
    for part in ("generator", "discriminator"):
        assert named["gans"][part].keys() == config["gans"][part].keys() - {"kind"}
        assert named["pretraining"][part].keys() == {"base_width"}
