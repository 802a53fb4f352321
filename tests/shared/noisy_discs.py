"""Small volumes for answers that need no network, and their IoU."""

import numpy as np

from synthem.storage.volumes import Facts, Volume


def block(image, mask, ignore=None):
    image, mask = np.asarray(image), np.asarray(mask, np.uint8)
    ignored = {} if ignore is None else {"m": np.asarray(ignore, np.uint8)}
    return Volume(image, Facts((5.0, 5.0, 5.0)), {"m": mask}, ignore=ignored)


def noisy_discs(seed, slices=3):
    """Dark discs of radius 8 in noise that no threshold of single pixels sees through."""
    y, x = np.indices((64, 64))
    mask = np.broadcast_to((y - 30) ** 2 + (x - 34) ** 2 < 64, (slices, 64, 64)).astype(np.uint8)
    noise = np.random.default_rng(seed).normal(0, 60, mask.shape)
    return block((140 - 60 * mask + noise).clip(0, 255).astype(np.uint8), mask)


def iou(labels, mask):
    return np.sum((labels > 0) & (mask > 0)) / np.sum((labels > 0) | (mask > 0))
