"""Generators of one run that see different masks: each its own, and a change of one concerns no other."""

import json

import h5py
import pytest

from tests.shared.finished_runs import copy_of, made_once
from tests.shared.nano_workflow import copy_project

NANO = "tests/nano/config.yaml"
SETS = """
gans: {conditions: [structure, membrane], one_hot: true}
data_sets:
  classes: {kind: gan}
  alone: {kind: gan, variant: alone}
  mapped: {kind: gan, variant: mapped}
arms:
  classes: {sets: {classes: 1}}
  alone: {sets: {alone: 1}}
  mapped: {sets: {mapped: 1}}
variants:
  alone: {gans: {conditions: [structure], one_hot: false}}
  mapped: {gans: {conditions: [structure, "structure:otsu"], one_hot: false}}
study: {arms: [real, classes, alone, mapped], replicates: 1, explore: true}
"""
SEEN = {
    "classes": ["mitochondria", "membrane"],
    "alone": ["mitochondria"],
    "mapped": ["mitochondria", "structure-otsu"],
}
CHANNELS = {"classes": 3, "alone": 1, "mapped": 2}  # background, mitochondria, membrane
VARIANTS = {"classes": "base", "alone": "alone", "mapped": "mapped"}
DRAW = "budget-all/replicate-1"
CONFIG = [NANO, "conditions.yaml"]


def file_of(data_set, name):
    return f"results/synthesis/hippocampus/{data_set}/{DRAW}/{name}"


def network_of(data_set):
    return f"results/gans/hippocampus/{VARIANTS[data_set]}/{DRAW}/network.pt"


FILES = [file_of(name, "decision.json") for name in SEEN]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    pytest.importorskip("torch")

    def make(folder):
        made = copy_project(folder)
        (made.folder / "conditions.yaml").write_text(SETS)
        done = made.run(*FILES, config=CONFIG)
        assert done.returncode == 0, done.stdout[-6000:]

    return made_once(tmp_path_factory, "finished_conditions", make)


def test_each_generator_is_given_its_own_masks(finished):
    from synthem.networks.registry import GENERATORS
    from synthem.networks.saving import load_network

    for name, masks in SEEN.items():
        with h5py.File(finished.folder / file_of(name, "masks.h5")) as file:
            assert sorted(set(file) - {"labels"}) == sorted(masks)
        with h5py.File(finished.folder / file_of(name, "volume.h5")) as file:
            assert sorted(file["masks"]) == sorted(masks)
        generator = load_network(finished.folder / network_of(name), GENERATORS)
        first = next(part for part in generator.parameters() if part.ndim == 4)
        assert first.shape[1] == CHANNELS[name] + generator.noise_channels


def test_real_slices_are_repainted_on_the_maps_of_their_own_images(finished):
    with h5py.File(finished.folder / file_of("mapped", "repainted.h5")) as file:
        shown, slices = file["masks/structure-otsu"][...], json.loads(file.attrs["provenance"])
    with h5py.File(finished.folder / "results/volumes/hippocampus/volume.h5") as file:
        images = [file["image"][z] for z in slices["source_slices"]]
    for dark, image in zip(shown == 1, images, strict=True):
        assert image[dark].max() <= image[~dark].min()  # a threshold of this image parts the two


def test_another_structure_map_concerns_its_own_generator_alone(finished, tmp_path):
    changed = copy_of(finished, tmp_path / "changed")
    assert changed.stale(*FILES, config=CONFIG) == set()
    changed.edit("conditions.yaml", "structure:otsu", "structure:adaptive")
    stale = changed.stale(*FILES, config=CONFIG)
    assert {rule for rule, _ in stale} == {"make_masks", "train_gan", "generate_volume", "filter_volume"}
    assert all("/mapped/" in output for _, output in stale), stale


def test_classes_are_of_the_networks_and_make_no_new_masks(finished, tmp_path):
    changed = copy_of(finished, tmp_path / "classes")
    changed.edit("conditions.yaml", "one_hot: true", "one_hot: false")
    stale = changed.stale(*FILES, config=CONFIG)
    assert {rule for rule, _ in stale} == {"train_gan", "generate_volume", "filter_volume"}
    assert all("/base/" in output or "/classes/" in output for _, output in stale), stale
