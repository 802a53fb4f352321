"""How well a mask {0, 1} agrees with the true one.

`ignore` {0, 1} marks unknown voxels (None: there are none); they count nowhere.
A score is a float, or None where it is undefined: see `definitions.MASKS`.
"""

import numpy as np
from scipy import ndimage

from synthem.metrics.definitions import ratio
from synthem.metrics.shapes import check_shapes
from synthem.storage.ignore import blanked, only_known


def overlap_scores(mask, truth, ignore=None):
    """Agreement of two masks {0, 1} of one shape, voxel by voxel; 1 is perfect, 0 the worst."""
    return scores_of_counts(voxel_counts(mask, truth, ignore))


def voxel_counts(mask, truth, ignore=None):
    """Numbers of known voxels in both masks, in the mask only, in the truth only, in none."""
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
    """Voxel counts -> IoU, Dice, precision, recall, accuracy; iou_mean, dice_mean: with the background's."""
    shared, extra, missed, empty = counts.values()
    wrong = extra + missed
    ious = [ratio(right, right + wrong) for right in (shared, empty)]
    dices = [ratio(2 * right, 2 * right + wrong) for right in (shared, empty)]
    return {
        "iou": ious[0],
        "dice": dices[0],
        "iou_mean": None if None in ious else sum(ious) / 2,
        "dice_mean": None if None in dices else sum(dices) / 2,
        "precision": ratio(shared, shared + extra),
        "recall": ratio(shared, shared + missed),
        "accuracy": ratio(shared + empty, shared + empty + wrong),
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
    precision, recall = ratio(right, found), ratio(seen, true)
    if precision and recall:
        f1 = 2 * precision * recall / (precision + recall)
    else:
        f1 = 0.0 if found + true else None
    return {"precision": precision, "recall": recall, "f1": f1}


def _near(mask, tolerance_px):
    """Pixels no further from the mask than the tolerance; none if the mask is empty."""
    if tolerance_px == 0 or not mask.any():
        return mask
    return ndimage.distance_transform_edt(~mask) <= tolerance_px
