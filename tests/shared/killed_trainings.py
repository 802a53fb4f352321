"""Trainings of every kind at a size for tests: what test_checkpoints.py kills."""

import numpy as np

from synthem.gans.stylegan import stylegan_trainer
from synthem.gans.training import gan_trainer
from synthem.networks.saving import network_bytes
from synthem.patches.places import PatchSet
from synthem.training.segmenter import segmenter_trainer
from tests.shared.gan_settings import EVERYTHING as GAN_WITH_EVERYTHING
from tests.shared.gan_settings import MEMBRANE_TRANSFER, OASIS, TUTORIAL, squares
from tests.shared.kinds import of_kind
from tests.shared.segmenter_settings import DEEP, PLATEAU, SEGMENTER, cell_labels, discs
from tests.shared.settings import edited, saving
from tests.shared.stylegan_settings import EVERYTHING as STYLEGAN_WITH_EVERYTHING
from tests.shared.stylegan_settings import STYLEGAN, blobs

STEPS = 8
EVERYTHING = {
    "training__optimiser__schedule": edited(PLATEAU, plateau__patience=0),
    "training__optimiser__clip_norm": 0.5,
    "training__optimiser__ema": {"decay": 0.9, "warm_up": 3},
    "training__precision": "bf16",
    "training__validation": {"every": 2, "stop_after": 0, "keep": "best"},
}
BOUNDLESS = {"network": of_kind("boundless", base_width=2), "training__start__freeze_layers": 8}


def segmenter(folder, checkpoint_every, *, fingerprint="a", **changes):
    real = discs("real")
    known = PatchSet("real", real.image, {"structure": 1 - real.target}, real.target)
    settings = edited(SEGMENTER, **{"training__steps": STEPS} | changes)
    place = saving(folder, checkpoint_every, fingerprint=fingerprint)
    return segmenter_trainer([known], known, **settings).train(place)


def real_later(folder, checkpoint_every):
    """Half of the patches are of each of two sets, from step 4 on all of one."""
    settings = edited(SEGMENTER, training__steps=STEPS)
    sets, place = [discs("painted", 1), discs("real")], saving(folder, checkpoint_every)
    phases = ((0, (0.5, 0.5)), (4, (0, 1)))
    return segmenter_trainer(sets, discs("validation", 9), phases=phases, **settings).train(place)


def gan(folder, checkpoint_every, settings):
    settings = edited(settings, training__steps=STEPS)
    return gan_trainer(squares(), **settings).train(saving(folder, checkpoint_every))


def stylegan(folder, checkpoint_every):
    settings = edited(STYLEGAN, training__steps=STEPS, **STYLEGAN_WITH_EVERYTHING)
    return stylegan_trainer(blobs(), **settings).train(saving(folder, checkpoint_every))


def affinities(folder, checkpoint_every, **changes):
    settings = edited(SEGMENTER, training__steps=STEPS, **changes)
    real, other = cell_labels("real"), cell_labels("validation", 9)
    return segmenter_trainer([real], other, **settings).train(saving(folder, checkpoint_every))


TRAININGS = {
    "unet": segmenter,
    "unet, everything on": lambda folder, every: segmenter(folder, every, **EVERYTHING),
    "unet, real data later": real_later,
    "boundless segmenter, half frozen": lambda folder, every: segmenter(folder, every, **BOUNDLESS),
    "unet3d": lambda folder, every: segmenter(folder, every, **DEEP),
    "affinities": affinities,
    "unet3d, affinities": lambda folder, every: affinities(folder, every, **DEEP),
    "pix2pix + 3 patch70": lambda folder, every: gan(folder, every, MEMBRANE_TRANSFER),
    "pix2pix with noise": lambda folder, every: gan(folder, every, TUTORIAL),
    "GAN, everything on": lambda folder, every: gan(folder, every, GAN_WITH_EVERYTHING),
    "StyleGAN, growing": stylegan,
    "OASIS, averaged": lambda folder, every: gan(folder, every, OASIS),
}


def result(name, folder, checkpoint_every=3):
    """The bytes of the network that a training leaves, and its losses as numpy's bytes: NaN equals NaN."""
    net, history = TRAININGS[name](folder, checkpoint_every)
    losses = np.array([list(row.values()) for row in history if len(row) == len(history[0])])
    return bytes(network_bytes(net)), losses.tobytes(), len(history)
