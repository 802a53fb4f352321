from pathlib import Path

import yaml

from synthem.checks.sizes import SIZES, demo_sizes, value_at

CONFIG = Path(__file__).parents[3] / "config.yaml"


def test_the_sizes_of_the_demo_are_those_of_config_yaml():
    demo = yaml.safe_load(CONFIG.read_text())
    assert demo_sizes(demo, ["membranes", "gans", "unets"]) == SIZES


def test_a_raised_size_and_a_network_that_is_not_trained_are_left_out():
    """Wherever it was raised: users edit config.yaml itself, too."""
    config = yaml.safe_load(CONFIG.read_text())
    config["unets"]["training"]["steps"] = 20_000
    assert demo_sizes(config, ["unets"]) == {
        "unets.network.base_width": value_at(config, "unets.network.base_width")
    }
