"""Arms that differ in nothing that counts, and what the others change: configs by hand."""

import pytest

from synthem.config.differences import changes, why_unread
from tests.shared.demo_config import SCHEMA, check_config, checked, edited, only_problem

REAL = {"sets": {"real": 1}}
MIXED = {"sets": {"real": 0.5, "again": 0.5}}  # the demo's `mixed` has half of `synthetic`
WIDTH = "unets.network.unet3d.base_width"


def beside_real(variant, **changed):
    """The config of an arm `other` that learns what `real` does, under a variant."""
    other = REAL | {"variant": "v"}
    return {"arms__other": other, "variants__v": variant, "study__arms": ["real", "other"], **changed}


@pytest.mark.parametrize(
    ("variant", "why"),
    [
        (
            {"unets": {"network": {"unet3d": {"base_width": 4}}}},
            f"`{WIDTH}` is read only where `unets.network.kind` is unet3d",
        ),
        (
            {"unets": {"training": {"optimiser": {"schedule": {"linear": {"decay_from": 0.2}}}}}},
            "is read only where `unets.training.optimiser.schedule.kind` is linear",
        ),
        (
            {"watershed": {"membranes": {"thin": True}}},
            "`watershed.membranes.thin` is read only where `watershed.method` is membranes",
        ),
        (
            {"inference": {"tile_slices": 9}},
            "`inference.tile_slices` is read only where `unets.network.kind` is unet3d",
        ),
        (
            {"unets": {"training": {"augment": {"blur": {"sigma": 2}}}}},
            "is read only where `unets.training.augment.blur.probability` is above 0",
        ),
        ({"unets": {"training": {"snapshots": [5]}}}, "`unets.training.snapshots` changes no score"),
        ({"unets": {"training": {"steps": 150}}}, "`unets.training.steps` is 150 in both"),
        ({"unets": {}}, "in all that counts (expected arms that differ)"),
    ],
)
def test_an_arm_whose_variant_changes_nothing_is_refused_with_the_key(variant, why):
    line = only_problem(**beside_real(variant))
    start = "CONFIG_CONTRADICTION arms.other.variant: `v`: the arm `other` is the arm `real` in all that"
    assert start in line and why in line


def test_lists_in_whose_place_a_preset_stands_make_no_arm():
    cells = {"watershed__method": "membranes", "watershed__tune_by": "cremi_score"}
    lists = {"watershed": {"membranes": {"edge_rises": [0, 0.05]}}}
    line = only_problem(**beside_real(lists, **cells, watershed__membranes__preset="paper"))
    assert "`watershed.membranes.edge_rises` is read only where `watershed.membranes.preset` is empty" in line
    checked(edited(**beside_real(lists, **cells)))


@pytest.mark.parametrize(
    "variant",
    [
        {"unets": {"network": {"kind": "unet3d", "unet3d": {"base_width": 4}}}},
        {"watershed": {"bodies": {"fill_holes": True}}},  # the networks of `real`, cut in another way
        {"inference": {"turns": 8}},
        {"labels": {"strategy": "first"}},
        {"unets": {"training": {"augment": {"blur": {"probability": 0.5}}}}},
        {"unets": {"training": {"steps": 300}, "network": {"unet3d": {"base_width": 4}}}},
    ],
)
def test_an_arm_that_differs_in_one_thing_that_counts_is_compared(variant):
    checked(edited(**beside_real(variant)))


def test_all_slices_are_the_same_ones_however_they_are_drawn():
    line = only_problem(**beside_real({"labels": {"strategy": "first"}}, labels__budgets=["all"]))
    assert "`labels.strategy` is read only where `labels.budgets` has a number" in line


def test_the_reference_may_be_the_one_whose_variant_changes_nothing():
    noop = {"unets": {"network": {"unet3d": {"base_width": 4}}}}
    line = only_problem(
        arms__real__variant="v", arms__other=REAL, variants__v=noop, study__arms=["other", "real"]
    )
    assert "arms.real.variant: `v`: the arm `other` is the arm `real`" in line and WIDTH in line


def test_two_names_of_one_arm_are_refused():
    line = only_problem(arms__other=REAL, study__arms=["real", "other"])
    assert "arms.other: the same data and settings: the arm `other` is the arm `real`" in line
    checked(edited(arms__other=REAL))  # nobody compares it


def swept(key, values, **changed):
    sweep = {"sweeps__s": {"key": key, "values": values}, "arms__other": REAL | {"variant": "s"}}
    return {**sweep, "study__arms": ["real", "other"], **changed}


def test_a_value_of_a_sweep_that_another_arm_has_is_to_be_left_out():
    rate = "unets.training.optimiser.learning_rate"
    line = only_problem(**swept(rate, [0.001, 0.004, 0.01]))
    assert "sweeps.s.values: 0.004: the arm `other-0.004` is the arm `real`" in line
    assert "Fix: leave 0.004 out: `real` is compared with the others" in line
    checked(edited(**swept(rate, [0.001, 0.01])))
    both = {"arms__real__variant": "v", "variants__v": {"unets": {"training": {"steps": 300}}}}
    checked(edited(**swept(rate, [0.001, 0.004], **both)))  # no other arm has 150 steps


def test_a_sweep_over_a_key_that_nothing_reads_is_one_error():
    line = only_problem(**swept(WIDTH, [4, 6, 16]))
    assert f"sweeps.s.key: `{WIDTH}`, which is read only where `unets.network.kind` is unet3d" in line
    line = only_problem(**swept("gans.training.steps", [600, 700]))
    assert "sweeps.s.key: `gans.training.steps`: nothing that names the sweep reads gans" in line


def of_images(variant, kind="gan", **changed):
    """The config of an arm `other` as `mixed`, of images that are made under a variant."""
    made = {"data_sets__again": {"kind": kind, "variant": "v"}, "arms__other": MIXED, "variants__v": variant}
    return {**made, "study__arms": ["real", "mixed", "other"], **changed}


def test_images_made_alike_make_no_two_arms():
    line = only_problem(**of_images({"gans": {"discriminator": {"vanilla": {"base_width": 4}}}}))
    assert "arms.other.sets: `again`, which is made like `synthetic`: the arm `other` is the arm `mixed`" in (
        line
    )
    assert "is read only where `gans.discriminator.kind` is vanilla" in line
    twice = {"arms__mixed": {"sets": {"synthetic": 1}, "then": {"synthetic": 1}}}
    twice["arms__other"] = {"sets": {"synthetic": 1}, "then": {"again": 1}}
    assert "`again`, which is made like `synthetic`" in only_problem(**of_images({}) | twice)
    line = only_problem(**of_images({"mask_generator": {"scale": 3}}))
    assert "`mask_generator.scale` is read only where `synthesis.masks.kind` is stylegan" in line
    invented = {"kind": "stylegan"}
    checked(edited(**of_images({"mask_generator": {"scale": 3}}, synthesis__masks__kind="stylegan")))
    checked(edited(**of_images({"synthesis": {"masks": invented}})))
    checked(edited(**of_images({"membranes": {"threshold": 0.6}})))  # the demo's target has no membranes
    shown = {"variants__v": {"gans": {"discriminator": {"vanilla": {"base_width": 4}}}}}
    again = {"data_sets__again": {"kind": "gan", "variant": "v"}, "gallery__data_sets": ["again"]}
    checked(edited(**shown, **again))  # to be looked at alone


def test_pasted_and_bent_images_are_made_as_their_own_settings_say():
    sets = {"data_sets__first": {"kind": "bent"}, "arms__first": {"sets": {"real": 0.5, "first": 0.5}}}
    own = {**sets, "kind": "bent", "synthesis__masks__kind": "stylegan"}
    arms = {"study__arms": ["real", "first", "other"]}
    checked(edited(**of_images({"synthesis": {"masks": {"bent": {"elastic_nm": 20}}}}, **own) | arms))
    filtered = of_images({"synthesis": {"filter": {"least_kept": 1}}}, **own) | arms
    line = only_problem(**filtered)
    assert "arms.other.sets: `again`, which is made like `first`" in line
    assert "`synthesis.filter.least_kept` is not read there" in line


def test_a_section_that_no_arm_reads_is_one_error():
    line = only_problem(**beside_real({"gans": {"generator": {"resize_unet": {"base_width": 32}}}}))
    assert "arms.other.variant: `v`, which changes gans: nothing of this reads that" in line


def said(name, **changed):
    """What an arm of a config changes, in words."""
    config, study = check_config(edited(**changed), SCHEMA)
    return changes(study, config["volumes"], name)


def test_what_an_arm_changes_is_told_against_the_reference():
    both = {"unets": {"network": {"kind": "boundless"}, "training": {"optimiser": {"betas": [0.5, 0.9]}}}}
    assert said("real", **beside_real(both)) == []
    assert said("other", **beside_real(both)) == [
        "unets.network.kind: unet → boundless",
        "unets.training.optimiser.betas: [0.9, 0.999] → [0.5, 0.9]",
    ]
    longer = {"unets": {"training": {"steps": 300}}}
    found = said("other", **beside_real(longer, arms__real__variant="w", variants__w=both))
    assert found == [
        "unets.network.kind: boundless → unet",
        "unets.training.optimiser.betas: [0.5, 0.9] → [0.9, 0.999]",
        "unets.training.steps: 150 → 300",
    ]


def test_what_changes_the_images_of_an_arm_is_told_against_the_config():
    assert said("mixed") == []
    changed = of_images({"gans": {"discriminator": {"kind": "vanilla"}}})
    assert said("other", **changed) == ["gans.discriminator.kind: patch70 → vanilla (images of again)"]


def test_a_key_counts_where_its_section_is_chosen():
    config = checked(edited(unets__network__kind="unet3d", study__arms=["real"]))
    assert why_unread(config, WIDTH) == "" == why_unread(config, "inference.tile_slices")
    why = why_unread(config, "unets.network.unet.depth")
    assert why == "is read only where `unets.network.kind` is unet"
