"""The systems of the papers at a size for tests, as `train_gan` takes them."""

import numpy as np

from synthem.patches.places import PatchSet
from tests.shared.kinds import of_kind
from tests.shared.settings import edited, of_both, optimisers

NOTHING = {
    "adversarial": "bce",
    "condition": True,
    "l1_weight": 0,
    "texture_weight": 0,
    "mode_seeking_weight": 0,
    "feature_matching_weight": 0,
    "r1_weight": 0,
}
U_NET = {"base_width": 4, "depth": 4, "dropout": 0.5, "noise_channels": 0}
PATCHES = {"base_width": 4, "scales": 1}
LEAVE_ALONE = {"changes": [], "ada_target": 0, "ada_images": 1000}
TRAINING = {
    "steps": 4,
    "batch_size": 2,
    "patch": 32,
    "precision": "fp32",
    "compile": False,
    "seed": 0,
    "start": {"from": ""},
    "optimisers": optimisers(0.002, 0.002, (0.5, 0.999), {"decay": 0, "warm_up": 10}),
}
GENTLE = of_both(learning_rate=1e-4)  # differences of rounding grow slowly


def real_or_fake(**weights):
    return of_kind("real_or_fake", **NOTHING | weights)


def system(generator, discriminator, objective, **changes):
    return edited(
        {
            "generator": generator,
            "discriminator": discriminator,
            "objective": objective,
            "diff_augment": LEAVE_ALONE,
            "guards": {"every": 0, "first": 0, "in_a_row": 1},
            "training": TRAINING,
        },
        **changes,
    )


def averaged(decay, warm_up):
    return {"training__optimisers__generator__ema": {"decay": decay, "warm_up": warm_up}}


PAPER_1 = system(
    of_kind("pix2pix", **U_NET),
    of_kind("patch70", **PATCHES | {"scales": 3}),
    real_or_fake(l1_weight=100),
)
PAPER_4 = system(
    of_kind("mode_seeking", **U_NET),
    of_kind("mode_seeking", base_width=1),
    real_or_fake(condition=False, l1_weight=10, mode_seeking_weight=10),
    training__batch_size=1,
)
PAPER_5 = system(
    of_kind("pix2pix_tutorial", **U_NET | {"noise_channels": 1}),
    of_kind("patch70_tutorial", **PATCHES),
    real_or_fake(l1_weight=100),
)
VANILLA = system(PAPER_5["generator"], of_kind("vanilla", base_width=4), real_or_fake(l1_weight=100))
SKIP_PATCH = system(
    PAPER_1["generator"],
    of_kind("skip_patch", **PATCHES),
    real_or_fake(adversarial="hinge", l1_weight=10, feature_matching_weight=10, r1_weight=1),
)
OASIS = system(
    of_kind("spade", base_width=2, depth=2, noise_channels=4),
    of_kind("oasis", base_width=2, depth=2),
    of_kind("classes", l1_weight=0, label_mix_weight=10),
    **averaged(0.99, 10),
)
WIDER = {  # OASIS learns squares so, without L1
    "generator__spade__base_width": 4,
    "training__optimisers__generator__learning_rate": 0.003,
    "training__optimisers__discriminator__learning_rate": 0.006,
}
RESIZED = system(
    of_kind("resize_unet", base_width=4, depth=4, noise_channels=1),
    PAPER_1["discriminator"],
    real_or_fake(l1_weight=10, texture_weight=1),
)
EVERYTHING = system(
    of_kind("pix2pix", **U_NET | {"noise_channels": 2}),
    PAPER_1["discriminator"],
    real_or_fake(adversarial="lsgan", l1_weight=1, texture_weight=1, mode_seeking_weight=1, r1_weight=1),
    diff_augment={"changes": ["colour", "translation", "cutout"], "ada_target": 0.6, "ada_images": 4},
    **of_both(schedule={"kind": "linear", "linear": {"decay_from": 0.5}}, clip_norm=1.0),
    **averaged(0.9, 10),
)
SYSTEMS = {
    "paper 1": PAPER_1,
    "paper 4": PAPER_4,
    "paper 5": PAPER_5,
    "paper 5, vanilla": VANILLA,
    "skip patch": SKIP_PATCH,
    "OASIS": OASIS,
    "the default": RESIZED,
    "everything at once": EVERYTHING,
}


def squares(name="real"):
    """Dark squares with a darker border on a bright ground."""
    random = np.random.default_rng(0)
    structure, membrane = np.zeros((2, 6, 48, 48), np.uint8)
    for plane, (y, x) in enumerate(random.integers(0, 30, (6, 2))):
        membrane[plane, y : y + 18, x : x + 18] = 1
        structure[plane, y + 3 : y + 15, x + 3 : x + 15] = 1
        membrane[plane][structure[plane] > 0] = 0
    image = 200 - 80 * structure - 150 * membrane + random.normal(0, 5, structure.shape)
    return PatchSet(name, image.astype(np.uint8), {"structure": structure, "membrane": membrane})
