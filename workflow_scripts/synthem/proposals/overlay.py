"""A picture of three slices with the outline of the mask, to be looked at before anything trains."""

import numpy as np

from synthem.figures.sheets import (
    ORANGE,
    brightness_range,
    label_row,
    outline,
    png,
    sheet,
    show,
    to_rgb,
    true_aspect,
)

SIDE = 640  # pixels of a panel: larger slices are averaged


def overlay(slices, voxel_size_nm, structure, *, tiles=False):
    """PNG of {slice number: (image [y, x(, c)], mask [y, x])}: images above, outlines below.

    Without a voxel size there is no scale bar, and pixels are taken for square.
    """
    size = voxel_size_nm or (1, 1, 1)
    shape = next(iter(slices.values()))[1].shape
    step = max(1, -(-max(shape) // SIDE))
    size = (size[0], size[1] * step, size[2] * step)
    images = {z: _reduced(image, step) for z, (image, _) in slices.items()}
    brightness = brightness_range(np.stack(list(images.values())))
    aspect = true_aspect(next(iter(images.values())).shape[:2], size)
    figure, axes = sheet(2, len(slices), aspect=aspect)
    for column, (z, (_, mask)) in enumerate(slices.items()):
        picture = to_rgb(images[z], brightness)
        for row in (0, 1):
            show(axes[row, column], picture, size, bar=row == 0 and bool(voxel_size_nm))
        axes[0, column].set_title(heading(z, mask.mean(), structure, tiles=tiles))
        marked = _reduced(mask.astype(np.float32), step) >= 0.5
        outline(axes[1, column], marked, ORANGE, width=1.2)
    label_row(axes[0, 0], "image")
    label_row(axes[1, 0], "outline of the mask")
    return png(figure)


def heading(z, share, structure, *, tiles):
    return f"{'tile' if tiles else 'slice'} {z} · {100 * share:.3g} % {structure}"


def _reduced(plane, step):
    """The mean of blocks of `step` x `step` pixels; what is left over at the ends is cut off."""
    height, width = (size // step * step for size in plane.shape[:2])
    blocks = plane[:height, :width].reshape(height // step, step, width // step, step, *plane.shape[2:])
    return blocks.mean(axis=(1, 3), dtype=np.float32)
