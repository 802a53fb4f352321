"""What runs of a study have tuned, used on a stack without labels; and how sure each voxel of it is."""

from math import prod, sqrt

import numpy as np

from synthem.storage.arrays import open_arrays
from synthem.watershed.methods import METHODS, segment
from synthem.watershed.predictions import read_prediction
from synthem.watershed.segmentations import write_segmentation
from synthem.watershed.tuning import border_of, marked_by


def segment_stack(
    path, probability, facts, target, *, method, settings, tuned, threads, zeros, median_slices=1
):
    """Write mask, labels and confidence of a stack; return the threshold of its mask, or None.

    probability: path of its prediction. target: what the networks have learnt. tuned: `settings_of_runs`.
    """
    stack = read_prediction(probability, "test", facts, target, median_slices=median_slices, zeros=zeros)
    labels = segment(stack, method=method, settings=settings, chosen=tuned, threads=threads)
    border = border_of(method, tuned)
    threshold = marked_by(target, method, border)
    with open_arrays(probability) as predicted:
        spread = predicted["disagreement"] if "disagreement" in predicted else None

        def sure(slab):
            return confidence(stack.inside[slab], border, None if spread is None else spread[slab])

        known = {"threshold": threshold, "voxel_size_nm": facts.voxel_size_nm}
        write_segmentation(path, labels, stack.inside, confidence=sure, **known)
    return threshold


def lengths_in(own_nm, learnt_nm, *, method, settings):
    """The lengths of a method, which are tuned in pixels of learnt_nm (z, y, x), in those of own_nm.

    Whole pixels, at least one, but 0 stays 0. Where y and x are not scaled alike, by the mean of both.
    """
    scale = sqrt(prod(learnt_nm[1:]) / prod(own_nm[1:]))
    lengths = {name: settings[name] for name in METHODS[method].lengths}
    return {name: max(round(scale * length), 1) if length else 0 for name, length in lengths.items()}


def settings_of_runs(tuned):
    """The settings to use with the mean probability of several runs: the means of what each has tuned.

    tuned: what `tune` gave, of each run -> {name: value}, of one run its own.
    """
    names = tuned[0]["settings"]
    return {name: round(float(np.mean([run["settings"][name] for run in tuned])), 9) for name in names}


def confidence(probability, border, disagreement=None):
    """float32 probabilities -> uint8: 0 at the border of the mask, 255 where the networks are sure and agree.

    The distance to the border, as a share of the way to 0 or 1. disagreement uint8: of several networks, 255
    less it is the most that a voxel may have.
    """
    way = np.where(probability >= border, 1 - border, border)
    sure = np.round(255 * np.abs(probability - border) / np.maximum(way, 1e-6)).clip(0, 255).astype(np.uint8)
    return sure if disagreement is None else np.minimum(sure, 255 - disagreement)
