"""How far the surfaces of labels or masks lie from the true ones, in nm.

A surface voxel belongs to a structure (id above 0) and shares a face with a voxel of another id, 0 or not.
The faces of the volume are no surfaces, for structures go on behind them; nor are those of unknown ground.
"""

import numpy as np

from synthem.kernels.distance import distance_to_border
from synthem.metrics.overlaps import check_shapes

PERFECT = {
    "boundary_precision": 1.0,
    "boundary_recall": 1.0,
    "boundary_f1": 1.0,
    "assd_nm": 0.0,
    "hausdorff_nm": 0.0,
    "hd95_nm": 0.0,
}
ONE_SURFACE = "the labels or the truth have no surface in known ground: there is no distance"
UNDEFINED = {
    "boundary_precision": "the labels have no surface in known ground",
    "boundary_recall": "the truth has no surface in known ground",
    "boundary_f1": "neither the labels nor the truth have a surface in known ground",
    "assd_nm": ONE_SURFACE,
    "hausdorff_nm": ONE_SURFACE,
    "hd95_nm": ONE_SURFACE,
}
ROUNDING = 1 + 1e-9  # a distance that equals the tolerance but for rounding is within it


def surface_scores(labels, truth, ignore=None, *, voxel_size_nm, tolerance_nm, threads):
    """Scores of labels or masks against the truth, [Z, Y, X]; voxels with `ignore` 1 are not scored.

    boundary_precision: part of the found surface voxels at most tolerance_nm from a true one;
    boundary_recall: part of the true ones so near to a found one; boundary_f1 their harmonic mean.
    assd_nm: mean distance to the other surface, over the voxels of both. hausdorff_nm: the largest such
    distance; hd95_nm: the 95th percentile of each direction, the larger of the two.
    """
    check_shapes(truth, labels=labels, ignore=ignore)
    found, true = surface(labels, ignore), surface(truth, ignore)
    if not found.any() or not true.any():
        return _without_distance(found.any(), true.any())
    to_true = _distances(found, true, voxel_size_nm, threads)
    to_found = _distances(true, found, voxel_size_nm, threads)
    precision, recall = (float((d <= tolerance_nm * ROUNDING).mean()) for d in (to_true, to_found))
    return {
        "boundary_precision": precision,
        "boundary_recall": recall,
        "boundary_f1": 2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        "assd_nm": float((to_true.sum() + to_found.sum()) / (len(to_true) + len(to_found))),
        "hausdorff_nm": float(max(to_true.max(), to_found.max())),
        "hd95_nm": float(max(np.percentile(to_true, 95), np.percentile(to_found, 95))),
    }


def surface(labels, ignore=None):
    """Known voxels (bool) that share a face with a known voxel of another id."""
    labels = np.asarray(labels)
    known = np.ones(labels.shape, bool) if ignore is None else np.asarray(ignore) == 0
    found = np.zeros(labels.shape, bool)
    for axis in range(labels.ndim):
        before, after = [slice(None)] * labels.ndim, [slice(None)] * labels.ndim
        before[axis], after[axis] = slice(None, -1), slice(1, None)
        before, after = tuple(before), tuple(after)
        meet = (labels[before] != labels[after]) & known[before] & known[after]
        found[before] |= meet
        found[after] |= meet
    return found & (labels > 0)


def _distances(here, there, voxel_size_nm, threads):
    """From each voxel of one surface to the nearest of the other, in nm."""
    return distance_to_border(~there, voxel_size_nm, per_slice=False, threads=threads)[here]


def _without_distance(found, true):
    """Scores where one surface at least is missing."""
    scores = dict.fromkeys(PERFECT)
    if found:
        scores["boundary_precision"] = 0.0
    if true:
        scores["boundary_recall"] = 0.0
    if found or true:
        scores["boundary_f1"] = 0.0
    return scores
