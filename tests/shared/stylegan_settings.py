"""StyleGAN at a size for tests, as `train_stylegan` takes it."""

import numpy as np

from synthem.patches.places import PatchSet
from tests.shared.gan_settings import LEAVE_ALONE
from tests.shared.settings import optimisers

STYLEGAN = {
    "network": {"base_width": 16, "size": 8},
    "progressive": {"first_side": 0, "fade_steps": 1, "stable_steps": 1},
    "diff_augment": LEAVE_ALONE,
    "guards": {"every": 0, "first": 0, "in_a_row": 1, "on_failure": "stop"},
    "training": {
        "steps": 1,
        "snapshots": [],
        "batch_size": 4,
        "precision": "fp32",
        "seed": 0,
        "adversarial": "bce",
        "r1_weight": 10,
        "mixing": 0,
        "optimisers": optimisers(0.001, 0.001, (0.0, 0.99), {"decay": 0.9, "warm_up": 10}),
    },
}
# Changes, for `edited`: 8 pixels in steps 0 and 1; 16 from step 2 on, fading in until step 3.
GROWING = {
    "network": {"base_width": 4, "size": 16},
    "progressive": {"first_side": 8, "fade_steps": 2, "stable_steps": 2},
}
WASSERSTEIN = {"training__adversarial": "wasserstein", "training__r1_weight": 0}
EVERYTHING = {
    **GROWING,
    "training__mixing": 0.5,
    "diff_augment": {
        "changes": ["colour", "translation", "cutout"],
        "ada_target": 0.6,
        "ada_images": 8,
    },
    "guards": {"every": 2, "first": 2, "in_a_row": 9, "on_failure": "stop"},
    "training__precision": "bf16",
}


def blobs(colours=None):
    """Bright discs on a dark ground."""
    y, x = np.mgrid[:24, :24]
    random = np.random.default_rng(0)
    planes = [((y - a) ** 2 + (x - b) ** 2 < 40) * 160 + 40 for a, b in random.integers(6, 18, (4, 2))]
    image = np.stack(planes).astype(np.uint8)
    return PatchSet("blobs", image if colours is None else np.stack([image] * colours, axis=-1))
