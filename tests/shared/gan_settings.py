"""The systems of the presets at a size for tests, as `train_gan` takes them."""

import numpy as np

from synthem.patches.places import PatchSet
from tests.shared.kinds import of_kind, with_options
from tests.shared.presets import of_preset
from tests.shared.settings import edited, of_both, optimisers

NOTHING = {
    "adversarial": "bce",
    "condition": True,
    "l1_weight": 0,
    "texture_weight": 0,
    "mode_seeking_weight": 0,
    "feature_matching_weight": 0,
    "r1_weight": 0,
    "discriminator_weight": 0.5,
}
SMALL, NARROW = {"base_width": 4, "depth": 4}, {"base_width": 4}
LEAVE_ALONE = {"changes": [], "ada_target": 0, "ada_images": 1000}
TRAINING = {
    "steps": 4,
    "batch_size": 2,
    "patch": 32,
    "precision": "fp32",
    "compile": False,
    "turn": "auto",
    "generator_steps": 1,
    "seed": 0,
    "snapshots": [],
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
            "guards": {"every": 0, "first": 0, "in_a_row": 1, "on_failure": "stop"},
            "training": TRAINING,
        },
        **changes,
    )


def averaged(decay, warm_up):
    return {"training__optimisers__generator__ema": {"decay": decay, "warm_up": warm_up}}


def of_presets(*names, generator, discriminator, objective=None, **changes):
    """What presets have below `gans`, later ones on top, with other sizes."""
    gans = {}
    for name in names:
        gans |= of_preset(name, "gans")
    return system(
        with_options(gans["generator"], **generator),
        with_options(gans["discriminator"], **discriminator),
        with_options(gans["objective"], **objective or {}),
        **changes,
    )


MEMBRANE_TRANSFER = of_presets("membrane-transfer", generator=SMALL, discriminator=NARROW)
MODE_SEEKING = of_presets(
    "gan-mode-seeking",
    generator=SMALL,
    discriminator={"base_width": 1},
    training__batch_size=1,
    training__generator_steps=2,
)
TUTORIAL = of_presets("gan-tutorial", generator=SMALL, discriminator=NARROW)
VANILLA = of_presets("gan-tutorial", "gan-tutorial-vanilla", generator=SMALL, discriminator=NARROW)
SKIP_PATCH = of_presets(
    "gan-skip-patch",
    generator=SMALL,
    discriminator=NARROW,
    objective={"adversarial": "hinge", "l1_weight": 10, "feature_matching_weight": 10, "r1_weight": 1},
)
OASIS = of_presets(
    "gan-oasis",
    generator={"base_width": 2, "depth": 2, "noise_channels": 4},
    discriminator={"base_width": 2, "depth": 2},
    **averaged(0.99, 10),
)
WIDER = {  # OASIS learns squares so, without L1
    "generator__spade__base_width": 4,
    "training__optimisers__generator__learning_rate": 0.003,
    "training__optimisers__discriminator__learning_rate": 0.006,
}
RESIZED = system(
    of_kind("resize_unet", **SMALL, noise_channels=1),
    MEMBRANE_TRANSFER["discriminator"],
    real_or_fake(l1_weight=10, texture_weight=1),
)
EVERYTHING = system(
    with_options(MEMBRANE_TRANSFER["generator"], noise_channels=2),
    MEMBRANE_TRANSFER["discriminator"],
    real_or_fake(adversarial="lsgan", l1_weight=1, texture_weight=1, mode_seeking_weight=1, r1_weight=1),
    diff_augment={"changes": ["colour", "translation", "cutout"], "ada_target": 0.6, "ada_images": 4},
    **of_both(schedule={"kind": "linear", "linear": {"decay_from": 0.5}}, clip_norm=1.0),
    **averaged(0.9, 10),
)
SYSTEMS = {
    "membrane transfer": MEMBRANE_TRANSFER,
    "mode seeking": MODE_SEEKING,
    "discriminator study": TUTORIAL,
    "discriminator study, vanilla": VANILLA,
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
