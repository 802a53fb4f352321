import yaml

from synthem.checks.sizes import SIZES, demo_sizes, of_kind, value_at
from tests.shared.project import PROJECT

CONFIG = PROJECT / "config.yaml"


def test_the_sizes_of_the_demo_are_those_of_config_yaml():
    demo = yaml.safe_load(CONFIG.read_text())
    assert demo_sizes(demo, ["membranes", "gans", "unets"]).keys() == {of_kind(demo, key) for key in SIZES}


def test_a_raised_size_and_a_network_that_is_not_trained_are_left_out():
    """Wherever it was raised: users edit config.yaml itself, too."""
    config = yaml.safe_load(CONFIG.read_text())
    config["unets"]["training"]["steps"] = 20_000
    assert demo_sizes(config, ["unets"]) == {
        "unets.network.unet.base_width": value_at(config, "unets.network.unet.base_width")
    }


def test_every_kind_of_network_has_the_width_of_the_demo():
    config = yaml.safe_load(CONFIG.read_text())
    config["unets"]["network"]["kind"] = "unet3d"
    assert "unets.network.unet3d.base_width" in demo_sizes(config, ["unets"])


def test_a_size_that_was_chosen_is_meant_so():
    """Generators of `small` are as wide as those of the demo."""
    config = yaml.safe_load(CONFIG.read_text()) | {"size": "small"}
    assert demo_sizes(config, ["membranes", "gans", "unets"]) == {}
