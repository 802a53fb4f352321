"""Which volumes and networks a run needs: configs by hand, each with what follows from its words."""

import pytest

from synthem.config.needs import (
    folds_of_one_stack,
    masks_beside,
    membrane_predictions,
    membranes_from,
    other_networks,
)
from tests.shared.demo_config import checked, edited, only_problem, problems, study_in
from tests.shared.settings import DELETED

OWN = {"image": "a.tif", "masks": {"cells": "c.tif"}}
WITH_MEMBRANE = {**OWN, "masks": {"cells": "c.tif", "membrane": "m.tif"}}


def mine(volume=OWN, arms=("real",), source="larva", **others):
    """The demo's config for a user's volume with a structure that the source does not know."""
    changes = {"targets": ["mine"], "volumes__mine": volume, "structure": "cells", "source": source}
    return edited(**changes, study__arms=list(arms), **others)


def needs(config):
    """(origin of membranes, networks of others, volumes in their order)"""
    volumes, study = checked(config)["volumes"], study_in(config)
    origins = [membranes_from(study.configs["base"], volumes, "mine") for _ in study.of_kind("gan")]
    predicted = [("mine", "base")] if origins == ["source"] else []
    assert membrane_predictions(study, volumes) == predicted
    return next(iter(origins), "none"), other_networks(study, volumes), list(volumes)


MEMBRANES, PRETRAINING = ("membranes", "larva", "base"), ("pretraining", "larva", "base")
START = "results/pretraining/larva/base/network.pt"
BOUNDLESS = {"unets__network__kind": "boundless"}  # as wide as what it starts from


@pytest.mark.parametrize("source", ["larva", "nowhere", "mine"])
def test_real_data_alone_asks_nothing_of_a_source(source):
    assert needs(mine(source=source)) == ("none", [], ["mine"])


def test_synthetic_data_asks_the_source_for_membranes():
    assert needs(mine(arms=["real", "mixed"])) == ("source", [MEMBRANES], ["larva", "mine"])


@pytest.mark.parametrize("source", ["larva", "nowhere", "mine"])
def test_a_target_with_membranes_needs_no_source(source):
    assert needs(mine(WITH_MEMBRANE, arms=["real", "mixed"], source=source)) == ("target", [], ["mine"])


def test_a_generator_of_the_structure_alone_needs_no_membrane_from_anyone():
    for volume in (OWN, WITH_MEMBRANE):
        assert needs(mine(volume, arms=["real", "mixed"], gans__conditions=["structure"])) == (
            "none",
            [],
            ["mine"],
        )


def test_a_layout_may_bring_the_membrane():
    volume = {"layout": "isbi2012", "folder": "data"}
    config = mine(volume, arms=["real", "synthetic"])
    assert needs(config | {"structure": "neurites"}) == ("target", [], ["mine"])


def test_the_source_is_read_for_a_network_that_others_start_from():
    config = mine(unets__training__start__from=START, **BOUNDLESS)
    assert needs(config) == ("none", [PRETRAINING], ["larva", "mine"])
    config["pretraining"] = {**config["pretraining"], "semantics": "encoder"}
    assert needs(config) == ("none", [PRETRAINING, MEMBRANES], ["larva", "mine"])


def test_a_generator_may_start_from_that_of_another_volume_which_needs_its_masks_then():
    start = {"gans__training__start__from": "results/gans/larva/base/budget-all/replicate-1/network.pt"}
    assert needs(mine(**start)) == ("none", [], ["mine"])  # no arm has a generator
    (line,) = problems(mine(WITH_MEMBRANE, ["real", "mixed"], **start))
    assert "volumes.larva.masks: no mask `cells`" in line and "gans.training.start.from" in line
    known = mine(WITH_MEMBRANE, ["real", "mixed"], **start)
    known["volumes"]["larva"]["masks"]["cells"] = "b.tif"
    assert needs(known) == ("target", [("gans", "larva", "base")], ["larva", "mine"])


def test_a_network_may_start_from_one_of_a_third_volume():
    third = {
        "volumes__third": {"image": "b.tif"},
        "unets__training__start__from": START.replace("larva", "third"),
        **BOUNDLESS,
    }
    assert needs(mine(**third)) == ("none", [("pretraining", "third", "base")], ["third", "mine"])
    third["volumes__third"] = DELETED
    config = mine(unets__training__start__from=third["unets__training__start__from"], **BOUNDLESS)
    assert any("CONFIG_REFERENCE results/pretraining/third: `third`" in line for line in problems(config))


def test_a_network_may_start_from_one_of_its_own_volume():
    config = mine(unets__training__start__from=START.replace("larva", "{volume}"), **BOUNDLESS)
    assert needs(config) == ("none", [("pretraining", "mine", "base")], ["mine"])
    config["targets"] = ["mine", "other"]
    config["volumes"]["other"] = {"image": "b.tif", "masks": {"cells": "d.tif"}}
    networks = [("pretraining", "mine", "base"), ("pretraining", "other", "base")]
    assert other_networks(study_in(config), checked(config)["volumes"]) == networks
    config["pretraining"]["training"]["start"]["from"] = START.replace("larva", "{volume}")  # itself
    assert other_networks(study_in(config), checked(config)["volumes"]) == networks


def test_a_network_that_starts_from_itself_ends_the_search():
    config = mine(unets__training__start__from=START, **BOUNDLESS)
    config["pretraining"]["training"]["start"]["from"] = START
    assert needs(config) == ("none", [PRETRAINING], ["larva", "mine"])


def test_who_could_give_the_membrane_is_told_where_nobody_has_one():
    changes = {"targets": ["mine"], "volumes__mine": OWN, "structure": "cells", "source": "mine"}
    line = only_problem(**changes)
    assert line.startswith("ERROR CONFIG_REFERENCE volumes.mine.masks: no mask `membrane` among cells")
    assert "a mask `membrane`" in line and "gans.conditions to [structure]" in line
    assert "source: `nowhere`" in only_problem(**changes | {"source": "nowhere"})


def test_the_structure_is_seen_beside_the_image_where_the_source_has_it():
    larva = checked(edited())
    entry = larva["volumes"]["larva"]
    assert masks_beside(larva, entry) == ["mitochondria"]
    assert masks_beside(larva | {"structure": "cells"}, entry) == []
    assert masks_beside(checked(edited(membranes__sees=["image"])), entry) == []


def test_the_words_for_what_a_network_sees_are_told():
    assert "(expected one of `[image, structure]`, `[image]`)" in only_problem(membranes__sees=["structure"])


def test_targets_with_another_fold_each_may_be_one_stack_unless_one_teaches_the_others():
    stack = {"image": "a.tif", "masks": {"cells": "c.tif"}}
    volumes = {f"volumes__{name}": stack | {"fold": fold} for name, fold in (("a", 1), ("b", 2), ("c", 2))}
    volumes |= {"volumes__d": stack | {"fold": 0}, "volumes__e": stack}  # 0 tests the last block, as 2 does
    volumes |= {"targets": ["a", "b", "c", "d", "e"], "structure": "cells", "split__test": 0.5}

    found = [("a", "b"), ("a", "c"), ("a", "d")]

    def folds(**others):
        config = edited(**volumes, **others)
        return folds_of_one_stack(study_in(config), checked(config)["volumes"])

    assert folds(study__arms=["real"]) == found
    assert folds(study__arms=["real", "mixed"], source="larva", gans__conditions=["structure"]) == found
    start = START.replace("larva", "a")
    assert folds(study__arms=["real"], unets__training__start__from=start, **BOUNDLESS) == []


def test_folds_of_one_stack_may_be_trained_for_themselves_first():
    """Each fold's own pre-training sees no image of its test block, and serves no other fold."""
    stack = {"image": "a.tif", "masks": {"cells": "c.tif"}}
    volumes = {f"volumes__{name}": stack | {"fold": fold} for name, fold in (("a", 1), ("b", 2))}
    volumes |= {"targets": ["a", "b"], "structure": "cells", "split__test": 0.5, "study__arms": ["real"]}
    own = {"unets__training__start__from": START.replace("larva", "{volume}"), **BOUNDLESS}

    def folds(**others):
        config = edited(**volumes, **own, **others)
        return folds_of_one_stack(study_in(config), checked(config)["volumes"])

    assert folds() == [("a", "b")]
    assert folds(gallery__pretraining=["base"]) == [("a", "b")]
    first = "results/pretraining/a/base/network.pt"
    assert (
        folds(pretraining__training__start__from=first) == []
    )  # b goes on from a, which has seen b's test block
