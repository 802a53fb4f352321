import copy

import pytest

from synthem.config.checking import check_config
from tests.library.config.test_checking import DEMO, SCHEMA, edited, problems
from tests.shared.gan_settings import SYSTEMS
from tests.shared.stylegan_settings import EVERYTHING, STYLEGAN

OASIS = {
    "gans__generator": {"name": "spade", "base_width": 8, "depth": 4, "dropout": 0, "noise_channels": 16},
    "gans__discriminator": {"name": "oasis", "base_width": 8, "scales": 1, "depth": 4},
    "gans__objective__adversarial": "classes",
    "gans__objective__condition": False,
    "gans__objective__l1_weight": 0,
    "gans__objective__texture_weight": 0,
    "gans__objective__label_mix_weight": 10,
}


@pytest.mark.parametrize("settings", SYSTEMS.values(), ids=SYSTEMS)
def test_every_system_of_the_papers_is_a_config(settings):
    sections = ("generator", "discriminator", "objective", "diff_augment", "guards")
    training = {key: value for key, value in settings.items() if key not in (*sections, "tensorboard")}
    gans = {"sees": ["structure", "membrane"]} | {key: settings[key] for key in sections}
    gans["training"] = training | {"steps": 1}
    check_config(edited(gans=gans), SCHEMA)


def test_oasis_is_a_config():
    check_config(edited(**OASIS), SCHEMA)


@pytest.mark.parametrize(
    "change, value, words",
    [
        ("objective__adversarial", "bce", "bce with the discriminator oasis (expected classes)"),
        ("objective__condition", True, "true with adversarial: classes (expected false)"),
        ("objective__mode_seeking_weight", 1, "1 with adversarial: classes (expected 0)"),
        ("objective__feature_matching_weight", 1, "1 with adversarial: classes (expected 0)"),
        ("objective__texture_weight", 1, "1 with adversarial: classes (expected 0)"),
        ("objective__r1_weight", 0.5, "0.5 with adversarial: classes (expected 0)"),
        ("discriminator__scales", 2, "2 with adversarial: classes (expected 1)"),
        ("discriminator__depth", 0, "0 with oasis (expected at least 1)"),
        ("generator__dropout", 0.5, "0.5 with spade (expected 0, it has none)"),
    ],
)
def test_what_oasis_cannot_be_combined_with_is_told(change, value, words):
    (line,) = problems(edited(**copy.deepcopy(OASIS) | {f"gans__{change}": value}))
    assert line.startswith(f"ERROR CONFIG_VALUE gans.{change.replace('__', '.')}: {words}")


@pytest.mark.parametrize(
    "change, value, words",
    [
        ("objective__label_mix_weight", 10, "10 with adversarial: bce (expected 0, it is for classes)"),
        ("discriminator__depth", 4, "4 with patch70 (expected 0, its layers are fixed)"),
        ("generator__dropout", 0.5, "0.5 with resize_unet (expected 0, it has none)"),
        ("generator__noise_channels", 0, "0 with texture_weight: grain has no source (expected at least 1)"),
        ("diff_augment__ada_target", 0.6, "0.6 without changes (expected 0)"),
        ("training__betas", [0.5], "a list of 1: [0.5] (expected a list of 2 numbers from 0, below 1)"),
        ("diff_augment__changes", ["colour", "blur"], "text 'blur' (expected one of `colour`, `translation`"),
    ],
)
def test_what_contradicts_real_or_fake_is_told(change, value, words):
    (line,) = problems(edited(**{f"gans__{change}": value}))
    assert line.startswith(f"ERROR CONFIG_VALUE gans.{change.replace('__', '.')}") and words in line


def test_classes_need_the_discriminator_that_knows_them():
    lines = problems(edited(gans__objective__adversarial="classes"))
    words = "gans.discriminator.name: patch70 with adversarial: classes (expected oasis)"
    assert any(words in line for line in lines)


def test_something_must_ask_for_images_that_fit_their_masks():
    (line,) = problems(edited(gans__objective__condition=False, gans__objective__l1_weight=0))
    assert "gans.objective.condition: false, without l1_weight and mode_seeking_weight" in line
    check_config(edited(gans__objective__condition=False), SCHEMA)


def test_a_slope_of_a_slope_is_not_compiled():
    (line,) = problems(edited(gans__training__compile=True, gans__objective__r1_weight=1))
    assert line.startswith("ERROR CONFIG_VALUE gans.training.compile: true with r1_weight 1")


GROWING = {"first_side": 8, "fade_steps": 10, "stable_steps": 20}


def test_a_stylegan_needs_steps_until_its_images_have_grown():
    # from 8 to 64 pixels: three times 10 + 20 steps
    changes = {"stylegan__progressive": GROWING, "stylegan__network__size": 64}
    (line,) = problems(edited(**changes, stylegan__training__steps=90))
    found = "90, but the images reach 64 pixels after 90 (expected more than 90)"
    assert line.startswith(f"ERROR CONFIG_VALUE stylegan.training.steps: {found}")
    check_config(edited(**changes, stylegan__training__steps=91), SCHEMA)


def test_images_that_begin_larger_than_they_end_are_refused():
    (line,) = problems(edited(stylegan__progressive={**GROWING, "first_side": 128}))
    assert line.startswith(
        "ERROR CONFIG_VALUE stylegan.progressive.first_side: 128 (expected at most the size, 64)"
    )


def test_a_stylegan_has_no_ada_without_changes():
    (line,) = problems(edited(stylegan__diff_augment__ada_target=0.6))
    assert line.startswith("ERROR CONFIG_VALUE stylegan.diff_augment.ada_target: 0.6 without changes")


def test_the_settings_of_the_tests_are_a_stylegan_of_the_config():
    sections = ("network", "progressive", "diff_augment", "guards")
    settings = STYLEGAN | EVERYTHING
    training = {key: value for key, value in settings.items() if key not in sections} | {"steps": 9}
    stylegan = {key: settings[key] for key in sections} | {"wanted": True, "training": training}
    check_config(edited(stylegan=stylegan | {"samples": DEMO["stylegan"]["samples"]}), SCHEMA)
