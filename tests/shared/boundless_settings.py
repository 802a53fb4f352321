"""Boundless at a size for tests, as `train_boundless` takes it, and what it learns from."""

import numpy as np

from synthem.gans.boundless import boundless_trainer
from synthem.patches.places import PatchSet
from tests.shared.augment_settings import OFF
from tests.shared.settings import edited, optimisers, saving

BOUNDLESS = {
    "hidden": "right",
    "generator": {"base_width": 4},
    "discriminator": {"base_width": 2},
    "adversarial_weight": 0.01,
    "semantics": None,
    "training": {
        "steps": 1,
        "batch_size": 2,
        "patch": 33,
        "precision": "fp32",
        "seed": 0,
        "snapshots": [],
        "start": {"from": ""},
        "validation": {"every": 1000},
        "augment": OFF | {"turn": True},
        "optimisers": optimisers(0.003, 0.001, (0.5, 0.9), {"decay": 0, "warm_up": 10}),
    },
}


def waves(colours=None):
    y, x = np.mgrid[:60, :60]
    planes = np.stack([128 + 100 * np.sin((y + z * x) / 8) for z in range(4)]).astype(np.uint8)
    return PatchSet("waves", planes if colours is None else np.stack([planes] * colours, axis=-1))


def fit_boundless(
    folder, steps, examples=None, held_out=None, *, checkpoint_every=1, tensorboard=False, **changes
):
    settings = edited(BOUNDLESS, training__steps=steps, **changes)
    place = saving(folder, checkpoint_every, tensorboard=tensorboard)
    return boundless_trainer(examples or waves(), held_out, **settings).train(place)
