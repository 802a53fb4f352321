"""A small segmenter and what it learns from: an optimiser (PLAIN), `training` (TASK), and all (SEGMENTER)."""

from dataclasses import replace

import numpy as np
import yaml
from scipy import ndimage

from synthem.patches.places import PatchSet
from tests.shared.augment_settings import OFF
from tests.shared.kinds import of_kind
from tests.shared.project import PROJECT
from tests.shared.settings import optimiser

PLATEAU = {"kind": "plateau", "plateau": {"factor": 0.5, "patience": 5, "cuts": 4}}
PLAIN = optimiser(0.01, schedule="cosine") | {"ema": {"decay": 0, "warm_up": 10}}
AUGMENT = OFF | {"turn": True, "brightness": 0.2, "contrast": 0.2, "noise": 0.1}
# What tests are about; of losses that are added, what config.yaml says.
LOSS = yaml.safe_load((PROJECT / "config.yaml").read_text())["unets"]["training"]["loss"]
LOSS |= {"bce": 1, "dice": 1, "cldice": 0, "cldice_iterations": 4, "positive_weight": 1}
TASK = {
    "steps": 8,
    "batch_size": 4,
    "patch": 32,
    "precision": "fp32",
    "compile": False,
    "seed": 0,
    "optimiser": PLAIN,
    "loss": LOSS,
    "adversary": {"kind": "none"},
    "start": {"from": "", "layers": 0, "freeze_layers": 0},
    "validation": {"every": 4, "stop_after": 0, "keep": "last"},
    "augment": AUGMENT,
}
SEGMENTER = {
    "network": of_kind("unet", base_width=4, depth=2),
    "training": TASK | {"snapshots": []},
    "section": "unets",
}
# Changes, for `edited`
DEEP = {
    "network": of_kind("unet3d", base_width=4, isotropic=False, max_pool=True, patch_slices=4),
    "training__batch_size": 2,
}


def cell_labels(name, seed=0):
    """`discs`, of which every one is a cell: to learn affinities."""
    found = discs(name, seed)
    labels = ndimage.label(found.target, structure=ndimage.generate_binary_structure(3, 1))[0]
    steps = ((-1, 0, 0), (0, -1, 0), (0, 0, -1), (0, 0, -9))
    return PatchSet(name, found.image, labels=labels.astype(np.uint32), steps=steps)


def discs(name, seed=0):
    """Dark discs on a bright, noisy ground: 4 slices of 48 x 48."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:48, :48]
    centres = random.uniform(0, 48, (4, 5, 2))
    inside = [np.any([(y - cy) ** 2 + (x - cx) ** 2 < 36 for cy, cx in plane], axis=0) for plane in centres]
    target = np.array(inside, np.uint8)
    image = np.clip(180 - 80 * target + random.normal(0, 15, target.shape), 0, 255).astype(np.uint8)
    return PatchSet(name, image, target=target)


def half_known():
    """Unknown ground here and there: the loss of a batch is not the mean of those of its halves."""
    real = discs("real")
    return replace(
        real, ignore=(np.indices(real.target.shape).sum(axis=0) % 7 < real.target * 5).astype(np.uint8)
    )
