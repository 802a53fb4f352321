"""Masks that generators see: configs by hand, each with what follows from its words."""

import pytest

from synthem.config.needs import membrane_predictions
from tests.shared.demo_config import checked, edited, only_problem, problems, study_in

OWN = {"image": "a.tif", "masks": {"cells": "c.tif", "membrane": "m.tif", "synapses": "s.tif"}}


def mine(volume=OWN, compared=("real", "mixed"), **others):
    changes = {"targets": ["mine"], "volumes__mine": volume, "structure": "cells", "source": "mine"}
    return edited(**changes | others, study__arms=list(compared))


@pytest.mark.parametrize(
    "words",
    [
        ["structure"],
        ["structure", "structure:otsu"],
        ["structure", "structure:canny", "membrane", "structure:fixed", "structure:adaptive"],
    ],
)
def test_masks_and_structure_maps_may_be_mixed(words):
    gans = checked(edited(gans__conditions=words))["gans"]
    assert gans["conditions"] == words and gans["one_hot"] is False


def test_any_mask_of_the_targets_may_be_seen_in_classes_too():
    checked(mine(gans__conditions=["structure", "membrane", "synapses"], gans__one_hot=True))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["membrane"], "CONFIG_VALUE gans.conditions: `membrane` as the first (expected `structure`)"),
        ([], "CONFIG_VALUE gans.conditions: a list of 0: [] (expected"),
        (["structure", "structure"], "CONFIG_VALUE gans.conditions: text 'structure' more than once"),
        (["structure", "mitochondria"], "CONFIG_VALUE gans.conditions: `mitochondria`, the structure of"),
        (["structure", "structure:otsuu"], "CONFIG_REFERENCE gans.conditions: `structure:otsuu` (expected"),
        (["structure", "synapses"], "CONFIG_REFERENCE gans.conditions: `synapses`, no mask of hippocampus"),
    ],
)
def test_words_that_mean_nothing_are_errors(words, expected):
    assert only_problem(gans__conditions=words).startswith(f"ERROR {expected}")


def test_a_misspelt_mask_or_map_is_told():
    assert "did you mean `structure:otsu`" in only_problem(gans__conditions=["structure", "structure:ostu"])
    (line,) = problems(mine(OWN, gans__conditions=["structure", "membrane", "synapses", "synapse"]))
    assert "Fix: did you mean `synapses`" in line


def test_who_segments_membranes_is_told_how():
    membranes = {"files": "m.tif", "foreground": "dark"}
    (line,) = problems(mine({"image": "a.tif", "masks": {"membrane": membranes}}, structure="membrane"))
    assert line.startswith("ERROR CONFIG_REFERENCE structure: `membrane`, what generators paint on")
    assert "`membranes`" in line and "`gans: {conditions: [structure]}`" in line
    advised = {"structure": "membranes", "gans__conditions": ["structure"]}
    checked(mine({"image": "a.tif", "masks": {"membranes": membranes}}, **advised))


def test_a_structure_map_is_no_class():
    line = only_problem(gans__conditions=["structure", "structure:otsu"], gans__one_hot=True)
    assert line.startswith("ERROR CONFIG_CONTRADICTION gans.one_hot: true with structure:otsu")


def test_oasis_makes_classes_of_masks_itself():
    kinds = {"generator": "spade", "discriminator": "oasis", "objective": "classes"}
    oasis = {f"gans__{part}__kind": kind for part, kind in kinds.items()}
    line = only_problem(**oasis, gans__one_hot=True)
    assert line.startswith("ERROR CONFIG_CONTRADICTION gans.one_hot: true with gans.objective.kind: classes")


def test_a_mask_that_nobody_uses_is_an_error_where_a_generator_is_trained():
    (line,) = problems(mine())
    assert line.startswith("ERROR CONFIG_CONTRADICTION volumes.mine.masks.synapses: a mask that nothing")
    assert "name it in gans.conditions, or remove it" in line
    checked(mine(compared=["real"]))
    checked(mine(gans__conditions=["structure", "synapses"]))  # to leave out the membrane is a choice


def test_a_mask_that_a_variant_uses_is_used_if_a_generator_has_the_variant():
    sees = {"all": {"gans": {"conditions": ["structure", "membrane", "synapses"]}}}
    arms = {"mixed": {"sets": {"real": 0.5, "other": 0.5}}, "real": {"sets": {"real": 1}}}
    sets = {"synthetic": {"kind": "gan"}, "other": {"kind": "gan", "variant": "all"}}
    checked(mine(variants=sees, arms=arms, data_sets=sets))
    sets["other"] = {"kind": "gan"}
    (line,) = problems(mine(variants=sees, arms=arms, data_sets=sets))
    assert "volumes.mine.masks.synapses" in line


def test_masks_that_come_with_a_layout_need_no_use():
    volume = {"layout": "vnc", "folder": "data"}
    checked(mine(volume, structure="mitochondria"))
    volume = {**volume, "masks": {"nuclei": "n.tif"}}
    (line,) = problems(mine(volume, structure="mitochondria"))
    assert "volumes.vnc" not in line and "volumes.mine.masks.nuclei" in line


@pytest.mark.parametrize("name", ["labels", "background"])
def test_a_mask_has_no_name_that_means_something_else_in_files_of_generators(name):
    volume = {"image": "a.tif", "masks": {"cells": "c.tif", name: "o.tif"}}
    (line,) = problems(mine(volume, gans__conditions=["structure", name]))
    assert line.startswith(f"ERROR CONFIG_VALUE volumes.mine.masks.{name}: a mask named `{name}`")


def test_a_mask_has_not_the_name_of_a_structure_map_that_is_used():
    volume = {"image": "a.tif", "masks": {"cells": "c.tif", "structure-otsu": "o.tif"}}
    (line,) = problems(mine(volume, gans__conditions=["structure", "structure-otsu", "structure:otsu"]))
    assert line.startswith("ERROR CONFIG_VALUE volumes.mine.masks.structure-otsu: a mask named")
    checked(mine(volume, gans__conditions=["structure", "structure-otsu", "structure:canny"]))


def test_data_sets_of_one_run_may_have_generators_of_different_conditions():
    """Mitochondria alone against both: only the one that sees membranes asks for their prediction."""
    variants = {"alone": {"gans": {"conditions": ["structure"]}}}
    arms = {"real": {"sets": {"real": 1}}, "both": {"sets": {"both": 1}}, "alone": {"sets": {"alone": 1}}}
    sets = {"both": {"kind": "gan"}, "alone": {"kind": "gan", "variant": "alone"}}
    study = {"variants": variants, "arms": arms, "data_sets": sets}

    def predictions(compared):
        config = edited(**study, study__arms=["real", *compared])
        return membrane_predictions(study_in(config), checked(config)["volumes"])

    assert predictions(["both", "alone"]) == predictions(["both"]) == [("hippocampus", "base")]
    assert predictions(["alone"]) == []


def test_a_misspelt_structure_is_one_problem():
    (line,) = problems(mine({"image": "a.tif", "masks": {"cell": "c.tif", "membrane": "m.tif"}}))
    assert "volumes.mine.masks: no mask `cells`" in line


def test_a_generator_of_the_gallery_uses_its_masks_and_is_asked_for_them():
    sets = {"synthetic": {"kind": "gan"}, "shown": {"kind": "gan", "variant": "all"}}
    shown = {"gallery__data_sets": ["shown"], "data_sets": sets, "compared": ["real"]}
    conditions = ["structure", "membrane", "synapses"]
    checked(mine(**shown, variants={"all": {"gans": {"conditions": conditions}}}))
    (line,) = problems(mine(**shown, variants={"all": {"gans": {"conditions": [*conditions, "glia"]}}}))
    assert line.startswith("ERROR CONFIG_REFERENCE variants.all.gans.conditions: `glia`, no mask of mine")
    (line,) = problems(mine(**shown, variants={"all": {"gans": {"conditions": conditions[:2]}}}))
    assert line.startswith("ERROR CONFIG_CONTRADICTION volumes.mine.masks.synapses")
