"""A small segmenter and what it learns from: a plain descent, a task, a whole training (SEGMENTER)."""

import numpy as np
from scipy import ndimage

from synthem.patches.places import PatchSet
from tests.shared.augment_settings import OFF
from tests.shared.kinds import of_kind

PLAIN = {
    "betas": [0.9, 0.999],
    "epsilon": 1e-8,
    "schedule": "cosine",
    "plateau": {"factor": 0.5, "patience": 5, "cuts": 4},
    "decay_from": 0.5,
    "clip_norm": 0,
    "ema": {"decay": 0, "warm_up": 10},
}
AUGMENT = OFF | {"turn": True, "brightness": 0.2, "contrast": 0.2, "noise": 0.1}
TASK = PLAIN | {
    "seed": 0,
    "batch_size": 4,
    "patch": 32,
    "patch_slices": 1,
    "loss": {"bce": 1, "dice": 1, "cldice": 0, "cldice_iterations": 4, "positive_weight": 1},
    "learning_rate": 0.01,
    "augment": AUGMENT,
    "precision": "fp32",
    "compile": False,
    "freeze_layers": 0,
}
SEGMENTER = {key: value for key, value in TASK.items() if key != "patch_slices"} | {
    "network": of_kind("unet", base_width=4, depth=2),
    "steps": 8,
    "start_from": "",
    "start_layers": 0,
    "validate_every": 4,
    "stop_after": 0,
    "keep": "last",
    "section": "unets",
    "fingerprint": "a",
    "checkpoint_every": 3,
    "tensorboard": False,
}
DEEP = {
    "network": of_kind("unet3d", base_width=4, isotropic=False, max_pool=True, patch_slices=4),
    "batch_size": 2,
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
