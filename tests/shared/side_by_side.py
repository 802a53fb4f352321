"""Trainings of several processes that find what one process finds: the tests on processors and on GPUs."""

from synthem.compute.launcher import side_by_side
from synthem.gans.stylegan import stylegan_trainer
from synthem.gans.training import gan_trainer
from synthem.training.opening import build_and_train
from synthem.training.segmenter import segmenter_trainer
from tests.shared.gan_settings import (
    EVERYTHING,
    GENTLE,
    OASIS,
    SKIP_PATCH,
    TUTORIAL,
    real_or_fake,
    squares,
    system,
)
from tests.shared.segmenter_settings import PLATEAU, SEGMENTER, half_known
from tests.shared.settings import edited, saving
from tests.shared.stylegan_settings import GROWING, STYLEGAN, blobs

SEGMENTER_TOGETHER = edited(
    SEGMENTER,
    training__batch_size=4,
    training__optimiser__epsilon=0.01,  # differences of rounding grow slowly
    training__optimiser__schedule=PLATEAU,
    training__optimiser__clip_norm=1.0,
    training__optimiser__ema={"decay": 0.9, "warm_up": 2},
)


def fit_segmenter(processes, folder, *, checkpoint_every=1, **changes):
    settings = edited(SEGMENTER_TOGETHER, **changes) | {"saving": saving(folder, checkpoint_every)}
    return side_by_side(
        processes, build_and_train, segmenter_trainer, [half_known()], half_known(), **settings
    )


BATCH_NORMS = system(
    TUTORIAL["generator"],
    TUTORIAL["discriminator"],
    real_or_fake(l1_weight=10, mode_seeking_weight=1, r1_weight=1),
    diff_augment=EVERYTHING["diff_augment"],
    guards={"every": 2, "first": 2, "in_a_row": 9, "on_failure": "stop"},
)
GANS_TOGETHER = {"batch norms, R1": BATCH_NORMS, "skip patch": SKIP_PATCH, "OASIS": OASIS}


def fit_gan(processes, folder, settings, *, live=None):
    settings = edited(settings, **GENTLE) | {"saving": saving(folder, live=live)}
    return side_by_side(processes, build_and_train, gan_trainer, squares(), **settings)


STYLEGAN_TOGETHER = edited(
    STYLEGAN,
    **GROWING,
    training__steps=5,
    training__mixing=0.5,
    diff_augment={"changes": ["colour", "translation"], "ada_target": 0.6, "ada_images": 8},
    guards={"every": 2, "first": 2, "in_a_row": 9, "on_failure": "stop"},
    **GENTLE,
)


def fit_stylegan(processes, folder, **changes):
    settings = edited(STYLEGAN_TOGETHER, **changes)
    return side_by_side(
        processes, build_and_train, stylegan_trainer, blobs(), saving=saving(folder), **settings
    )
