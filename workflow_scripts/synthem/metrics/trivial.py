"""Baselines without a network, which any network must beat: grey thresholds, all and nothing marked."""

from typing import NamedTuple

import numpy as np

from synthem.errors import SynthemError
from synthem.kernels.compiling import kernel
from synthem.kernels.filtering import smoothed_slice
from synthem.kernels.medians import median_of_slices
from synthem.kernels.threads import each_slice
from synthem.metrics.shapes import check_shapes
from synthem.storage.ignore import only_known, plane

SIGMAS_PX = (1, 2, 4, 8)  # of the Gaussian, within the slice


class Answer(NamedTuple):
    """A baseline's mask {0, 1} and instances uint32 [Z, Y, X] of the test block, threshold and smoothing."""

    mask: np.ndarray
    labels: np.ndarray
    threshold: int | None = None
    sigma_px: int | None = None


def trivial_answers(known, test, *, structure, cut, median_slices=1, threads=1):
    """Yield (name of definitions.BASELINES, Answer for the volume `test`) from labelled slices `known`.

    threshold: the grey level that is best on these slices. smoothed: that after the Gaussian that is best on
    them. Both have few numbers to choose, and so no slices to keep apart for it. `cut` makes instances of a
    mask; all that is marked is one. median_slices: a voxel is marked where most of so many slices mark it.
    """
    truth = known.masks[structure], known.ignore.get(structure)
    best = best_global_threshold(known.image, *truth, threads=threads)
    found = apply_global_threshold(test.image, best["threshold"], best["dark"])
    found = median_of_slices(found, median_slices)
    yield "threshold", Answer(found, cut(found), best["threshold"])
    best = best_smoothed_threshold(known.image, *truth, threads=threads)
    grey = smoothed(test.image, best["sigma_px"], threads=threads)
    found = apply_global_threshold(grey, best["threshold"], best["dark"])
    found = median_of_slices(found, median_slices)
    yield "smoothed", Answer(found, cut(found), best["threshold"], best["sigma_px"])
    shape = test.masks[structure].shape
    yield "everything", Answer(np.ones(shape, np.uint8), np.ones(shape, np.uint32))
    yield "nothing", Answer(np.zeros(shape, np.uint8), np.zeros(shape, np.uint32))


def best_global_threshold(image, truth, ignore=None, *, threads=1):
    """The grey level that segments best -> {threshold, dark, iou}.

    image uint8 or uint16 [Z, Y, X] or [Z, Y, X, C] (colours are averaged), truth {0, 1} [Z, Y, X]. The
    structure is image <= threshold if dark, else image >= threshold. All levels are tried by means of
    histograms; ties go to dark, then to the lower level. Without any true voxel all three are None.
    """
    grey = grey_of(image)
    check_shapes(truth, image=grey)
    levels = np.iinfo(grey.dtype).max + 1
    blocks = np.array_split(np.arange(len(grey)), threads)

    def count(block):
        counts = np.zeros((levels, 2), np.int64)
        for z in blocks[block]:
            known = (only_known(array[z], plane(ignore, z)) for array in (grey, truth))
            _count_levels(*(np.ascontiguousarray(array).ravel() for array in known), counts)
        return counts

    background, structure = sum(each_slice(count, threads, threads)).T
    everything = background + structure
    total = structure.sum()
    if total == 0:
        return {"threshold": None, "dark": None, "iou": None}
    curves = []
    for order in (slice(None), slice(None, None, -1)):  # dark: summed from black up; bright: from white down
        shared, found = structure[order].cumsum()[order], everything[order].cumsum()[order]
        curves.append(shared / (found + total - shared))
    polarity, threshold = np.unravel_index(np.argmax(curves), (2, levels))
    return {
        "threshold": int(threshold),
        "dark": bool(polarity == 0),
        "iou": float(curves[polarity][threshold]),
    }


def apply_global_threshold(image, threshold, dark):
    """Image uint8 or uint16 -> mask uint8 {0, 1} [Z, Y, X], empty where the threshold is None."""
    grey = grey_of(image)
    if threshold is None:
        return np.zeros(grey.shape, np.uint8)
    return (grey <= threshold if dark else grey >= threshold).astype(np.uint8)


def grey_of(image):
    """uint8 or uint16 [Z, Y, X] as it is; [Z, Y, X, C] as the mean of its colours."""
    if image.dtype not in (np.uint8, np.uint16):
        raise SynthemError(
            "DATA_FORMAT",
            "image",
            f"grey values of type {image.dtype}",
            expected="uint8 or uint16",
            fix="convert the image to uint8 or uint16",
        )
    return np.rint(image.mean(axis=-1)).astype(image.dtype) if image.ndim == 4 else image


def best_smoothed_threshold(image, truth, ignore=None, *, threads=1):
    """best_global_threshold after the best Gaussian of SIGMAS_PX -> {threshold, dark, iou, sigma_px}.

    Ties go to the narrower one.
    """
    tried = [
        best_global_threshold(smoothed(image, sigma, threads=threads), truth, ignore, threads=threads)
        | {"sigma_px": sigma}
        for sigma in SIGMAS_PX
    ]
    return max(tried, key=lambda found: found["iou"] or 0.0)


def smoothed(image, sigma_px, *, threads=1):
    """Image uint8 or uint16 [Z, Y, X] or [Z, Y, X, C] -> grey levels [Z, Y, X] of its slices, smoothed."""
    grey = grey_of(image)
    result = np.empty_like(grey)

    def smooth(z):
        result[z] = np.rint(smoothed_slice(grey[z], sigma_px))

    each_slice(smooth, len(grey), threads)
    return result


@kernel
def _count_levels(grey, truth, counts):
    """Add pixels to their numbers int64 [levels, 2], by level and by whether they are of the structure."""
    for pixel in range(len(grey)):
        counts[grey[pixel], np.intp(truth[pixel] != 0)] += 1
