"""Membranes that several networks predict, on the same pieces of the same slices."""

from synthem.figures.sheets import (
    MEMBRANE,
    brightness_range,
    label_row,
    outline,
    png,
    sheet,
    show,
    to_rgb,
    true_aspect,
)

MOST_PIXELS = 300  # of a side: in a whole slice lines would hide the image


def membrane_variants_sheet(image, predicted, *, slices, voxel_size_nm):
    """Rows: the image alone, then one for each of `predicted`. Columns: the slices. Middles of large slices.

    image: [n, y, x] or [n, y, x, c]; predicted {name: {0, 1} [n, y, x]}; slices: their n numbers.
    """
    middle = middle_of(image.shape[1:3])
    image, brightness = image[:, *middle], brightness_range(image)
    aspect = true_aspect(image.shape[1:], voxel_size_nm)
    figure, axes = sheet(1 + len(predicted), len(slices), aspect=aspect)
    for row, (name, masks) in zip(axes, {"image": None, **predicted}.items(), strict=True):
        label_row(row[0], name)
        for column, panel in enumerate(row):
            show(panel, to_rgb(image[column], brightness), voxel_size_nm, bar=panel is axes[0, 0])
            if masks is not None:
                outline(panel, masks[column, *middle], MEMBRANE)
    for panel, number in zip(axes[0], slices, strict=True):
        panel.set_title(f"slice {number}")
    return png(figure)


def middle_of(shape):
    """Where the middle of a slice [y, x] of this shape lies, MOST_PIXELS wide at most."""
    starts = [max(0, (length - MOST_PIXELS) // 2) for length in shape]
    return tuple(slice(start, start + MOST_PIXELS) for start in starts)
