"""Real images above images that StyleGAN drew without masks."""

from synthem.figures.sheets import brightness_range, label_row, png, sheet, show, to_rgb, true_aspect


def stylegan_sheet(real, generated, *, columns, voxel_size_nm):
    """Rows of `columns` real images, then as many rows of generated ones: uint8 [n, y, x] or [n, y, x, c].

    All in one brightness, that of the real ones: a difference in contrast must show.
    """
    rows, brightness = len(real) // columns, brightness_range(real)
    figure, axes = sheet(2 * rows, columns, aspect=true_aspect(real.shape[1:3], voxel_size_nm))
    images = [to_rgb(image, brightness) for image in (*real, *generated)]
    for place, (panel, image) in enumerate(zip(axes.flat, images, strict=True)):
        show(panel, image, voxel_size_nm, bar=place in (0, rows * columns))
    for row, panel in enumerate(axes[:, 0]):
        label_row(panel, "real" if row < rows else "generated")
    return png(figure)
