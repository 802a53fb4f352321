"""The presets of whole papers have the networks and objectives of the presets of single systems."""

import re

import pytest
import yaml

from tests.shared.presets import PRESETS, of_preset

# (paper, section) -> the preset that has the same section
SAME = {
    ("3-lucchi-unet", "unets"): "unet-lucchi-report",
    ("1-membrane-transfer", "gans"): "membrane-transfer",
    ("1-membrane-transfer", "membranes"): "membrane-transfer",
    ("1-membrane-transfer", "variants.oasis.gans.generator"): "gan-oasis",
    ("1-membrane-transfer", "variants.oasis.gans.discriminator"): "gan-oasis",
    ("1-membrane-transfer", "variants.oasis.gans.objective"): "gan-oasis",
    ("1-membrane-transfer", "variants.skip-patch.gans.discriminator"): "gan-skip-patch",
    ("2-em-gan-thesis-stylegan", "stylegan.training"): "stylegan",
    ("2-em-gan-thesis-stylegan", "stylegan.network"): "stylegan",
    ("4-mode-seeking", "gans"): "gan-mode-seeking",
    ("5-patch-vs-vanilla", "gans"): "gan-tutorial",
    ("5-patch-vs-vanilla", "variants.whole.gans.discriminator"): "gan-tutorial-vanilla",
    ("2-em-gan-thesis", "unets.network"): "unet-thesis",
    ("2-em-gan-thesis", "unets.training"): "unet-thesis",
    ("2-em-gan-thesis", "variants.deep.unets.network"): "unet3d-thesis",
    ("2-em-gan-thesis-transfer", "unets.network"): "boundless-thesis",
    ("2-em-gan-thesis-transfer", "unets.training.optimiser"): "boundless-thesis",
    ("2-em-gan-thesis-transfer", "unets.training.augment"): "boundless-thesis",
    ("2-em-gan-thesis-transfer", "pretraining.generator"): "boundless-thesis",
    ("2-em-gan-thesis-transfer", "pretraining.discriminator"): "boundless-thesis",
    ("2-em-gan-thesis-transfer", "pretraining.training.optimisers"): "boundless-thesis",
    ("2-em-gan-thesis-transfer", "pretraining.training.augment"): "boundless-thesis",
}


def without(section, keys=("snapshots", "guards")):
    if not isinstance(section, dict):
        return section
    return {key: without(part, keys) for key, part in section.items() if key not in keys}


@pytest.mark.parametrize(("paper", "section"), SAME)
def test_a_paper_trains_the_system_of_its_preset(paper, section):
    own = re.sub(r"^variants\.[^.]+\.", "", section)  # a variant has the same below its name
    assert without(of_preset(f"papers/{paper}", section)) == of_preset(SAME[paper, section], own)


def test_slices_of_the_lucchi_report_are_mirrored_from_left_to_right_alone():
    """It says "Horizontal Flip"; and 768 x 1024 pixels made 384 x 384 are longer than they are high."""
    for name in ("papers/3-lucchi-unet", "unet-lucchi-report"):
        assert of_preset(name, "unets.training.augment.turn") == "horizontal"


def test_every_paper_names_its_data_and_ends_in_a_page():
    for path in (PRESETS / "papers").glob("*.yaml"):
        paper = yaml.safe_load(path.read_text())
        assert paper["targets"] and paper["paper"]["title"] and paper["paper"]["parts"], path
        printed = paper["paper"].get("published")
        assert not printed or (PRESETS / f"papers/published/{printed}.csv").is_file(), path
