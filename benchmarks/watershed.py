"""From probabilities to cells, against the same algorithm in scikit-image and against a naive version.

Goals: a 1250 x 1250 slice at least 12 times as fast as the same algorithm, 20 times as the naive one; a stack
of 20 slices on 2 cores 25 times; the thesis's 6 x 6 thresholds at most 1.5 times the cost of six single runs.
"""

import sys

import numpy as np
from rounds import median_seconds, print_result, ratios
from scipy import ndimage
from scipy.spatial import cKDTree
from skimage import measure, segmentation
from skimage.feature import peak_local_max
from skimage.metrics import variation_of_information

from synthem.kernels.components import label_components
from synthem.kernels.distance import distance_to_border
from synthem.kernels.squares import squared_distances
from synthem.watershed.membranes import PRESETS, segment_grid

SIZE, CELLS, SLICES, THREADS, ROUNDS = 1250, 800, 20, 2, 4
PAPER = PRESETS["paper"]
GRID = {  # tables 5.2 - 5.4 and 5.7 - 5.9 of Herreros Fraile 2021
    "interior_thresholds": (0.73, 0.8, 0.83, 0.86, 0.88, 0.9),
    "edge_rises": (0.0, 0.02, 0.04, 0.06, 0.08, 0.1),
}
NO_THRESHOLDS = {name: PAPER[name] for name in PAPER if not name.endswith("threshold")}
WINDOW = 2 * PAPER["marker_radius"] + 1
MOST_VOI = 0.002  # bits between our labels and those of scikit-image: the order of seeds of equal depth


def probability_of_interior(random):
    """Voronoi cells with blurred, noisy borders that fade away here and there; and the cells themselves."""
    tree = cKDTree(random.uniform(0, SIZE, (CELLS, 2)))
    near, who = tree.query(np.indices((SIZE, SIZE), np.float32).reshape(2, -1).T, k=2, workers=THREADS)
    border = np.exp(-(((near[:, 1] - near[:, 0]) / 4) ** 2)).reshape(SIZE, SIZE)
    strength = np.maximum(9 + 2.5 * _smooth_noise(random, 12), 0)
    logit = 4 - strength * border + 0.8 * _smooth_noise(random, 1.2)
    return (1 / (1 + np.exp(-logit))).astype(np.float32), 1 + who[:, 0].reshape(SIZE, SIZE)


def _smooth_noise(random, sigma):
    noise = ndimage.gaussian_filter(random.standard_normal((SIZE, SIZE), np.float32), sigma)
    return noise / noise.std()


def same_algorithm(p):
    """Each step by one call of scipy, scikit-image or numpy."""
    inside = p > PAPER["interior_threshold"]
    distance = ndimage.distance_transform_edt(inside)
    deepest = (distance == ndimage.maximum_filter(distance, WINDOW)) & inside
    markers = measure.label(deepest, connectivity=2)
    basins = segmentation.watershed(-distance, markers, mask=inside, watershed_line=True)
    segments = measure.label(inside & (basins == 0), connectivity=2)
    number = np.bincount(segments.ravel())
    mean = np.bincount(segments.ravel(), p.ravel()) / np.maximum(number, 1)
    accepted = mean < PAPER["edge_threshold"]
    accepted[0] = False
    return measure.label(inside & ~accepted[segments], connectivity=1)


def naive(p):
    """As a first script does it: flood the whole image, then look at the segments one by one."""
    inside = p > PAPER["interior_threshold"]
    distance = ndimage.distance_transform_edt(inside)
    deepest = peak_local_max(distance, min_distance=PAPER["marker_radius"], exclude_border=False)
    markers = np.zeros(p.shape, int)
    markers[tuple(deepest.T)] = np.arange(1, len(deepest) + 1)
    basins = segmentation.watershed(-distance, markers, watershed_line=True)
    segments = measure.label(inside & (basins == 0), connectivity=2)
    for region in measure.regionprops(segments, intensity_image=p):
        if region.intensity_mean < PAPER["edge_threshold"]:
            inside[tuple(region.coords.T)] = False
    return measure.label(inside, connectivity=1)


def cells(stack, threads, interior_threshold, edge_threshold):
    grid = {"interior_thresholds": [interior_threshold], "edge_rises": [edge_threshold - interior_threshold]}
    ((*_, labels),) = segment_grid(stack, threads=threads, **grid, **NO_THRESHOLDS)
    return labels


def ours(stack, threads):
    return cells(stack, threads, PAPER["interior_threshold"], PAPER["edge_threshold"])


def whole_grid(stack):
    for _ in segment_grid(stack, threads=1, **GRID, **NO_THRESHOLDS):
        pass


def six_single_runs(stack):
    for low in GRID["interior_thresholds"]:
        cells(stack, 1, low, low + 0.04)


def compare(slices):
    """How far our labels are from those of scikit-image, and from the cells that the slices show."""
    apart, missed = [], {"synthem": [], "same algorithm": []}
    for p, truth in slices:
        labels = {"synthem": ours(p[None], 1)[0].astype(int), "same algorithm": same_algorithm(p)}
        apart.append(max(variation_of_information(*labels.values())))
        for who, found in labels.items():
            missed[who].append(sum(variation_of_information(truth[found > 0], found[found > 0])))
    inside = slices[0][0] > PAPER["interior_threshold"]
    exact = distance_to_border(inside[None], (1, 1, 1), threads=1)[0]
    return {
        "largest_voi_between": round(max(apart), 6),
        "voi_to_cells": {who: round(float(np.mean(values)), 5) for who, values in missed.items()},
        "different_distances": int((exact != ndimage.distance_transform_edt(inside)).sum()),
        "different_components": int(
            (
                label_components(inside[None], neighbours=4)[0][0] != measure.label(inside, connectivity=1)
            ).sum()
        ),
    }


def main():
    random = np.random.default_rng(0)
    slices = [probability_of_interior(random) for _ in range(2)]
    # Turned copies: every slice is another to a flood, which goes from the top left.
    stack = np.stack([np.rot90(slices[z % 2][0], z // 2 % 4)[:: 1 - z // 8 % 2 * 2] for z in range(SLICES)])
    equal = compare(slices)
    one, inside = stack[:1], stack[0] > PAPER["interior_threshold"]
    actions = {
        "slice": lambda: ours(one, 1),
        "slice, same algorithm": lambda: same_algorithm(one[0]),
        "slice, naive": lambda: naive(one[0]),
        "stack": lambda: ours(stack, THREADS),
        "grid": lambda: whole_grid(one),
        "six single runs": lambda: six_single_runs(one),
        "distance": lambda: squared_distances(inside),
        "distance, scipy": lambda: ndimage.distance_transform_edt(inside),
        "components": lambda: label_components(inside[None], neighbours=4),
        "components, scikit-image": lambda: measure.label(inside, connectivity=1),
    }
    seconds = median_seconds(actions, rounds=ROUNDS)
    for name, spent in seconds.items():
        print(f"{name:26} {1000 * spent:8.1f} ms")
    # A naive stack would take half a minute: its slices cost what one costs.
    seconds["stack, naive"] = SLICES * seconds["slice, naive"]
    found = {
        f"{peer} / {name}": ratios({name: seconds[name], peer: seconds[peer]}, name)[peer]
        for name, peer in [
            ("slice", "slice, same algorithm"),
            ("slice", "slice, naive"),
            ("stack", "stack, naive"),
            ("distance", "distance, scipy"),
            ("components", "components, scikit-image"),
            ("six single runs", "grid"),
        ]
    }
    if (
        equal["largest_voi_between"] > MOST_VOI
        or equal["different_distances"]
        or equal["different_components"]
    ):
        sys.exit(f"results differ: {equal}")
    print_result(
        "watershed", ratios=found, equal=equal, libraries=["numba", "numpy", "scikit-image", "scipy"]
    )


if __name__ == "__main__":
    main()
