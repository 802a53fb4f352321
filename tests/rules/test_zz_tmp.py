"""Labels beyond the budget change no byte of a network, a new mask or a painted image: a whole run, twice."""

import json

import h5py
import numpy as np
import pytest
import tifffile

from synthem.storage.budgets import draw_slices
from synthem.storage.splits import slice_numbers

NANO, DATA = "tests/nano/config.yaml", "tests/nano/data"
# 14 slices: train 0-8, test 10-13. The stack of its own that joins the train block follows: 14-17.
BLOCKS = {"train": ((0, 9), (14, 18)), "test": ((10, 14),)}
RUN = {"budget": 4, "replicate": 1, "strategy": "spread", "validation": 0.25}
WANTED = [f"results/unets/mine/{arm}/budget-4/replicate-1/seed-1/network.pt" for arm in ("real", "mixed")]
LEARNT = ("membranes", "gans", "synthesis", "unets")
# They tell what they are made from, or show places that nothing has learnt.
OTHERS = ("provenance.json", "membrane.h5", "quality.json")


def write_labels(folder, *, seed, kept):
    """Random labels of all kinds in all volumes, but for these slices of the target."""
    random = np.random.default_rng(seed)

    def masks(*shape):  # blocks of 8 x 8 pixels
        return np.kron(random.random((shape[0], 8, 8)) < 0.3, np.ones((1, 8, 8))).astype(np.uint8) * 255

    drawn = tifffile.imread(folder / "mitochondria.tif") if (folder / "more.tif").exists() else None
    target = masks(18)
    if drawn is not None:
        before = np.concatenate([drawn, tifffile.imread(folder / "more_mito.tif")])
        target[kept] = before[kept]
    tifffile.imwrite(folder / "mitochondria.tif", target[:14], photometric="minisblack")
    tifffile.imwrite(folder / "more_mito.tif", target[14:], photometric="minisblack")
    with h5py.File(folder / "neurites.h5", "w") as file:
        file["neurites"] = random.integers(0, 9, (8, 64, 64)).astype(np.uint16)


def learnt(workflow):
    files = workflow.files(*LEARNT)
    return {path: held for path, held in files.items() if not path.endswith(OTHERS)}


def test_a_run_on_scrambled_labels_beyond_the_budget_makes_the_same_bytes(project):
    pytest.importorskip("torch")
    draw = draw_slices(BLOCKS, **RUN)
    kept = slice_numbers(draw.labelled)
    assert draw.validation and any(z >= 14 for z in kept) and any(z < 9 for z in kept)
    data = project.folder / DATA
    write_labels(data, seed=1, kept=kept)
    noise = np.random.default_rng(3).integers(0, 4096, (4, 64, 64)).astype(np.uint16)
    tifffile.imwrite(data / "more.tif", noise, photometric="minisblack")
    volumes = {
        "mine": {
            "image": f"{DATA}/image",
            "masks": {"mitochondria": f"{DATA}/mitochondria.tif"},
            "validation": {
                "image": f"{DATA}/more.tif",
                "masks": {"mitochondria": f"{DATA}/more_mito.tif"},
            },
            "voxel_size_nm": [5, 5, 5],
        },
        "larva": {"labels": {"neurites": f"{DATA}/neurites.h5:neurites"}},
    }
    (project.folder / "mine.json").write_text(json.dumps({"targets": ["mine"], "volumes": volumes}))
    project.edit(NANO, "replicates: 2", "arms: [real, mixed], replicates: 1")
    project.edit(NANO, "budgets: [all]", "budgets: [4]")
    first = project.run(*WANTED, config=[NANO, "mine.json"])
    assert first.returncode == 0, first.stdout
    before = learnt(project)
    assert {path.partition("/")[0] for path in before} == set(LEARNT)

    write_labels(data, seed=2, kept=kept[1:])
    again = project.run(*WANTED, config=[NANO, "mine.json"])
    assert again.returncode == 0, again.stdout
    for rule in ("train_membranes", "train_gan", "make_masks", "train_unet"):
        assert f"rule {rule}:" in again.stdout
    after = learnt(project)
    assert after.keys() == before.keys()
    assert [path for path in before if after[path] != before[path]] == []
