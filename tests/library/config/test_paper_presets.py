"""The presets of whole papers have the networks and objectives of the presets of single systems."""

import re

import pytest
import yaml

from synthem.config.study import config_filled_in, merged, study_of
from tests.shared.presets import PRESETS, of_preset
from tests.shared.project import PROJECT

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


def test_crops_of_the_lucchi_report_are_enlarged_and_never_shrunk():
    """It says "Random Crop", "Center Crop" and "Resizing of the training data to 384"."""
    for name in ("papers/3-lucchi-unet", "unet-lucchi-report"):
        smallest, largest = of_preset(name, "unets.training.augment.scale")
        assert smallest < largest == 1


def study_of_paper(name):
    """The Study of a preset of a whole paper, on top of the defaults."""
    config, paper = (
        yaml.safe_load(path.read_text())
        for path in (PROJECT / "config.yaml", PRESETS / f"papers/{name}.yaml")
    )
    return study_of(config_filled_in(merged(config, paper)), canonical=lambda one: one)


def differing(one, other, where=""):
    """Keys whose values differ: {path: (of one, of the other)}."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return {} if one == other else {where: (one, other)}
    found = {}
    for key in one | other:
        found |= differing(one.get(key), other.get(key), f"{where}.{key}".lstrip("."))
    return found


def test_the_thesis_hides_parts_without_blur_and_noise_once():
    """Its figure 6.6, beside the three shapes of what is hidden."""
    study = study_of_paper("2-em-gan-thesis-transfer")
    assert study.gallery.pretraining == ["hidden-right", "hidden-centre", "hidden-random", "plain-images"]
    augment = "pretraining.training.augment"
    assert differing(study.configs["hidden-right"], study.configs["plain-images"]) == {
        f"{augment}.blur.probability": (0.5, 0),
        f"{augment}.noise": (0.2, 0),
    }


@pytest.mark.parametrize(
    ("arm", "changed"),
    [
        ("thin", {"watershed.membranes.thin": (False, True)}),  # "slim down the boundaries"
        ("wide", {"watershed.membranes.segment_reach": (0, 2)}),  # "a wider range of neighbour pixels"
        (
            "blurred",  # "located blur inside an image", and missing sections of section 3.2.2
            {
                "unets.training.augment.local_blur.probability": (0, 0.5),
                "unets.training.augment.missing": (0, 0.1),
            },
        ),
        ("adversarial", {"unets.training.adversary.kind": ("none", "patch70")}),
    ],
)
def test_what_the_thesis_proposes_in_its_discussion_is_an_arm_that_differs_in_that_alone(arm, changed):
    study = study_of_paper("2-em-gan-thesis")
    changes = differing(study.configs["base"], study.configs[study.arms[arm].variant])
    assert {key: changes.pop(key) for key in changed} == changed
    assert all(key.startswith("unets.training.adversary.patch70") for key in changes)


def test_every_paper_names_its_data_and_ends_in_a_page():
    for path in (PRESETS / "papers").glob("*.yaml"):
        paper = yaml.safe_load(path.read_text())
        assert paper["targets"] and paper["paper"]["title"] and paper["paper"]["parts"], path
        printed = paper["paper"].get("published")
        assert not printed or (PRESETS / f"papers/published/{printed}.csv").is_file(), path
