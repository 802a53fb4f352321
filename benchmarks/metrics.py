"""Scores of a segmentation against the truth: all of ours, against peers that compute fewer.

Goal: VOI, ARAND, AP and PQ of 20x1250x1250 labels at least 20 times as fast as scikit-image's VOI and ARAND.
"""

import sys

import numpy as np
from rounds import median_seconds, print_result, ratios
from scipy import ndimage
from scipy.spatial import cKDTree
from skimage.metrics import adapted_rand_error, variation_of_information

from synthem.metrics.instances import instance_scores, instances
from synthem.metrics.overlaps import overlaps_of_slices
from synthem.metrics.partitions import partition_scores
from synthem.metrics.surfaces import surface, surface_scores

SHAPE, CELLS, THREADS, ROUNDS = (20, 1250, 1250), 800, 2, 3
SMALL = np.s_[:, :400, :400]  # surfaces: the peers take too long for more
VOXEL_NM, TOLERANCE_NM = (40.0, 4.0, 4.0), 20.0
GOAL = 20


def cell_like_labels(random):
    """Truth: Voronoi cells that drift from slice to slice. Labels: shifted, merged, split, with borders."""
    tree = cKDTree(random.uniform(0, SHAPE[1], (CELLS, 2)))
    plane = tree.query(np.indices(SHAPE[1:]).reshape(2, -1).T)[1].reshape(SHAPE[1:]).astype(np.uint32) + 1
    truth = np.stack([np.roll(plane, (3 * z, 5 * z), (0, 1)) for z in range(SHAPE[0])])
    labels = np.roll(truth, (1, 2), (1, 2))
    labels[labels > 0.9 * CELLS] -= CELLS // 2  # merged with others
    labels[: SHAPE[0] // 2][labels[: SHAPE[0] // 2] < 0.1 * CELLS] += 10 * CELLS  # split between two slices
    border = np.zeros(SHAPE, bool)
    border[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    border[:, :, 1:] |= labels[:, :, 1:] != labels[:, :, :-1]
    labels[border] = 0
    return labels, truth


def our_scores(labels, truth):
    table = overlaps_of_slices(lambda z: (labels[z], truth[z], None), len(truth), threads=THREADS)
    return partition_scores(table) | instance_scores(instances(table))


def scores_of_skimage(labels, truth):
    split, merge = variation_of_information(truth, labels)
    # It has the names of precision and recall the other way round.
    error, recall, precision = adapted_rand_error(truth, labels, ignore_labels=())
    return {
        "voi_split": split,
        "voi_merge": merge,
        "arand": error,
        "arand_precision": precision,
        "arand_recall": recall,
    }


def scores_of_numpy(labels, truth):
    """VOI and ARAND from a sort of all pairs: the shortest way without a compiled loop."""
    pairs, voxels = np.unique((truth.astype(np.uint64) << np.uint64(32)) | labels, return_counts=True)
    part = voxels / voxels.sum()
    sums = [
        np.bincount(np.unique(ids, return_inverse=True)[1], voxels)
        for ids in (pairs >> np.uint64(32), pairs & np.uint64(0xFFFFFFFF))
    ]
    h_truth, h_labels = (-(s / s.sum() * np.log2(s / s.sum())).sum() for s in sums)
    h_both = -(part * np.log2(part)).sum()
    both, of_truth, of_labels = (float(v @ v) - voxels.sum() for v in (voxels.astype(float), *sums))
    return {
        "voi_split": h_both - h_truth,
        "voi_merge": h_both - h_labels,
        "arand": 1 - 2 * both / (of_truth + of_labels),
        "arand_precision": both / of_labels,
        "arand_recall": both / of_truth,
    }


def our_surfaces(labels, truth):
    return surface_scores(labels, truth, voxel_size_nm=VOXEL_NM, tolerance_nm=TOLERANCE_NM, threads=THREADS)


def surfaces_of_scipy(labels, truth):
    found, true = surface(labels), surface(truth)
    to_true = ndimage.distance_transform_edt(~true, VOXEL_NM)[found]
    to_found = ndimage.distance_transform_edt(~found, VOXEL_NM)[true]
    precision, recall = (to_true <= TOLERANCE_NM).mean(), (to_found <= TOLERANCE_NM).mean()
    return {
        "boundary_f1": 2 * precision * recall / (precision + recall),
        "assd_nm": np.concatenate([to_true, to_found]).mean(),
        "hausdorff_nm": max(to_true.max(), to_found.max()),
        "hd95_nm": max(np.percentile(to_true, 95), np.percentile(to_found, 95)),
    }


def largest_difference(ours, theirs):
    return max(abs(ours[name] - value) for name, value in theirs.items())


def main():
    labels, truth = cell_like_labels(np.random.default_rng(0))
    small, small_truth = labels[SMALL], truth[SMALL]
    ours, our_distances = our_scores(labels, truth), our_surfaces(small, small_truth)
    differences = {
        "scikit-image": largest_difference(ours, scores_of_skimage(labels, truth)),
        "numpy": largest_difference(ours, scores_of_numpy(labels, truth)),
        "scipy_surfaces": largest_difference(our_distances, surfaces_of_scipy(small, small_truth)),
    }
    seconds = median_seconds(
        {
            "synthem": lambda: our_scores(labels, truth),
            "scikit-image": lambda: scores_of_skimage(labels, truth),
            "numpy": lambda: scores_of_numpy(labels, truth),
            "reading both once": lambda: (labels.max(), truth.max()),
        },
        rounds=ROUNDS,
    )
    surface_seconds = median_seconds(
        {
            "synthem": lambda: our_surfaces(small, small_truth),
            "scipy": lambda: surfaces_of_scipy(small, small_truth),
        },
        rounds=ROUNDS,
    )
    for topic, times in {"overlaps": seconds, "surfaces": surface_seconds}.items():
        for who, spent in times.items():
            print(f"{topic} {who:18} {spent * 1e3:8.1f} ms")
    found = ratios(seconds, "synthem") | {"surfaces: scipy": ratios(surface_seconds, "synthem")["scipy"]}
    if max(differences.values()) > 1e-6:
        sys.exit(f"scores differ: {differences}")
    print(f"goal of {GOAL} times scikit-image: {'met' if found['scikit-image'] >= GOAL else 'missed'}")
    print_result(
        "metrics",
        ratios=found,
        equal={f"largest_difference_{peer}": difference for peer, difference in differences.items()},
        libraries=["numba", "numpy", "scikit-image", "scipy"],
    )


if __name__ == "__main__":
    main()
