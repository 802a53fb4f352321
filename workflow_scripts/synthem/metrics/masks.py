"""How well a mask or labels agree with the truth.

`ignore` {0, 1} marks voxels that nobody knows (None: there are none); they count nowhere.
A score is a float, or None where it has no meaning; UNDEFINED says for each column when that is.
"""

import numpy as np
from scipy import ndimage

from synthem.errors import SynthemError
from synthem.unknown import blanked, only_known, plane
from synthem.watershed.linking import labelled

BASELINE = "threshold"  # the arm of the trivial rival: one grey threshold, no fraction and no seed
COLUMNS = (
    "volume",
    "arm",
    "fraction",
    "seed",
    "scope",  # "slice" or "volume"
    "slice",
    "threshold",
    "iou",
    "dice",
    "precision",
    "recall",
    "accuracy",
    "ap50",
    "instance_f1",
    "count",
    "true_count",
    "shared_voxels",
    "extra_voxels",
    "missed_voxels",
)
UNDEFINED = {  # of the voxels that are known
    "iou": "neither the mask nor the truth has a known voxel of the structure",
    "dice": "neither the mask nor the truth has a known voxel of the structure",
    "precision": "the mask is empty, or nothing is known of it",
    "recall": "the truth is empty, or nothing is known of it",
    "accuracy": "no voxel is known",
    "ap50": "neither the labels nor the truth have an instance in known ground",
    "instance_f1": "neither the labels nor the truth have an instance in known ground",
    "f1": "neither the mask nor the truth has a known pixel of membrane",
}


def components(mask):
    """Connected components of a mask {0, 1} [Z, Y, X] as labels uint32; touching corners connect."""
    return ndimage.label(mask, np.ones((3, 3, 3)))[0].astype(np.uint32)


def score_rows(mask, labels, truth, truth_labels, *, slices, linked, ignore):
    """Rows of the table: one per slice (overlap only), then one for the volume (overlap and instances).

    mask, truth {0, 1}, labels, truth_labels uint32 [Z, Y, X]; truth_labels None: the components of truth,
    of each slice where slices are not `linked`. slices: the numbers of the Z slices.
    """
    arrays = {"mask": mask, "labels": labels, "truth_labels": truth_labels, "ignore": ignore}
    for name, array in arrays.items():
        if array is not None:
            _check_shape(name, array, truth)
    truth_labels = labelled(components, truth, linked=linked) if truth_labels is None else truth_labels
    rows = [
        {"scope": "slice", "slice": number} | _overlap_row(mask[z], truth[z], plane(ignore, z))
        for z, number in enumerate(slices)
    ]
    volume = _overlap_row(mask, truth, ignore) | instance_scores(labels, truth_labels, ignore)
    return [*rows, {"scope": "volume", "slice": None} | volume]


def overlap_scores(mask, truth, ignore=None):
    """Agreement of two masks {0, 1} of one shape, voxel by voxel; 1 is perfect, 0 the worst."""
    counts = voxel_counts(mask, truth, ignore)
    shared, extra, missed = counts["shared_voxels"], counts["extra_voxels"], counts["missed_voxels"]
    voxels = only_known(mask, ignore).size
    return {
        "iou": _ratio(shared, shared + extra + missed),
        "dice": _ratio(2 * shared, 2 * shared + extra + missed),
        "precision": _ratio(shared, shared + extra),
        "recall": _ratio(shared, shared + missed),
        "accuracy": _ratio(voxels - extra - missed, voxels),
    }


def voxel_counts(mask, truth, ignore=None):
    """Voxels in both masks, in the mask only, in the truth only; the sums that pool slices exactly."""
    _check_shape("mask", mask, truth)
    mask, truth = (only_known(array, ignore).astype(bool) for array in (mask, truth))
    shared = int((mask & truth).sum())
    return {
        "shared_voxels": shared,
        "extra_voxels": int(mask.sum()) - shared,
        "missed_voxels": int(truth.sum()) - shared,
    }


def instance_scores(labels, truth_labels, ignore=None):
    """Instances found: a label matches a true one if their IoU is above 0.5; 1 is perfect, 0 the worst.

    Above 0.5 no instance can match two, so no assignment has to be solved. ap50 = TP / (TP + FP + FN),
    instance_f1 = 2 TP / (2 TP + FP + FN). Ids may be any positive numbers. An instance that lies in unknown
    ground by more than half is not counted, found or true; of others, the known voxels are.
    """
    _check_shape("labels", labels, truth_labels)
    labels, truth_labels = (_known_instances(array, ignore) for array in (labels, truth_labels))
    found, found_sizes = np.unique(labels[labels > 0], return_counts=True)
    true, true_sizes = np.unique(truth_labels[truth_labels > 0], return_counts=True)
    both = (labels > 0) & (truth_labels > 0)
    # One number per pair of instances: sorting those is much faster than sorting pairs.
    pairs = np.searchsorted(found, labels[both]) * len(true) + np.searchsorted(true, truth_labels[both])
    pairs, shared = np.unique(pairs, return_counts=True)
    union = found_sizes[pairs // max(len(true), 1)] + true_sizes[pairs % max(len(true), 1)] - shared
    matches = int((2 * shared > union).sum())
    return {
        "ap50": _ratio(matches, len(found) + len(true) - matches),
        "instance_f1": _ratio(2 * matches, len(found) + len(true)),
        "count": len(found),
        "true_count": len(true),
    }


def membrane_f1(mask, truth, ignore=None, *, tolerance_px):
    """Membranes {0, 1} [Z, Y, X] compared slice by slice, shifts up to `tolerance_px` forgiven; 1 is perfect.

    precision: part of the found pixels with a true one within the tolerance (Euclidean, in the slice);
    recall: part of the true pixels with a found one. Pixels of all slices are counted together.
    """
    _check_shape("mask", mask, truth)
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
    grey = _grey(image)
    _check_shape("image", grey, truth)
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
    grey = _grey(image)
    if threshold is None:
        return np.zeros(grey.shape, np.uint8)
    return (grey <= threshold if dark else grey >= threshold).astype(np.uint8)


def _grey(image):
    if image.dtype not in (np.uint8, np.uint16):
        raise SynthemError(
            "DATA_FORMAT",
            "image",
            f"grey values of type {image.dtype}",
            expected="uint8 or uint16",
            fix="convert the image to uint8 or uint16",
        )
    return np.rint(image.mean(axis=-1)).astype(image.dtype) if image.ndim == 4 else image


def _overlap_row(mask, truth, ignore):
    return overlap_scores(mask, truth, ignore) | voxel_counts(mask, truth, ignore)


def _known_instances(labels, ignore):
    """The labels in known ground, without the instances that lie outside of it by more than half."""
    if ignore is None:
        return labels
    ids, sizes = np.unique(labels, return_counts=True)
    cut, hidden = np.unique(labels[ignore > 0], return_counts=True)
    lost = cut[2 * hidden > sizes[np.searchsorted(ids, cut)]]
    return np.where((ignore > 0) | np.isin(labels, lost), 0, labels)


def _near(mask, tolerance_px):
    """Pixels no further from the mask than the tolerance; none if the mask is empty."""
    if tolerance_px == 0 or not mask.any():
        return mask
    return ndimage.distance_transform_edt(~mask) <= tolerance_px


def _ratio(part, whole):
    return float(part / whole) if whole else None


def _check_shape(name, array, truth):
    if array.shape != truth.shape:
        raise SynthemError(
            "DATA_SHAPE",
            name,
            f"shape {array.shape}",
            expected=f"the shape of the truth, {truth.shape}",
            fix="compare arrays of the same slices",
        )
