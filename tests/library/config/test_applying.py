import os

import pytest

from synthem.config.applying import stack_in
from synthem.config.entries import filled_in
from tests.shared.demo_config import checked, edited, only_problem

IMAGE = {"mine": "whole.tif"}
LABELS = {"volumes__hippocampus__labels": {"mitochondria": "labels.h5:mitochondria"}}


def test_a_plain_text_is_the_image_of_a_stack():
    stacks = checked(edited(apply__stacks=IMAGE | {"other": {"image": "b.tif", "resample": True}}))
    mine, other = (stacks["apply"]["stacks"][name] for name in ("mine", "other"))
    assert mine["image"] == "whole.tif" and not mine["resample"] and not mine["voxel_size_nm"]
    assert other == mine | {"image": "b.tif", "resample": True}


@pytest.mark.parametrize(
    ("file", "which"),
    [
        ("data/a.tif", "image"),
        ("./data/../data/a.tif", "image"),
        (os.path.abspath("data/b"), "test"),
        ("data/b/", "test"),
        ("data/b.h5:raw", "none"),
        ("data/a_mask.tif", "none"),
    ],
)
def test_a_stack_is_known_again_as_one_of_the_targets_own(file, which):
    test = {"image": "data/b", "masks": {"mito": "data/b_mask"}}
    entry = filled_in(
        "mine", {"image": "data/a.tif", "masks": {"mito": "data/a_mask.tif"}, "test": test}, "mito"
    )
    assert stack_in(entry, {"image": file}) == which


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            {"apply__arm": "rael"},
            "REFERENCE apply.arm: `rael` (expected one of real, mixed, synthetic). Fix: did",
        ),
        ({"apply__target": "hipocampus"}, "REFERENCE apply.target: `hipocampus`"),
        ({"apply__stacks": {"larva": "a.tif"}}, "VALUE apply.stacks.larva: the name of a volume"),
        ({"apply__stacks": {"a": "a.tif", "A": "b.tif"}}, "VALUE apply.stacks: `A` and `a`, the same but"),
        ({"apply__replicates": 9}, "VALUE apply.replicates: 9 of 5 (expected at most 5)"),
        ({"apply__stacks": {"a": "results/phantoms/larv/image.tif"}}, "REFERENCE apply.stacks.a: `larv`"),
        ({"apply__formats": ["pairs"]}, "VALUE apply.formats"),
        ({"apply__networks": {"real": "a.zip"}}, "VALUE apply.networks.real: the name of an arm"),
        (
            {"targets": []},
            "VALUE targets: none (expected names below volumes). Fix: name one, or networks in",
        ),
        (
            {"targets": [], "apply__networks": {"a": "a.zip"}, "apply__arm": "real"},
            "VALUE apply.arm: `real`, without a target that trains it",
        ),
        (
            {"apply__networks": ["a.zip"]},
            "VALUE apply.networks: a list of 1: ['a.zip'] (expected keys with values). Fix: give each a "
            "name, like `networks: {mine: a.zip}`",
        ),
        (
            {"apply__stacks": "a.tif"},
            "VALUE apply.stacks: text 'a.tif' (expected keys with values). Fix: give it a name, like `st",
        ),
        (
            {
                "apply__stacks": {"a": {"image": "a.tif", "resample": True}},
                "unets__target__kind": "affinities",
                "watershed__method": "mutex",
                "watershed__tune_by": "voi",
                **LABELS,
            },
            "VALUE apply.stacks.a.resample: true, with networks that learn affinities",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(change, line):
    assert only_problem(**change).startswith(f"ERROR CONFIG_{line}")


def test_as_many_replicates_as_there_are_or_all_of_them_may_be_asked_for():
    checked(edited(apply__replicates=5))
    checked(edited(apply__replicates="all"))


def test_a_test_stack_that_nothing_can_score_is_segmented_as_a_stack_of_apply():
    """As nnU-Net's imagesTs, mostly."""
    config = checked(edited(volumes__hippocampus__test={"image": "test.tif"}))
    stack = config["apply"]["stacks"]["hippocampus-test"]
    assert (stack["image"], stack["test_of"], stack["resample"]) == ("test.tif", "hippocampus", False)
    assert stack["voxel_size_nm"] == config["volumes"]["hippocampus"]["voxel_size_nm"]
    assert not config["volumes"]["hippocampus"]["test"]  # so its own slices are scored
    assert stack["tiles"] is False
    tiles = {"test": {"image": "test"}, "tiles": True, "masks": {"mitochondria": "b"}, "image": "a"}
    tiled = checked(edited(volumes__hippocampus=tiles | {"voxel_size_nm": [5, 5, 5]}))
    assert tiled["apply"]["stacks"]["hippocampus-test"]["tiles"] is True


def test_a_test_stack_that_can_be_scored_is():
    masks = {"mitochondria": "true.tif"}
    test = {"image": "test.tif", "masks": masks}
    config = checked(edited(volumes__hippocampus__test=test, volumes__hippocampus__withheld={}))
    assert config["volumes"]["hippocampus"]["test"]["image"] == "test.tif"
    assert not config["apply"]["stacks"]


BESIDE = {"image": "a.tif", "masks": {"mitochondria": "b.tif"}, "voxel_size_nm": [5, 5, 5]}
UNSCORED = BESIDE | {"test": {"image": "test.tif"}}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"volumes__hippocampus": UNSCORED | {"resize": [64, 64]}}, "hippocampus"),
        ({"volumes__other": UNSCORED, "targets": ["hippocampus", "other"]}, "other"),
    ],
)
def test_a_test_stack_that_cannot_become_one_of_apply_is_refused_with_its_place(change, name):
    """Beside `resize`, and of a target whose networks are not applied."""
    line = only_problem(**change)
    assert f"volumes.{name}.test.masks: no mask `mitochondria`" in line
    assert "Fix: add it, or move the image to apply.stacks: there it is segmented and not scored." in line


def test_a_test_stack_with_another_mask_is_told_of_its_names():
    test = {"image": "test.tif", "masks": {"mito": "true.tif"}}
    line = only_problem(volumes__hippocampus=BESIDE | {"test": test})
    assert line.endswith("Fix: add it, rename the mask that shows it, or name another structure.")
