"""Budgets that leave no room for what a config asks, and networks that would see labels beyond them."""

import itertools
import os

import pytest

from synthem.config.checking import check_config
from synthem.config.labels import drawing_as_it_acts, validated_as_it_acts
from synthem.storage.budgets import draw_slices
from tests.shared.demo_config import SCHEMA, edited, only_problem, problems


@pytest.mark.parametrize(
    "key, value, found, instead",
    [
        ("validation.keep", "best", "best", "last"),
        ("validation.stop_after", 3, "3", "0"),
        ("optimiser.schedule.kind", "plateau", "plateau", "cosine"),
    ],
)
def test_a_budget_without_validation_slices_cannot_choose_by_validation_losses(key, value, found, instead):
    changed = {"unets__training__" + key.replace(".", "__"): value}
    line = only_problem(**changed, labels__budgets=[2, 3, "all"])
    assert line.startswith(
        f"ERROR CONFIG_CONTRADICTION unets.training.{key}: {found} with labels.budgets 3, "
    )
    assert f"(expected {instead})" in line and "raise labels.budgets" in line
    check_config(edited(**changed, labels__budgets=[4, "all"]), SCHEMA)  # a quarter of 4 is one


def test_a_grid_of_thresholds_needs_validation_slices():
    assert only_problem(watershed__grid=True).startswith(
        "ERROR CONFIG_CONTRADICTION watershed.grid: true with"
    )
    check_config(edited(watershed__grid=True, labels__budgets=["all"]), SCHEMA)


def test_a_variant_is_asked_for_itself():
    variants = {"careful": {"unets": {"training": {"validation": {"keep": "best"}}}}}
    arms = edited()["arms"] | {"careful": {"sets": {"real": 1}, "variant": "careful"}}
    changed = {"variants": variants, "arms": arms}
    line = only_problem(**changed, study__arms=["real", "careful"])
    assert line.startswith(
        "ERROR CONFIG_CONTRADICTION variants.careful.unets.training.validation.keep: best with"
    )
    check_config(edited(**changed), SCHEMA)  # nobody uses it


def test_a_3d_membrane_network_must_not_see_the_structure():
    deep = {"membranes__network": edited()["membranes"]["network"] | {"kind": "unet3d"}}
    (line,) = problems(edited(**deep))
    assert line.startswith("ERROR CONFIG_CONTRADICTION membranes.sees: the structure with unet3d")
    check_config(edited(**deep, membranes__sees=["image"]), SCHEMA)
    check_config(edited(**deep, study__arms=["real"]), SCHEMA)  # nobody asks for membranes


@pytest.mark.parametrize("kind", ["unets", "gans"])
def test_a_network_of_the_target_by_any_name_has_seen_its_labels(kind):
    path = f"results/{kind}/{{volume}}/real/budget-all/replicate-1/seed-1/network.pt"
    line = only_problem(unets__training__start__from=path)
    named = path.replace("{volume}", "hippocampus")
    assert line.startswith(f"ERROR CONFIG_CONTRADICTION unets.training.start.from: `{named}`, a network that")


@pytest.mark.parametrize(
    "path",
    [
        "results/exports/{volume}/real/budget-all/replicate-1/seed-1/network.safetensors",
        "results/exports/hippocampus/real/budget-all/replicate-1/seed-1/network.bioimageio.zip",
        "./results/unets/{volume}/real/budget-all/replicate-1/seed-1/network.pt",
        "results/../results/unets/hippocampus/real/budget-all/replicate-1/seed-1/network.pt",
        os.path.abspath("results/unets/hippocampus/real/budget-all/replicate-1/seed-1/network.pt"),
    ],
)
def test_nor_may_it_be_named_as_it_is_exported_or_by_another_path(path):
    line = only_problem(unets__training__start__from=path)
    assert line.startswith("ERROR CONFIG_CONTRADICTION unets.training.start.from: `")
    assert "network that has learnt from labels of the target" in line


def test_a_copy_of_a_shared_network_elsewhere_is_a_users_own_file():
    check_config(
        edited(unets__training__start__from="shared/results/exports/hippocampus/network.zip"), SCHEMA
    )


def test_membranes_of_the_source_by_the_name_of_its_volume_have_seen_no_label_of_the_target():
    path = "results/membranes/{volume}/base/network.pt"
    check_config(edited(membranes__training__start__from=path), SCHEMA)


def test_pre_training_behind_an_arm_is_told_nothing_of_labels_of_its_target():
    """`encoder` is the membrane network of the source, which learns from every labelled slice of that."""
    told = {"pretraining__semantics": "encoder", "targets": ["larva"]}
    starts = {
        "unets__network__kind": "boundless",
        "unets__training__start__from": "results/pretraining/{volume}/base/network.pt",
    }
    line = only_problem(**told, **starts, study__arms=["real"])
    assert line.startswith(
        "ERROR CONFIG_CONTRADICTION pretraining.semantics: `encoder`, that of `results/memb"
    )
    assert "larva/base/network.pt`, a network that has learnt from labels of the target" in line
    shown = {"gallery__pretraining": ["base"]}
    check_config(
        edited(**told, **shown, study__arms=["real"]), SCHEMA
    )  # to be looked at: no arm starts there
    check_config(
        edited(**told | {"targets": ["hippocampus"]}, **starts), SCHEMA
    )  # labels of the source alone
    variants = {"told": {"pretraining": {"semantics": "encoder"}}}
    starts["unets__training__start__from"] = "results/pretraining/larva/told/network.pt"
    line = only_problem(**starts, targets=["larva"], variants=variants, study__arms=["real"])
    assert line.startswith("ERROR CONFIG_CONTRADICTION variants.told.pretraining.semantics: `encoder`")


SHARES = [0, 0.1, 0.2, 0.25, 0.3, 0.34, 0.5, 0.9]


@pytest.mark.parametrize("budget", ["all", "1", "2", 3, 4, "6", "7", 10])
def test_settings_that_draw_the_same_slices_are_the_same_and_no_others(budget):
    """By what is drawn of 12 slices in two stacks; of `all` the strategies are, whatever the share."""
    blocks, acting = {"train": ((0, 7), (9, 14))}, {}
    for strategy, share in itertools.product(["spread", "random", "first"], SHARES):
        labels = {"strategy": strategy, "validation": share}
        own = drawing_as_it_acts(labels | {"budgets": [budget]}, budget)
        draws = [
            [draw_slices(blocks, budget=budget, replicate=number, **how) for number in range(1, 9)]
            for how in (labels, own)
        ]
        assert draws[0] == draws[1] and list(own) == ["validation", "strategy"]
        acting.setdefault(str(draws[0]), set()).add((own["strategy"], own["validation"]))
    shares = len(SHARES) if budget == "all" else 1
    assert all(len(same) <= shares for same in acting.values())
    assert len(set.union(*acting.values())) == sum(map(len, acting.values()))


@pytest.mark.parametrize(
    ("budget", "share", "validates"),
    [
        (3, 0.25, False),
        (4, 0.25, True),
        (1, 0.9, False),
        ("all", 0.25, True),
        ("all", 0, False),
        (50, 0, False),
    ],
)
def test_how_often_a_network_is_validated_is_no_setting_of_one_without_slices_for_it(
    budget, share, validates
):
    def acting(every):
        validation = {"every": every, "stop_after": 0, "keep": "last"}
        section = {"network": {"kind": "unet"}, "training": {"steps": 9, "validation": validation}}
        draw = drawing_as_it_acts({"strategy": "spread", "validation": share}, budget)
        return section, validated_as_it_acts(section, draw)

    (section, own), (_, other) = acting(50), acting(20)
    assert (own != other) == validates
    assert own == section if validates else own["training"]["validation"]["every"] == 0
