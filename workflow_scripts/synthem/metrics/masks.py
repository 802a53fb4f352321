"""How well a mask agrees with the truth, and the trivial mask that any network must beat.

`ignore` {0, 1} marks voxels that nobody knows (None: there are none); they count nowhere.
A score is a float, or None where it has no meaning: `definitions.MASKS` says when that is.
"""

import numpy as np
from scipy import ndimage

from synthem.errors import SynthemError
from synthem.metrics.shapes import check_shapes
from synthem.storage.ignore import blanked, only_known, plane


def components(mask):
    """Connected components of a mask {0, 1} [Z, Y, X] as labels uint32; touching corners connect."""
    return ndimage.label(mask, np.ones((3, 3, 3)))[0].view(np.uint32)


def overlap_scores(mask, truth, ignore=None):
    """Agreement of two masks {0, 1} of one shape, voxel by voxel; 1 is perfect, 0 the worst."""
    return scores_of_counts(voxel_counts(mask, truth, ignore))


def voxel_counts(mask, truth, ignore=None):
    """Known voxels in both masks, in the mask only, in the truth only, in none: sums that pool slices."""
    check_shapes(truth, mask=mask)
    mask, truth = (only_known(array, ignore).astype(bool) for array in (mask, truth))
    shared, found, true = (int(np.count_nonzero(array)) for array in (mask & truth, mask, truth))
    return {
        "shared_voxels": shared,
        "extra_voxels": found - shared,
        "missed_voxels": true - shared,
        "empty_voxels": mask.size - found - true + shared,
    }


def scores_of_counts(counts):
    """Scores of the structure; accuracy; iou_mean, dice_mean: the mean of structure and background."""
    shared, extra, missed, empty = counts.values()
    wrong = extra + missed
    ious = [_ratio(right, right + wrong) for right in (shared, empty)]
    dices = [_ratio(2 * right, 2 * right + wrong) for right in (shared, empty)]
    return {
        "iou": ious[0],
        "dice": dices[0],
        "iou_mean": None if None in ious else sum(ious) / 2,
        "dice_mean": None if None in dices else sum(dices) / 2,
        "precision": _ratio(shared, shared + extra),
        "recall": _ratio(shared, shared + missed),
        "accuracy": _ratio(shared + empty, shared + empty + wrong),
    }


def membrane_f1(mask, truth, ignore=None, *, tolerance_px):
    """Membranes {0, 1} [Z, Y, X] compared slice by slice, shifts up to `tolerance_px` forgiven; 1 is perfect.

    precision: part of the found pixels with a true one within the tolerance (Euclidean, in the slice);
    recall: part of the true pixels with a found one. Pixels of all slices are counted together.
    """
    check_shapes(truth, mask=mask)
    mask, truth = blanked(mask, ignore), blanked(truth, ignore)
    right = found = seen = true = 0
    for mask_slice, truth_slice in zip(mask.astype(bool), truth.astype(bool), strict=True):
        right += int((mask_slice & _near(truth_slice, tolerance_px)).sum())
        seen += int((truth_slice & _near(mask_slice, tolerance_px)).sum())
        found += int(mask_slice.sum())
        true += int(truth_slice.sum())
    precision, recall = _ratio(right, found), _ratio(seen, true)
    if precision and recall:
        f1 = 2 * precision * recall / (precision + recall)
    else:
        f1 = 0.0 if found + true else None
    return {"precision": precision, "recall": recall, "f1": f1}


def best_global_threshold(image, truth, ignore=None):
    """The one grey level that segments best, the trivial rival of any network -> {threshold, dark, iou}.

    image uint8 or uint16 [Z, Y, X] or [Z, Y, X, C] (colours are averaged), truth {0, 1} [Z, Y, X]. The
    structure is image <= threshold if dark, else image >= threshold. All levels are tried by means of
    histograms; ties go to dark, then to the lower level. Without any true voxel all three are None.
    """
    grey = grey_of(image)
    check_shapes(truth, image=grey)
    levels = np.iinfo(grey.dtype).max + 1
    everything, structure = np.zeros(levels, np.int64), np.zeros(levels, np.int64)
    for z, pair in enumerate(zip(grey, truth.astype(bool), strict=True)):
        grey_slice, truth_slice = (only_known(array, plane(ignore, z)) for array in pair)
        everything += np.bincount(grey_slice.ravel(), minlength=levels)
        structure += np.bincount(grey_slice[truth_slice], minlength=levels)
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
    """Image uint8 or uint16 -> mask uint8 {0, 1} [Z, Y, X]; the threshold None finds nothing."""
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


def _near(mask, tolerance_px):
    """Pixels no further from the mask than the tolerance; none if the mask is empty."""
    if tolerance_px == 0 or not mask.any():
        return mask
    return ndimage.distance_transform_edt(~mask) <= tolerance_px


def _ratio(part, whole):
    return float(part / whole) if whole else None
