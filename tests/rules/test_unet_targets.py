"""Networks that learn in 3-D, and from instances: real ones and those of synthetic slices."""

import h5py
import numpy as np
import tifffile
import torch
from scipy import ndimage

NETWORK = "results/unets/hippocampus/{}/budget-all/replicate-1/seed-1/network.pt"
NANO = "tests/nano/config.yaml"


def test_a_network_in_3d_learns_from_real_volumes(project):
    (project.folder / "deep.yaml").write_text(
        "study: {arms: [real], replicates: 1}\n"
        "unets:\n"
        "  network: {kind: unet3d, unet3d: {base_width: 2, patch_slices: 4}}\n"
        "  training: {batch_size: 1}\n"
    )
    target, configs = NETWORK.format("real"), [NANO, "deep.yaml"]
    done = project.run(target, config=configs)
    assert done.returncode == 0, done.stdout
    saved = torch.load(project.folder / target, weights_only=True)
    assert saved["name"] == "unet3d" and saved["weights"]["head.weight"].shape[2:] == (1, 5, 5)
    history = (project.folder / target).with_name("history.csv").read_text().splitlines()
    assert len(history) == 1 + 6

    project.edit("deep.yaml", "patch_slices: 4", "patch_slices: 6")
    assert project.stale_rules(target, config=configs) == {"train_unet"}
    project.edit("deep.yaml", "arms: [real]", "arms: [real, mixed]")
    done = project.run(target, config=configs)
    assert done.returncode != 0
    assert "ERROR CONFIG_VALUE arms.mixed.sets: `synthetic`, whose slices do not form a volume" in done.stdout


def test_affinities_are_learnt_from_real_and_synthetic_instances(project):
    mask = tifffile.imread(project.folder / "tests/nano/data/mitochondria.tif")
    with h5py.File(project.folder / "cells.h5", "w") as file:
        file["cells"] = ndimage.label(mask)[0].astype(np.uint32)
    (project.folder / "instances.yaml").write_text(
        "volumes: {hippocampus: {labels: {mitochondria: 'cells.h5:cells'}}}\n"
        "unets: {target: {kind: affinities}}\n"
    )
    targets, configs = [NETWORK.format(arm) for arm in ("mixed", "synthetic")], [NANO, "instances.yaml"]
    done = project.run(*targets, config=configs)
    assert done.returncode == 0, done.stdout
    for target in targets:
        saved = torch.load(project.folder / target, weights_only=True)
        assert saved["arguments"]["out_channels"] == 12
    with h5py.File(
        project.folder / "results/synthesis/hippocampus/synthetic/budget-all/replicate-1/volume.h5"
    ) as volume:
        labels, found = volume["labels/mitochondria"][...], volume["masks/mitochondria"][...]
        assert labels.dtype == np.uint32 and labels.any() and not volume.attrs["linked"]
        assert ((labels > 0) == found).mean() > 0.95

    assert project.stale_rules(*targets, config=configs) == set()
    project.edit("instances.yaml", "affinities", "boundaries")
    assert project.stale_rules(*targets, config=configs) == {"train_unet"}
    done = project.run(targets[0], config=configs)
    assert done.returncode == 0, done.stdout
    saved = torch.load(project.folder / targets[0], weights_only=True)
    assert saved["arguments"]["out_channels"] == 1
