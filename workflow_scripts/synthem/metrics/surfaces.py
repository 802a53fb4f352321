"""How far the surfaces of labels or masks lie from the true ones, in nm.

A surface voxel belongs to a structure (id above 0) and shares a face with a voxel of another id, 0 or not.
The faces of the volume are no surfaces, for structures go on behind them; nor are those of unknown ground.
"""

import numpy as np

from synthem.kernels.compiling import kernel
from synthem.kernels.distance import ROUNDING, distances_between
from synthem.metrics.shapes import check_shapes


def surface_scores(labels, truth, ignore=None, *, voxel_size_nm, tolerance_nm, threads):
    """Scores of labels or masks against the truth, [Z, Y, X]; voxels with `ignore` 1 are not scored."""
    distances = surface_distances(labels, truth, ignore, voxel_size_nm=voxel_size_nm, threads=threads)
    return distance_scores(*distances, tolerance_nm=tolerance_nm)


def surface_distances(labels, truth, ignore=None, *, voxel_size_nm, threads):
    """float64 [n], [m] in nm: from each surface voxel found to the nearest true one, and the other way round.

    Infinite where the other has no surface.
    """
    check_shapes(truth, labels=labels, ignore=ignore)
    found, true = surface(labels, ignore), surface(truth, ignore)
    return tuple(
        distances_between(here, there, voxel_size_nm, threads=threads)
        for here, there in ((found, true), (true, found))
    )


def distance_scores(to_true, to_found, *, tolerance_nm):
    """Scores of the distances of `surface_distances`; those of several tiles may be concatenated.

    boundary_precision: part of the found surface voxels at most tolerance_nm from a true one;
    boundary_recall: part of the true ones so near to a found one; boundary_f1 their harmonic mean.
    assd_nm: mean distance to the other surface, over the voxels of both. hausdorff_nm: the largest such
    distance; hd95_nm: the 95th percentile of each direction, the larger of the two. These three are of the
    tiles that have both surfaces.
    """
    precision, recall = (_part_within(away, tolerance_nm) for away in (to_true, to_found))
    f1 = 2 * precision * recall / (precision + recall) if precision and recall else 0.0
    scores = {
        "boundary_precision": precision,
        "boundary_recall": recall,
        "boundary_f1": None if precision is None and recall is None else f1,
    }
    to_true, to_found = (away[np.isfinite(away)] for away in (to_true, to_found))
    if not len(to_true):  # then to_found has none either
        return scores | dict.fromkeys(("assd_nm", "hausdorff_nm", "hd95_nm"))
    return scores | {
        "assd_nm": float((to_true.sum() + to_found.sum()) / (len(to_true) + len(to_found))),
        "hausdorff_nm": float(max(to_true.max(), to_found.max())),
        "hd95_nm": float(max(np.percentile(to_true, 95), np.percentile(to_found, 95))),
    }


def surface(labels, ignore=None):
    """Known voxels (bool) that share a face with a known voxel of another id."""
    labels = np.ascontiguousarray(labels)
    known = np.ones(labels.shape, bool) if ignore is None else np.ascontiguousarray(ignore) == 0
    found = np.empty(labels.shape, bool)
    for z in range(len(labels)):
        _mark_surface(labels, known, z, found[z])
    return found


@kernel
def _mark_surface(labels, known, z, found):
    """The surface voxels of one slice, bool [Y, X], by its own voxels and those of both slices beside it."""
    depth, height, width = labels.shape
    found[:] = False
    for y in range(height):
        line, sure, marked = labels[z, y], known[z, y], found[y]
        for dz, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            if 0 <= z + dz < depth and 0 <= y + dy < height:
                other, seen = labels[z + dz, y + dy], known[z + dz, y + dy]
                for x in range(width):
                    marked[x] |= (line[x] != other[x]) & seen[x]
        for x in range(width - 1):
            marked[x] |= (line[x] != line[x + 1]) & sure[x + 1]
        for x in range(1, width):
            marked[x] |= (line[x] != line[x - 1]) & sure[x - 1]
        for x in range(width):
            marked[x] &= sure[x] & (line[x] > 0)


def _part_within(away, tolerance_nm):
    return float((away <= tolerance_nm * ROUNDING).mean()) if len(away) else None
