"""The six steps of the membrane watershed on one window of a slice."""

import numpy as np
from scipy import ndimage

from synthem.figures.colouring import colour_labels
from synthem.figures.instances import HUES, PAINT
from synthem.figures.sheets import (
    SKY,
    VERMILLION,
    YELLOW,
    add_legend,
    png,
    sheet,
    show,
    tint,
    to_rgb,
    true_aspect,
)

REACH = 16  # pixels: networks that learn wide borders leave so much between neighbours
LEGEND = {"marker": YELLOW, "line that closes a gap": VERMILLION, "line that was taken away": SKY}


def steps_sheet(steps, voxel_size_nm, *, interior_threshold, edge_threshold):
    """Six panels of `steps` (see `watershed.steps.Steps`) -> PNG bytes; the thresholds stand over theirs."""
    grey, interior = to_rgb(steps.probability, (0, 1)), to_rgb(steps.interior, (0, 1))
    deep = to_rgb(steps.distance, (0, max(1.0, float(steps.distance.max()))))
    wider = 1 + 2 * (steps.cells.shape[1] // 100)  # most markers are one pixel: nobody would see them
    marked = tint(deep, ndimage.maximum_filter(steps.markers, wider) > 0, YELLOW, opacity=1)
    dimmed = (0.5 * grey).astype(np.uint8)
    judged = tint(tint(dimmed, steps.opened, SKY, opacity=1), steps.closed, VERMILLION, opacity=1)
    panels = {
        "1 probability of interior": grey,
        f"2 above {interior_threshold:g}": interior,
        "3 distance to border, markers": marked,
        "4 lines between basins": tint(interior, steps.closed | steps.opened, "black", opacity=1),
        f"5 lines below {edge_threshold:g} on average close": judged,
        "6 cells": painted(steps.cells),
    }
    figure, axes = sheet(2, 3, aspect=true_aspect(steps.cells.shape, voxel_size_nm), caption_lines=1)
    for place, (panel, (words, picture)) in enumerate(zip(axes.flat, panels.items(), strict=True)):
        show(panel, picture, voxel_size_nm, bar=place == 0)
        panel.set_title(words)
    add_legend(figure, LEGEND)
    return png(figure)


def painted(cells):
    """Cells [y, x] in colours that differ between neighbours: uint8 [y, x, 3]."""
    return PAINT[colour_labels(cells[None], reach=REACH, most=len(HUES))[0]].astype(np.uint8)
