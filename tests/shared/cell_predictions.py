"""Predicted cells, the true ones, and one setting for each way to instances."""

import numpy as np

from synthem.metrics.truth import Truth
from synthem.watershed.predictions import Prediction

SETTINGS = {  # one setting each
    "components": {"thresholds": [0.5], "neighbours": 4, "smallest_nm3": 0},
    "bodies": {
        "thresholds": [0.5],
        "seeds": "distance",
        "seed_distance_nm": 30,
        "smallest_nm3": 0,
        "fill_holes": False,
        "per_slice": False,
        "link_overlap": 0,
    },
    "membranes": {
        "preset": "",
        "interior_thresholds": [0.5],
        "edge_rises": [0.35],
        "marker_radius": 4,
        "most_markers": 0,
        "neighbours": 4,
        "segment_reach": 0,
        "thin": False,
        "link_overlap": 0,
    },
    "mutex": {"thresholds": [0.5], "stride": [1, 1, 1], "across_slices": False, "smallest_nm3": 0},
    "agglomeration": {
        "fragment_threshold": 0.5,
        "marker_radius": 4,
        "quantile": 0,
        "thresholds": [0.85],
        "across_slices": False,
        "smallest_nm3": 0,
    },
}


def predicted(inside, linked=True):
    return Prediction(np.asarray(inside, np.float32), None, (), 0, (5, 5, 5), linked)


def two_cells(gap, depth=2):
    """Two cells of 11 x 11 pixels in each slice, a membrane between them, and a gap of three pixels in it."""
    plane = np.zeros((13, 25), np.float32)
    plane[1:12, 1:12] = plane[1:12, 13:24] = 0.95
    plane[5:8, 12] = gap
    return np.repeat(plane[None], depth, 0)


def true_cells(cells):
    mask = (cells > 0).astype(np.uint8)
    return Truth(mask, cells, True, None, [0, 1], linked=True, voxel_size_nm=(50, 20, 20))


def truth(joined):
    """Truth of two_cells: two cells a slice, or one if the gap is part of it. Ids go on through z."""
    cells = np.zeros((2, 13, 25), np.uint32)
    cells[:, 1:12, 1:12], cells[:, 1:12, 13:24] = 4, 4 if joined else 9
    if joined:
        cells[:, 5:8, 12] = 4
    return true_cells(cells)
