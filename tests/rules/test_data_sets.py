"""Data sets beside the real slices: what each is made of, who learns from it, and what reruns it."""

import json

import h5py
import numpy as np
import pytest

from synthem.config.data_sets import DATA_SETS
from synthem.storage.budgets import draw_of
from synthem.storage.splits import slice_numbers
from tests.shared.finished_runs import copy_of, made_once
from tests.shared.nano_workflow import copy_project, jobs_in

NANO = "tests/nano/config.yaml"
CONFIG = """
data_sets:
  pasted: {kind: copy_paste}
  bent: {kind: bent}
  copies: {kind: copies}
  mismatched: {kind: mismatched, of: synthetic}
  phantom: {kind: volume, volume: larva}
arms:
  pasted: {sets: {real: 0.75, pasted: 0.25}}
  bent: {sets: {real: 0.5, bent: 0.5}}
  copies: {sets: {real: 0.5, copies: 0.5}}
  mismatched: {sets: {real: 0.5, mismatched: 0.5}}
  phantom_first: {sets: {phantom: 1}, then: {real: 1}, switch: 0.5}
"""
ARMS = ("pasted", "bent", "copies", "mismatched", "phantom_first")
DRAW = "budget-{}/replicate-1"
RIVALS = ("pasted", "bent", "copies")


def data_set(name, budget="all"):
    return f"results/synthesis/hippocampus/{name}/{DRAW.format(budget)}/volume.h5"


def network(arm):
    return f"results/unets/hippocampus/{arm}/{DRAW.format('all')}/seed-1/network.pt"


NETWORKS = [network(arm) for arm in ARMS]


@pytest.fixture(scope="session")
def finished_sets(tmp_path_factory):
    """One replicate with an arm for each kind of data set: their networks, and pictures of the rivals."""
    pytest.importorskip("torch")

    def make(folder):
        sets = copy_project(folder)
        sets.edit(NANO, "study: {", f"{CONFIG}\nstudy: {{")
        sets.edit(NANO, "replicates: 2", f"arms: [real, {', '.join(ARMS)}], replicates: 1")
        pictures = [f"results/figures/pairs/hippocampus/{name}/{DRAW.format('all')}.png" for name in RIVALS]
        done = sets.run(network("real"), *NETWORKS, *pictures)
        assert done.returncode == 0, done.stdout

    return made_once(tmp_path_factory, "finished_sets", make)


@pytest.fixture
def sets(finished_sets, tmp_path):
    return copy_of(finished_sets, tmp_path / "sets")


def test_each_data_set_is_made_of_the_labelled_slices_alone_and_says_how(finished_sets):
    draw = draw_of(
        finished_sets.folder / "results/volumes/hippocampus/volume.h5",
        budget="all",
        replicate=1,
        strategy="spread",
        validation=0.25,
    )
    learnt = slice_numbers(draw.train)
    kinds = {"pasted": "copy_paste", "bent": "bent", "copies": "copies", "mismatched": "mismatched"}
    assert {*kinds.values(), "gan", "volume"} == set(DATA_SETS), "each kind that has slices of its own"
    for name, kind in kinds.items():
        with h5py.File(finished_sets.folder / data_set(name)) as file:
            provenance = json.loads(file.attrs["provenance"])
            assert provenance["origin"] == kind and set(provenance["source_slices"]) <= set(learnt)
            assert len(provenance["source_slices"]) == len(file["image"]) == len(file["masks/mitochondria"])
            if name == "copies":
                assert provenance["source_slices"] == learnt


def test_an_arm_learns_from_the_files_of_its_data_sets(finished_sets):
    for arm in ARMS[:4]:
        record = json.loads((finished_sets.folder / network(arm)).with_name("provenance.json").read_text())
        assert data_set(arm) in record["inputs"]
    networks = {(finished_sets.folder / path).read_bytes() for path in [*NETWORKS, network("real")]}
    assert len(networks) == len(ARMS) + 1


def test_the_shares_of_one_arm_concern_no_other(sets):
    sets.edit(NANO, "{real: 0.75, pasted: 0.25}", "{real: 0.7, pasted: 0.3}")
    assert sets.stale(*NETWORKS) == {("train_unet", network("pasted"))}


def test_when_sets_follow_others_concerns_their_arm_alone(sets):
    sets.edit(NANO, "then: {real: 1}, switch: 0.5", "then: {real: 1}, switch: 0.75")
    assert sets.stale(*NETWORKS) == {("train_unet", network("phantom_first"))}


@pytest.mark.parametrize(
    ("old", "new", "made"),
    [
        ("elastic_nm: 60", "elastic_nm: 50", {"bent"}),
        ("masks: {slices: 4}", "masks: {slices: 5}", {"bent", "pasted"}),
    ],
    ids=["bending", "number of slices"],
)
def test_settings_of_masks_rerun_the_data_sets_that_use_them(sets, old, new, made):
    sets.edit("config.yaml" if "elastic" in old else NANO, old, new)
    jobs = sets.stale(*(network(arm) for arm in ("pasted", "bent", "copies", "phantom_first")))
    rules = {"bent": "bend_pairs", "pasted": "paste_objects"}
    assert jobs == {(rules[name], data_set(name)) for name in made} | {
        ("train_unet", network(name)) for name in made
    }


@pytest.mark.parametrize(
    ("module", "rules"),
    [
        ("synthesis/pasting.py", {"paste_objects"}),
        ("synthesis/bending.py", {"bend_pairs"}),
        ("synthesis/pairs.py", {"paste_objects", "bend_pairs", "copy_pairs", "mismatch_pairs"}),
    ],
)
def test_an_edit_of_a_module_reruns_the_data_sets_that_reach_it(sets, module, rules):
    path = sets.folder / "workflow_scripts/synthem" / module
    path.write_text(path.read_text() + "\n\nADDED = 1\n")
    jobs = sets.stale(*NETWORKS)
    assert {rule for rule, _ in jobs} == rules | {"train_unet"}
    trained = {output for rule, output in jobs if rule == "train_unet"}
    of_rules = {
        "paste_objects": "pasted",
        "bend_pairs": "bent",
        "copy_pairs": "copies",
        "mismatch_pairs": "mismatched",
    }
    assert trained == {network(of_rules[rule]) for rule in rules}


def test_a_new_gan_concerns_the_control_that_is_made_of_its_images_and_no_rival(sets):
    sets.edit(
        NANO, "training: {steps: 6, batch_size: 2, patch: 64", "training: {steps: 7, batch_size: 2, patch: 64"
    )
    done = sets.run(*NETWORKS)
    jobs = jobs_in(done)
    assert {rule for rule, _ in jobs} == {
        "train_gan",
        "generate_volume",
        "filter_volume",
        "mismatch_pairs",
        "train_unet",
    }
    assert {output for rule, output in jobs if rule == "train_unet"} == {network("mismatched")}


def test_labels_beyond_the_budget_change_no_byte_of_a_rival(sets):
    sets.edit(NANO, "budgets: [all]", "budgets: [3]")
    targets = [data_set(name, budget=3) for name in RIVALS]
    done = sets.run(*targets)
    assert done.returncode == 0, done.stdout
    before = [(sets.folder / target).read_bytes() for target in targets]
    path = sets.folder / "results/volumes/hippocampus/volume.h5"
    draw = draw_of(path, budget=3, replicate=1, strategy="spread", validation=0.25)
    with h5py.File(path, "r+") as volume:
        others = np.setdiff1d(np.arange(len(volume["image"])), slice_numbers(draw.train))
        for name in ("image", "masks/mitochondria"):
            whole = volume[name][...]
            whole[others] = whole[others].max() - whole[others]
            volume[name][...] = whole
    done = sets.run(*targets)
    assert {rule for rule, _ in jobs_in(done)} == {"copy_pairs", "bend_pairs", "paste_objects"}
    assert [(sets.folder / target).read_bytes() for target in targets] == before
