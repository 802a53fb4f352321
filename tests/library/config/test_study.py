"""Arms, data sets, variants and sweeps: configs by hand, each with what follows from its words."""

import re

import pytest
import yaml

from synthem.config.study import merged
from tests.shared.demo_config import DEMO, checked, edited, only_problem, problems, study_in
from tests.shared.project import PROJECT

VARIANTS = {
    "strong": {"unets": {"training": {"augment": {"elastic": 10}}}},
    "wide": {"gans": {"generator": {"resize_unet": {"base_width": 32}}}},
    "other": {"gans": {"generator": {"pix2pix": {"base_width": 32}}}},  # a kind that nobody chooses
    "cut": {"watershed": {"bodies": {"fill_holes": True}}},
    "same": {"unets": {"training": {"augment": {"elastic": 10}}}, "inference": {"turns": 8}},
}


def study(arms, **changes):
    """The study of the demo with these arms beside its own three."""
    names = ["real", *arms]
    config = edited(variants=VARIANTS, study__arms=names, **changes)
    config["arms"] |= arms
    return study_in(config)


def test_a_stage_is_computed_under_the_first_variant_that_agrees_on_it():
    arms = {name: {"sets": {"real": 1}, "variant": name} for name in ("strong", "same")}
    own = study(arms)
    assert own.alike("strong", "unets") == "strong" and own.alike("strong", "gans") == "base"
    assert own.alike("same", "unets") == "strong"  # not twice
    assert own.alike("same", "inference") == "same" and own.alike("same", "unets", "inference") == "same"
    assert own.alike("other", "gans") == "base"
    assert own.alike("base", "unets", "gans") == "base"


def test_slices_of_blocks_concern_networks_in_3d_alone():
    def predicted_as(**changes):
        arms = {name: {"sets": {"real": 1}, "variant": name} for name in variants}
        config = edited(variants=variants, study__arms=["real", *arms], **changes)
        config["arms"] |= arms
        own = study_in(config)
        return [own.alike("flat", section, "inference") for section in ("unets", "membranes")] + [
            own.first_arm("flat", "unets", "labels", "inference")
        ]

    cut = {"bodies": {"smallest_nm3": 1}}  # else it were the arm `real`
    variants = {"flat": {"inference": {"tile_slices": 8, "halo_slices": 2}, "watershed": cut}}
    deep = {"unets__network__kind": "unet3d"}
    assert predicted_as() == ["base", "base", "real"]
    assert predicted_as(**deep) == ["flat", "base", "flat"]
    assert predicted_as(membranes__network__kind="unet3d") == ["base", "flat", "real"]
    variants = {"flat": {"inference": {"tile": 512}}}
    assert predicted_as() == ["flat", "flat", "flat"]


def test_a_variant_changes_the_keys_that_it_names_alone():
    settings = study({}).configs
    changed = settings["strong"]["unets"]["training"]["augment"]
    assert changed == settings["base"]["unets"]["training"]["augment"] | {"elastic": 10}
    assert isinstance(changed["elastic"], type(settings["base"]["unets"]["training"]["augment"]["elastic"]))
    assert settings["strong"]["gans"] == settings["base"]["gans"]


def test_arms_with_the_same_data_and_settings_share_their_networks():
    arms = {
        "cut": {"sets": {"real": 1}, "variant": "cut"},
        "strong": {"sets": {"real": 1}, "variant": "strong"},
        "later": {"sets": {"real": 1}, "then": {"real": 1}},
    }
    own = study(arms)
    assert own.first_arm("cut", "unets") == "real"
    assert own.first_arm("cut", "unets", "watershed") == "cut"
    assert own.first_arm("strong", "unets") == "strong"
    assert own.first_arm("later", "unets") == "later"


def test_only_what_an_arm_learns_from_is_made():
    sets = {
        "synthetic": {"kind": "gan"},
        "oasis": {"kind": "gan", "variant": "wide"},
        "pasted": {"kind": "copy_paste"},
    }
    sets["wrong"] = {"kind": "mismatched", "of": "oasis"}
    own = study({"harm": {"sets": {"wrong": 1}}}, data_sets=sets)
    assert list(own.data_sets) == ["oasis", "wrong"]  # images before the masks are exchanged
    assert own.generators_of("harm") == ["oasis"] and own.generators_of("real") == []
    assert own.variant_of("oasis") == "wide"


def test_an_arm_under_a_sweep_is_a_family_of_arms():
    sweeps = {"frozen": {"key": "unets.training.start.freeze_layers", "values": [1, 2]}}
    own = study({"kept": {"sets": {"real": 1}, "variant": "frozen"}}, sweeps=sweeps)
    assert list(own.arms) == ["real", "kept-1", "kept-2"]
    assert own.arms["kept-2"].variant == "frozen-2"
    frozen = own.configs["frozen-2"]["unets"]["training"]["start"]["freeze_layers"]
    assert frozen == 2 and isinstance(frozen, int)


def test_a_sweep_may_try_words_and_truth_values():
    sweeps = {
        "loss": {"key": "gans.objective.real_or_fake.adversarial", "values": ["bce", "hinge"]},
        "seen": {"key": "gans.objective.real_or_fake.condition", "values": [True, False]},
    }
    own = study({}, sweeps=sweeps)
    assert own.configs["loss-hinge"]["gans"]["objective"]["real_or_fake"]["adversarial"] == "hinge"
    assert own.configs["seen-False"]["gans"]["objective"]["real_or_fake"]["condition"] is False


def test_what_an_arm_leaves_out_is_filled_in():
    arm = checked(edited())["arms"]["real"]
    assert arm == {"sets": {"real": 1.0}, "then": {}, "switch": 0.5, "variant": ""}


REAL = {"sets": {"real": 1}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"arms__mixed": {"sets": {"real": 0.5}}},
            "arms.mixed.sets: shares that sum to 0.5 (expected a sum of 1)",
        ),
        ({"arms__mixed": {"sets": {"rael": 1}}}, "arms.mixed.sets: `rael` (expected one of real, synthetic)"),
        ({"arms__mixed": {**REAL, "then": {"fake": 1}}}, "arms.mixed.then: `fake` (expected one of"),
        (
            {"arms__mixed": {**REAL, "variant": "strnog"}},
            "arms.mixed.variant: `strnog` (expected one of strong",
        ),
        (
            {"data_sets__synthetic": {"kind": "gan", "of": "x"}},
            "data_sets.synthetic.of: `x` with the kind gan",
        ),
        (
            {"data_sets__bad": {"kind": "mismatched", "of": "real"}},
            "data_sets.bad.of: `real` (expected one of synthetic",
        ),
        (
            {"data_sets__bad": {"kind": "volume", "volume": "larve"}},
            "data_sets.bad.volume: `larve` (expected one of hippocampus, larva). Fix: did you mean `larva`",
        ),
        (
            {"data_sets__bad": {"kind": "volume", "volume": "hippocampus"}},
            "data_sets.bad.volume: `hippocampus`, a target",
        ),
        (
            {
                "data_sets__wrong": {"kind": "mismatched", "of": "synthetic"},
                "arms__mixed": {"sets": {"real": 0.5, "synthetic": 0.25, "wrong": 0.25}},
            },
            "CONFIG_VALUE arms.mixed: `wrong`, a control, beside `synthetic` (expected `real` alone "
            "beside a control). Fix: give the control an arm of its own",
        ),
        (
            {
                "data_sets__again": {"kind": "copies"},
                "arms__mixed": {"sets": {"again": 1}, "then": {"synthetic": 1}},
            },
            "arms.mixed: `again`, a control, beside `synthetic`",
        ),
        (
            {
                "data_sets__again": {"kind": "copies"},
                "variants__longer": {"unets": {"training": {"steps": 300}}},
                "arms__mixed": {"sets": {"real": 0.5, "again": 0.5}, "variant": "longer"},
            },
            "CONFIG_VALUE arms.mixed.variant: `longer` (expected `base`). Fix: give the control the variant",
        ),
        ({"data_sets__real": {"kind": "gan"}}, "data_sets.real: a data set named `real`"),
        ({"variants__base": {}}, "variants.base: a variant named `base`"),
        (
            {"sweeps__strong": {"key": "unets.training.steps", "values": [2]}},
            "sweeps.strong: the name of a variant",
        ),
        (
            {"sweeps__s": {"key": "metrics.boundary_tolerance_nm", "values": [2]}},
            "CONFIG_KEY sweeps.s.key: `metrics`, no such key (expected one of membranes, ",
        ),
        ({"variants__bad": {"unets": {"steps": 3}}}, "CONFIG_KEY variants.bad.unets.steps: no such key"),
        (
            {"variants__bad": {"labels": {"budgets": [3]}}},
            "CONFIG_KEY variants.bad.labels.budgets: no such key",
        ),
        ({"variants__bad": {"split": {"test": 0.5}}}, "CONFIG_KEY variants.bad.split: no such key"),
        (
            {"variants__bad": {"unets": {"training": {"steps": "5"}}}},
            "variants.bad.unets.training.steps: text '5'",
        ),
        (
            {"variants__bad": {"unets": {"network": {"unet": {"depth": 6}}, "training": {"patch": 64}}}},
            "variants.bad.unets.training.patch: 64 (expected at least 128 for depth 6)",
        ),
        (
            {"sweeps__s": {"key": "unets.training.stepz", "values": [2]}},
            "sweeps.s.key: `unets.training.stepz`, no such key",
        ),
    ],
)
def test_a_slip_is_told_with_its_place(changes, words):
    line = only_problem(**{"variants__strong": VARIANTS["strong"], **changes})
    assert words in line


def test_a_variant_where_there_are_none_is_told_what_one_looks_like():
    line = only_problem(arms__mixed__variant="resunet")
    assert "CONFIG_REFERENCE arms.mixed.variant: `resunet`, and there are no variants yet" in line
    example = {"unets": {"training": {"steps": 300}}}
    assert "`variants: {resunet: {unets: {training: {steps: 300}}}}`" in line
    checked(edited(arms__mixed__variant="resunet", variants__resunet=example))
    line = only_problem(data_sets__more={"kind": "gan", "variant": "wide"})
    assert "data_sets.more.variant: `wide`, and there are no variants yet" in line
    assert "`variants: {wide: {gans: {training: {steps: 1000}}}}`" in line


RATE = "unets.training.optimiser.learning_rate"


@pytest.mark.parametrize(
    ("key", "values", "words", "fix"),
    [
        (
            "unets.training.learning_rate",
            [0.01, 0.02],
            "CONFIG_KEY sweeps.s.key: `unets.training.learning_rate`, no such key (expected one of steps, ",
            f"did you mean `{RATE}`",
        ),
        (
            "unets.trainin.steps",
            [2, 3],
            "CONFIG_KEY sweeps.s.key: `unets.trainin`, no such key",
            "`training`",
        ),
        ("metrics.boundary_tolerance_nm", [2, 3], "sweeps.s.key: `metrics`, no such", "name one of these"),
        (
            RATE,
            [0.01, -1, "a"],
            f"CONFIG_VALUE sweeps.s.values: -1, text 'a' for `{RATE}` (expected a number above 0, up to 1)",
            "choose such a value",
        ),
        ("unets.training.loss", [1, 2], "sweeps.s.key: `unets.training.loss`, a section", ".loss.bce`"),
        (f"{RATE}.x", [1, 2], f"sweeps.s.key: `{RATE}.x`, and `{RATE}` has no keys", f"write `{RATE}`"),
        ("unets.training.snapshots", [1, 2], "sweeps.s.key: `unets.training.snapshots`, a list", "a variant"),
    ],
)
def test_a_slip_in_a_sweep_is_one_error_where_it_was_written(key, values, words, fix):
    line = only_problem(sweeps__s={"key": key, "values": values})
    assert words in line and fix in line.partition("Fix: ")[2]


def test_an_arm_learns_from_what_was_made_of_its_own_labels():
    variants = {"first": {"labels": {"strategy": "first"}}}
    arm = {"sets": {"real": 0.5, "synthetic": 0.5}, "variant": "first"}
    line = only_problem(variants=variants, arms__mixed=arm)
    assert (
        "arms.mixed.sets: `synthetic`, made of labels drawn by another strategy than the arm's, first" in line
    )
    checked(
        edited(
            variants=variants,
            arms__mixed=arm,
            data_sets__synthetic={"kind": "gan", "variant": "first"},
            study__arms=["real", "mixed"],
        )
    )


def test_a_network_in_3d_may_stand_beside_an_arm_of_flat_images():
    """Each arm is checked under its own settings: another arm's data are no concern of it."""
    variants = {"deep": {"unets": {"network": {"kind": "unet3d"}}}}
    config = edited(variants=variants, study__arms=["real", "mixed", "deep"])
    config["arms"]["deep"] = {"sets": {"real": 1}, "variant": "deep"}
    checked(config)
    config["arms"]["mixed"]["variant"] = "deep"
    (line,) = problems(config)
    assert line.startswith(
        "ERROR CONFIG_VALUE arms.mixed.sets: `synthetic`, whose slices do not form a volume"
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"variants__s-2": {}}, "variants.s-2: the name of a variant of `s`"),
        ({"arms__a-2": REAL}, "arms.a-2: the name of an arm under `s`"),
        ({"sweeps__s__values": ["a b", "a-b"]}, "sweeps.s.values: `a-b` as the name of several values"),
    ],
)
def test_what_a_sweep_writes_takes_nobodys_place(changes, words):
    sweep = {"key": "unets.training.steps", "values": [2]}
    if "sweeps__s__values" in changes:
        sweep = {"key": "gans.objective.real_or_fake.adversarial", "values": changes["sweeps__s__values"]}
        changes = {}
    config = edited(sweeps__s=sweep, arms__a={**REAL, "variant": "s"}, **changes)
    assert any(words in line for line in problems(config))


def test_a_variant_cannot_compare_other_methods():
    line = only_problem(variants__cells={"watershed": {"compare": ["bodies"]}})
    assert "variants.cells.watershed.compare: a list of methods" in line


def test_membranes_that_differ_in_their_threshold_alone_share_their_network():
    own = study({}, variants__thin={"membranes": {"threshold": 0.7}})
    assert own.alike("thin", "membranes") == "thin"
    assert own.alike("thin", "membranes.network", "membranes.training") == "base"


@pytest.mark.parametrize("kind", ["gans", "membranes", "unets"])
def test_no_network_starts_from_one_that_has_learnt_from_labels_of_the_target(kind):
    own = f"results/{kind}/hippocampus/base/budget-all/replicate-1/network.pt"
    found = problems(edited(unets__training__start__from=own))
    assert any(
        "unets.training.start.from" in line and "learnt from labels of the target" in line for line in found
    )
    found = problems(edited(variants__late={"gans": {"training": {"start": {"from": own}}}}))
    assert any("variants.late.gans.training.start.from" in line for line in found)
    known = {"unets__training__start__from": "results/pretraining/hippocampus/base/network.pt"}
    checked(edited(**known, unets__network__kind="boundless"))


def test_the_gallery_names_generators_and_variants_beside_those_of_arms():
    config = edited(
        variants=VARIANTS,
        data_sets__wide={"kind": "gan", "variant": "wide"},
        sweeps__noise={"key": "membranes.training.augment.noise", "values": [0, 0.2]},
        gallery={"data_sets": ["wide"], "membranes": ["noise", "base"], "pretraining": ["other"]},
        study__arms=["real"],
    )
    own = study_in(config)
    assert own.of_kind("gan") == [] and own.painters == ["wide"] and own.variant_of("wide") == "wide"
    assert own.gallery.membranes == ["noise-0", "noise-0.2", "base"]
    assert own.gallery.pretraining == ["other"]
    assert own.configs["noise-0.2"]["membranes"]["training"]["augment"]["noise"] == 0.2


@pytest.mark.parametrize(
    ("kind", "name", "error"),
    [
        ("data_sets", "wid", "gallery.data_sets: `wid`"),
        ("data_sets", "copies", "gallery.data_sets: `copies`"),
        ("membranes", "noises", "gallery.membranes: `noises`"),
        ("pretraining", "bas", "gallery.pretraining: `bas`"),
    ],
)
def test_what_the_gallery_names_exists(kind, name, error):
    changes = {"data_sets__copies": {"kind": "copies"}, f"gallery__{kind}": [name]}
    assert error in only_problem(**changes)


def test_no_network_is_kept_after_the_last_step():
    line = only_problem(gans__training__snapshots=[5, 501], gans__training__steps=500)
    expected = "ERROR CONFIG_VALUE gans.training.snapshots: 501 of 500 steps (expected at most 500)"
    assert line.startswith(expected)


GAN = {"gans": {"generator": {"resize_unet": {"base_width": 32}}}}
UNETS = {"unets": {"training": {"steps": 3}}}


@pytest.mark.parametrize(
    ("changes", "where", "section", "fix"),
    [
        ({"arms__mixed__variant": "v", "variants__v": GAN}, "arms.mixed", "gans", "data_sets.mine"),
        (
            {"data_sets__synthetic": {"kind": "gan", "variant": "v"}, "variants__v": UNETS},
            "data_sets.synthetic",
            "unets",
            "at an arm",
        ),
        (
            {"arms__real__variant": "v", "variants__v": {"pretraining": {"hidden": "centre"}}},
            "arms.real",
            "pretraining",
            "results/pretraining/{volume}/v/network.pt",
        ),
    ],
)
def test_a_change_that_nothing_would_look_at_is_refused(changes, where, section, fix):
    line = only_problem(**changes)
    assert f"{where}.variant: `v`, which changes {section}: nothing" in line and fix in line


def test_a_variant_may_have_sections_for_several_readers():
    start = {"start": {"from": "results/pretraining/{volume}/v/network.pt"}}
    both = GAN | {"unets": {"training": {"steps": 3}}}
    checked(
        edited(
            variants__v=both, arms__mixed__variant="v", data_sets__synthetic={"kind": "gan", "variant": "v"}
        )
    )
    pretrained = {
        "pretraining": {"hidden": "centre", "generator": {"base_width": 4}},
        "unets": {"training": start, "network": {"kind": "boundless", "boundless": {"base_width": 4}}},
    }
    checked(edited(variants__v=pretrained, arms__real__variant="v"))
    checked(edited(variants__nobodys=GAN))


def test_a_data_set_under_a_sweep_is_told_what_a_data_set_has():
    sweep = {"key": "gans.training.steps", "values": [600, 700]}
    line = only_problem(sweeps__long=sweep, data_sets__synthetic={"kind": "gan", "variant": "long"})
    assert "data_sets.synthetic.variant: the sweep `long`" in line and "like long-600" in line


def test_a_u_net_of_a_volume_that_is_no_target_is_never_made_to_start_from():
    line = only_problem(
        unets__training__start__from="results/unets/larva/real/budget-all/replicate-1/seed-1/network.pt"
    )
    assert "nothing makes it" in line and "copy it" in line


def documented(word):
    """The study of the demo with the example of docs/usage.md below the words in bold."""
    page = (PROJECT / "docs/usage.md").read_text()
    (block,) = re.findall(rf"\*\*{word}\*\*.*?```yaml\n(.*?)```", page, re.DOTALL)
    return study_in(merged(DEMO, yaml.safe_load(block)))


def test_the_documented_comparisons_compare_what_they_say():
    networks = documented("networks")
    assert {
        name: networks.configs[arm.variant]["unets"]["network"]["kind"] for name, arm in networks.arms.items()
    } == {"real": "unet", "boundless": "boundless"}
    assert networks.arms["real"].sets == networks.arms["boundless"].sets == {"real": 1}

    gans = documented("losses of a GAN")
    assert {name: arm.sets for name, arm in gans.arms.items()} == {
        "mixed": {"real": 0.5, "synthetic": 0.5},
        "hinge": {"real": 0.5, "hinge": 0.5},
    }
    losses = {
        name: gans.configs[one["variant"] or "base"]["gans"]["objective"]["real_or_fake"]["adversarial"]
        for name, one in gans.data_sets.items()
        if one["kind"] == "gan"
    }
    assert losses == {"synthetic": "bce", "hinge": "hinge"}
    assert gans.alike("hinge", "unets") == "base", "the arms' own networks are the same"

    sweep = documented("sweep")
    assert {
        name: sweep.configs[arm.variant]["unets"]["training"]["optimiser"]["learning_rate"]
        for name, arm in sweep.arms.items()
    } == {"real": 0.004, "rate-0.002": 0.002, "rate-0.008": 0.008}


def test_two_places_of_one_yaml_anchor_are_changed_apart():
    config = yaml.safe_load("{gans: &one {steps: 1, patch: 64}, unets: *one}")
    changed = merged(config, yaml.safe_load("{unets: {steps: 2}}"))
    assert changed == {"gans": {"steps": 1, "patch": 64}, "unets": {"steps": 2, "patch": 64}}
    assert config["unets"] == config["gans"] == {"steps": 1, "patch": 64}
