"""Slices of a data set that was made without a generator, with their objects outlined."""

import numpy as np

from synthem.figures.sheets import (
    STRUCTURE,
    add_legend,
    brightness_range,
    label_row,
    outline,
    png,
    sheet,
    show,
    to_rgb,
    true_aspect,
)

COLUMNS = 6  # at most


def pairs_sheet(volume, *, structure):
    """A column per slice, spread over all of them. Rows: the image | the image with its mask outlined."""
    count = len(volume.image)
    slices = np.linspace(0, count - 1, min(COLUMNS, count)).round().astype(int)
    brightness = brightness_range(volume.image)
    aspect = true_aspect(volume.image.shape[1:], volume.voxel_size_nm)
    figure, axes = sheet(2, len(slices), aspect=aspect)
    for column, (z, panels) in enumerate(zip(slices, axes.T, strict=True)):
        for panel in panels:
            show(panel, to_rgb(volume.image[z], brightness), volume.voxel_size_nm, bar=column == 0)
        outline(panels[1], volume.masks[structure][z], STRUCTURE, width=1)
        panels[0].set_title(f"from slice {volume.facts.provenance['source_slices'][z]}")
    for panel, text in zip(axes[:, 0], ("image", "image and mask"), strict=True):
        label_row(panel, text)
    add_legend(figure, {structure: STRUCTURE})
    return png(figure)
