"""A user's cells, with nothing but what the run needs: no source, no membranes, no network for nobody."""

import json
import re
from html import unescape

import h5py
import numpy as np
import pytest
import tifffile
import torch
import yaml

from tests.shared.nano_workflow import jobs_in
from tests.shared.project import PUBLIC_DATA

NANO = "tests/nano/config.yaml"
IMAGE, CELLS = "tests/nano/data/image", "tests/nano/data/mitochondria.tif"
MEMBRANE = "tests/nano/data/truth.h5:membrane"
ISBI = PUBLIC_DATA / "isbi2012"
OF_A_SOURCE = {"make_phantom", "train_membranes", "predict_membranes", "assess_membranes", "draw_membranes"}
OF_GANS = {
    "train_gan",
    "make_masks",
    "generate_volume",
    "filter_volume",
    "export_synthetic",
    "draw_synthesis",
}


def my_config(project, masks, arms=("real",), *, image=IMAGE, voxel_size_nm=(5, 5, 5), **others):
    """my.yaml as a user writes it; the configs to run with."""
    volume = {"image": image, "masks": masks, "voxel_size_nm": list(voxel_size_nm)}
    config = {"targets": ["mine"], "structure": "cells", "volumes": {"mine": volume}}
    config["study"] = {"arms": list(arms), "replicates": 1, "explore": True}
    (project.folder / "my.yaml").write_text(yaml.safe_dump(config | others))
    return [NANO, "my.yaml"]


def run(project, *targets, config):
    done = project.run(*targets, config=config)
    assert done.returncode == 0, done.stdout
    return {rule for rule, _ in jobs_in(done)}


def text_of_page(project):
    page = (project.folder / "results/report/mine/index.html").read_text()
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page)))


def checked_volumes(project):
    return {row["volume"] for row in json.loads((project.folder / "results/checks/volumes.json").read_text())}


def test_cells_and_their_mask_alone_are_enough_for_real_data(project):
    config = my_config(project, {"cells": CELLS})
    rules = run(project, config=config)
    assert {"train_unet", "write_report"} <= rules and not rules & (OF_A_SOURCE | OF_GANS)
    for folder in ("phantoms", "membranes", "gans", "volumes/larva", "exports/larva"):
        assert not (project.folder / "results" / folder).exists()
    assert checked_volumes(project) == {"mine"}
    text = text_of_page(project)
    assert "Membranes" not in text and "How images were made" not in text  # none: not named
    above, found, _ = text.partition("What another laboratory needs")  # below it is the config
    assert found and not re.search(r"\b(generators?|GANs?|new masks)\b", above)
    assert "larva" not in text.split("Versions of libraries")[0] and "learnt membranes" not in text
    assert project.stale(config=config) == set()

    # Nothing of what is made of real data depends on a source, whatever is said of it.
    config = my_config(project, {"cells": CELLS}, source="nowhere")
    assert project.stale_rules(config=config) == {"record_provenance", "write_report"}


def test_a_source_that_does_not_know_the_structure_gives_membranes_all_the_same(project):
    config = my_config(project, {"cells": CELLS}, ["real", "mixed"])
    rules = run(project, "membranes", config=config)
    assert rules >= OF_A_SOURCE and "train_unet" not in rules
    network = torch.load(project.folder / "results/membranes/larva/base/network.pt", weights_only=True)
    assert network["arguments"]["in_channels"] == 1  # the image
    with h5py.File(project.folder / "results/membranes/mine/base/membrane.h5") as file:
        assert file["probability"].shape == (14, 64, 64) and np.ptp(file["probability"][...]) > 0
    assert project.stale("membranes", config=config) == set()

    # The name of a structure that the network does not see is nothing to it.
    config = my_config(project, {"nuclei": CELLS}, ["real", "mixed"]) + ["named.yaml"]
    (project.folder / "named.yaml").write_text("structure: nuclei\n")
    stale = project.stale_rules("membranes", config=config)
    assert "train_membranes" not in stale and "predict_membranes" in stale  # the volume holds another mask


@pytest.fixture
def isbi(project):
    """The project beside ten slices of 96 x 96 of real tissue."""
    if not (ISBI / "train-volume.tif").is_file():
        pytest.skip("ISBI 2012 is not on this machine")
    for name in ("volume", "labels"):
        crop = tifffile.imread(ISBI / f"train-{name}.tif")[:14, 100:196, 200:296]
        tifffile.imwrite(project.folder / f"{name}.tif", crop)
    return project


REAL_TISSUE = {"image": "volume.tif", "voxel_size_nm": (50, 4, 4)}


def test_real_cells_need_no_other_volume(isbi):
    config = my_config(isbi, {"cells": "labels.tif"}, **REAL_TISSUE)
    run(isbi, "volumes", config=config)
    planned = {rule for rule, _ in jobs_in(isbi.run("--dry-run", config=config))}
    assert {"train_unet", "write_report"} <= planned and not planned & (OF_A_SOURCE | OF_GANS)
    with h5py.File(isbi.folder / "results/volumes/mine/volume.h5") as volume:
        assert 0.6 < volume["masks/cells"][...].mean() < 0.9  # 78 % of the whole stack are no membrane


def test_real_cells_with_their_own_membranes_need_no_other_volume_for_a_generator(isbi):
    masks = {"cells": "labels.tif", "membrane": {"files": "labels.tif", "foreground": "dark"}}
    config = my_config(isbi, masks, ["real", "synthetic"], source="nowhere", **REAL_TISSUE)
    rules = run(isbi, config=config)
    assert rules >= OF_GANS | {"write_report"} and not rules & OF_A_SOURCE
    assert "came with membranes of its own" in text_of_page(isbi)
    assert checked_volumes(isbi) == {"mine"}
    with h5py.File(isbi.folder / "results/synthesis/mine/synthetic/budget-all/replicate-1/masks.h5") as masks:
        assert set(masks) >= {"cells", "membrane"} and masks["membrane"][...].mean() > 0.05


def test_a_generator_paints_on_the_structure_alone_where_it_is_told_to(project):
    config = my_config(
        project, {"cells": CELLS}, ["real", "synthetic"], source="nowhere", gans={"conditions": ["structure"]}
    )
    rules = run(project, "synthetic", config=config)
    assert rules == {"check_volumes", "ingest_volume"} | OF_GANS
    network = torch.load(
        project.folder / "results/gans/mine/base/budget-all/replicate-1/network.pt", weights_only=True
    )
    assert network["arguments"]["in_channels"] == 1
    with h5py.File(
        project.folder / "results/synthesis/mine/synthetic/budget-all/replicate-1/volume.h5"
    ) as volume:
        assert list(volume["masks"]) == ["cells"]


def test_no_network_is_made_where_a_target_has_its_membrane(project):
    config = my_config(project, {"cells": CELLS, "membrane": MEMBRANE}, ["real", "mixed"], source="nowhere")
    run(project, "check", config=config)
    planned = {rule for rule, _ in jobs_in(project.run("--dry-run", "synthetic", config=config))}
    assert planned >= OF_GANS - {"export_synthetic"}  # the filter decides what is exported
    assert not planned & OF_A_SOURCE
    assert not jobs_in(project.run("--dry-run", "membranes", config=config))


def test_a_run_that_nobody_can_give_membranes_says_what_to_do(project):
    config = my_config(project, {"cells": CELLS}, ["real", "mixed"], source="mine")
    done = project.run("check", config=config)
    assert done.returncode != 0
    assert "ERROR CONFIG_REFERENCE volumes.mine.masks: no mask `membrane` among cells" in done.stdout
    assert "set gans.conditions to [structure]" in done.stdout
