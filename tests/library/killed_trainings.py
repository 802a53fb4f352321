"""Trainings of every kind at a size for tests: what test_checkpoints.py kills."""

import numpy as np
import torch
from gan_settings import EVERYTHING as GAN_WITH_EVERYTHING
from gan_settings import OASIS, PAPER_1, PAPER_5, squares
from segmenter_settings import PLAIN, SEGMENTER, discs

from synthem.descent import Descent
from synthem.gans.training import train_gan
from synthem.networks.saving import build_network, network_bytes
from synthem.networks.unet import SEGMENTERS
from synthem.patches.places import PatchSet
from synthem.segmentation import train_segmenter
from synthem.training import seed_everything, train

STEPS = 8
EVERYTHING = {
    "schedule": "plateau",
    "plateau": {"factor": 0.5, "patience": 0, "cuts": 4},
    "clip_norm": 0.5,
    "ema": {"decay": 0.9, "warm_up": 3},
    "precision": "bf16",
    "keep": "best",
    "validate_every": 2,
}
BOUNDLESS = {"network": {"name": "boundless", "base_width": 2}, "freeze_layers": 8}


def segmenter(folder, checkpoint_every, **changed):
    real = discs("real")
    known = PatchSet("real", real.image, {"structure": 1 - real.target}, real.target)
    settings = SEGMENTER | {"steps": STEPS, "checkpoint_every": checkpoint_every} | changed
    return train_segmenter([known], known, folder=folder, **settings)


def gan(folder, checkpoint_every, settings):
    settings = settings | {"steps": STEPS, "checkpoint_every": checkpoint_every, "fingerprint": "a"}
    return train_gan(squares(), folder=folder, **settings)


class Volumes:
    """A 3D network that learns to find its own noise; the noise is of torch's global generator."""

    def __init__(self, net):
        self.net, self.descent = net.train(), Descent(net, steps=STEPS, learning_rate=0.01, **PLAIN)
        self.parts = self.descent.parts

    def step(self, number):
        volume = torch.randn(1, 1, 4, 16, 16)
        loss = (self.net(volume) - volume).square().mean()
        self.descent.step(number, loss)
        return {"square": loss}


def volumes(folder, checkpoint_every):
    seed_everything(0)
    arguments = {"in_channels": 1, "out_channels": 1, "base_width": 2, "isotropic": False, "max_pool": True}
    net = build_network(SEGMENTERS, name="unet3d", seed=0, **arguments)
    history = train(
        Volumes(net), steps=STEPS, checkpoint_every=checkpoint_every, folder=folder, fingerprint="a"
    )
    return net, history


TRAININGS = {
    "unet": segmenter,
    "unet, everything on": lambda folder, every: segmenter(folder, every, **EVERYTHING),
    "boundless segmenter, half frozen": lambda folder, every: segmenter(folder, every, **BOUNDLESS),
    "unet3d": volumes,
    "pix2pix + 3 patch70": lambda folder, every: gan(folder, every, PAPER_1),
    "pix2pix with noise": lambda folder, every: gan(folder, every, PAPER_5),
    "GAN, everything on": lambda folder, every: gan(folder, every, GAN_WITH_EVERYTHING),
    "OASIS, averaged": lambda folder, every: gan(folder, every, OASIS),
}


def result(name, folder, checkpoint_every=3):
    """The bytes of the network that a training leaves, and its losses as numpy's bytes: NaN equals NaN."""
    net, history = TRAININGS[name](folder, checkpoint_every)
    losses = np.array([list(row.values()) for row in history if len(row) == len(history[0])])
    return bytes(network_bytes(net)), losses.tobytes(), len(history)
