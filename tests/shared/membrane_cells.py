"""Cells with gaps in their membranes, and the membrane watershed of them."""

import numpy as np
from scipy import ndimage

from synthem.watershed.membranes import segment_grid

SETTINGS = {
    "interior_threshold": 0.5,
    "edge_threshold": 0.8,
    "marker_radius": 4,
    "most_markers": None,
    "neighbours": 4,
    "segment_reach": 0,
}


def segment(probability, *, threads=1, **changes):
    """Labels of one slice [Y, X]."""
    return segment_cells(np.float32(probability)[None], threads=threads, **SETTINGS | changes)[0]


def two_cells(gap_probability):
    """Two cells of 11 x 11 pixels, a membrane between them, and a gap of three pixels in it."""
    probability = np.zeros((13, 25), np.float32)
    probability[1:12, 1:12] = probability[1:12, 13:24] = 0.95
    probability[5:8, 12] = gap_probability
    return probability


def noisy_cells(seed, size=150):
    """Smooth noise, steep at its zeros: cells of many shapes with open borders, and specks."""
    rng = np.random.default_rng(seed)
    field = ndimage.gaussian_filter(rng.standard_normal((size, size)), 4)
    fine = ndimage.gaussian_filter(rng.standard_normal((size, size)), 1)
    return (1 / (1 + np.exp(-(20 * np.abs(field / field.std()) - 4 + 2 * fine / fine.std())))).astype(
        np.float32
    )


def segment_cells(interior, *, interior_threshold, edge_threshold, threads, **settings):
    """Labels of the membrane watershed with one pair of thresholds."""
    rises = [edge_threshold - interior_threshold]
    grid = {"interior_thresholds": [interior_threshold], "edge_rises": rises}
    ((*_, labels),) = segment_grid(interior, threads=threads, **grid, **settings)
    return labels
