"""Answers that need no network, and that any network must beat."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from synthem.metrics.masks import apply_global_threshold, best_global_threshold, grey_of

SIGMAS_PX = (1, 2, 4, 8)  # of the Gaussian, within the slice


class Answer(NamedTuple):
    """Instances uint32 [Z, Y, X] of the test block, and how they were found."""

    labels: np.ndarray
    threshold: int | None = None
    sigma_px: int | None = None


def trivial_answers(train, validation, test, *, structure, cut):
    """Yield (name of definitions.BASELINES, Answer for the block `test`); the blocks are volumes with masks.

    threshold: the best grey level of the training block. smoothed: the best of the validation block, after
    the Gaussian that is best there. `cut` makes instances of a mask; all that is marked is one.
    """
    best = best_global_threshold(train.image, *_truth(train, structure))
    found = apply_global_threshold(test.image, best["threshold"], best["dark"])
    yield "threshold", Answer(cut(found), best["threshold"])
    best = best_smoothed_threshold(validation.image, *_truth(validation, structure))
    found = apply_global_threshold(smoothed(test.image, best["sigma_px"]), best["threshold"], best["dark"])
    yield "smoothed", Answer(cut(found), best["threshold"], best["sigma_px"])
    shape = test.masks[structure].shape
    yield "everything", Answer(np.ones(shape, np.uint32))
    yield "nothing", Answer(np.zeros(shape, np.uint32))


def best_smoothed_threshold(image, truth, ignore=None):
    """best_global_threshold after the best Gaussian of SIGMAS_PX -> {threshold, dark, iou, sigma_px}.

    Ties go to the narrower one.
    """
    tried = [
        best_global_threshold(smoothed(image, sigma), truth, ignore) | {"sigma_px": sigma}
        for sigma in SIGMAS_PX
    ]
    return max(tried, key=lambda found: found["iou"] or 0.0)


def smoothed(image, sigma_px):
    """Image uint8 or uint16 [Z, Y, X] or [Z, Y, X, C] -> grey levels [Z, Y, X] of its slices, smoothed."""
    grey = grey_of(image)
    result = np.empty_like(grey)
    for z, picture in enumerate(grey):
        result[z] = np.rint(ndimage.gaussian_filter(picture.astype(np.float32), sigma_px))
    return result


def _truth(block, structure):
    return block.masks[structure], block.ignore.get(structure)
