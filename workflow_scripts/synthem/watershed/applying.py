"""What runs of a study have tuned, used on a stack without labels; and how sure each voxel of it is."""

import numpy as np

from synthem.watershed.tuning import FIXED, threshold_in


def settings_of_runs(tuned):
    """The settings to use with the mean probability of several runs: the means of what each has tuned.

    tuned: what `tune` gave, of each run -> {name: value}, of one run its own.
    """
    names = tuned[0]["settings"]
    return {name: round(float(np.mean([run["settings"][name] for run in tuned])), 9) for name in names}


def border_of(method, settings):
    """The probability at which a voxel changes sides; thresholds of `agglomeration` are of fragments."""
    return FIXED if method == "agglomeration" else threshold_in(settings)


def confidence(probability, border, disagreement=None):
    """float32 probabilities -> uint8: 0 at the border of the mask, 255 where the networks are sure and agree.

    The distance to the border, as a share of the way to 0 or 1. disagreement uint8: of several networks, 255
    less it is the most that a voxel may have.
    """
    way = np.where(probability >= border, 1 - border, border)
    sure = np.round(255 * np.abs(probability - border) / np.maximum(way, 1e-6)).clip(0, 255).astype(np.uint8)
    return sure if disagreement is None else np.minimum(sure, 255 - disagreement)
