import pytest

from synthem.config.kinds import chosen, options_of
from tests.shared.demo_config import DEMO, edited

GUARDS = DEMO["stylegan"]["guards"]


def test_the_options_of_other_kinds_are_left_out_at_any_depth():
    section = {
        "kind": "b",
        "a": {"width": 1},
        "b": {"inner": [{"kind": "x", "x": {"one": 1}, "y": {"two": 2}}]},
        "steps": 3,
        "names": ["a"],
    }
    assert chosen(section) == {
        "kind": "b",
        "b": {"inner": [{"kind": "x", "x": {"one": 1}}]},
        "steps": 3,
        "names": ["a"],
    }


def test_what_has_no_kinds_stays_as_it_is():
    section = {"a": {"width": 1}, "b": [{"c": 2}], "d": None}
    assert chosen(section) == section
    phantoms = DEMO["phantoms"]  # a kind, and numbers that all kinds share
    assert chosen(phantoms) == phantoms


def test_what_a_weight_of_0_silences_is_0_and_acts_beside_any_other():
    for section, path in (
        ("unets", "training__loss__cldice_iterations"),
        ("unets", "training__optimiser__ema__warm_up"),
        ("unets", "training__augment__blur__sigma"),
        ("unets", "training__augment__local_blur__radius"),
        ("unets", "training__augment__low_contrast__gain"),
        ("gans", "diff_augment__ada_images"),
        ("gans", "training__optimisers__generator__ema__warm_up"),
    ):
        assert chosen(edited(**{f"{section}__{path}": 7})[section]) == chosen(DEMO[section])
    loss = {"bce": 1, "cldice": 0, "cldice_iterations": 8}
    assert chosen(loss) == loss | {"cldice_iterations": 0}
    assert chosen(loss | {"cldice": 0.5}) == loss | {"cldice": 0.5}
    weighted = {"bce": 0, "dice": 1, "positive_weight": 5}
    assert chosen(weighted) == weighted | {"positive_weight": 0}
    still = {"first_side": 0, "fade_steps": 150, "stable_steps": 250}
    assert chosen(still) == {"first_side": 0, "fade_steps": 0, "stable_steps": 0}
    assert chosen(still | {"first_side": 8}) == still | {"first_side": 8}
    unguarded = {"every": 0, "first": 300, "in_a_row": 3, "on_failure": "record"}
    assert chosen(unguarded) == {"every": 0, "first": 0, "in_a_row": 0, "on_failure": "record"}
    assert chosen(unguarded | {"every": 50}) == unguarded | {"every": 50}
    blur = {"probability": 0.5, "sigma": 3, "radius": 5}
    assert chosen(blur) == blur


@pytest.mark.parametrize(
    ("section", "every", "acts"),
    [("stylegan", 0, False), ("mask_generator", 0, False), ("stylegan", 50, True), ("gans", 0, True)],
)
def test_what_a_failure_does_is_no_setting_of_what_nothing_judges(section, every, acts):
    """A generator that paints on masks is judged when it has finished, whatever its guards are."""
    stop, record = (
        chosen(edited(**{f"{section}__guards": {**GUARDS, "every": every, "on_failure": word}})[section])
        for word in ("stop", "record")
    )
    assert (stop != record) == acts
    assert list(stop["guards"]) == list(GUARDS)


def test_lists_in_whose_place_a_preset_stands_are_empty():
    lists = {"interior_thresholds": [0.7], "edge_rises": [0, 0.1], "marker_radius": 10}
    assert chosen(lists | {"preset": ""}) == lists | {"preset": ""}
    instead = {"interior_thresholds": [], "edge_rises": [], "marker_radius": 10, "preset": "paper"}
    assert chosen(lists | {"preset": "paper"}) == instead


def test_what_is_written_down_of_a_choice_is_the_same_choice():
    for section in ("unets", "membranes", "gans", "stylegan", "mask_generator", "pretraining"):
        assert chosen(chosen(DEMO[section])) == chosen(DEMO[section])


def test_a_kind_may_have_no_options():
    assert options_of({"kind": "constant", "linear": {"decay_from": 0.5}}) == {}
    assert options_of({"kind": "linear", "linear": {"decay_from": 0.5}}) == {"decay_from": 0.5}


def test_settings_of_networks_that_are_not_chosen_are_no_part_of_a_section():
    for path in (
        "unets__network__unet3d__base_width",
        "unets__target__affinities__long_range",
        "gans__generator__spade__depth",
    ):
        section = path.split("__")[0]
        assert chosen(edited(**{path: 7})[section]) == chosen(DEMO[section])
    for path in ("unets__network__unet__base_width", "gans__generator__resize_unet__depth"):
        section = path.split("__")[0]
        assert chosen(edited(**{path: 7})[section]) != chosen(DEMO[section])
