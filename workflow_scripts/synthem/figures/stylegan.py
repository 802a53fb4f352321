"""Real images above images that StyleGAN drew without masks, and what it drew while it learnt."""

from synthem.figures.sheets import brightness_range, label_row, png, sheet, show, to_rgb, true_aspect
from synthem.storage.naming import count_text


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


def stylegan_training_sheet(after, *, voxel_size_nm):
    """A row for each step: {step: uint8 [n, y, x] or [n, y, x, c]}, of the same latents in each column.

    The contrast of each image is stretched to its own grey levels: early ones are nearly flat. Images that
    have not grown to the end have fewer pixels.
    """
    largest, columns = max(images.shape[1] for images in after.values()), len(next(iter(after.values())))
    z, y, x = voxel_size_nm
    figure, axes = sheet(len(after), columns, aspect=y / x)
    for row, (step, images) in zip(axes, after.items(), strict=True):
        coarser = largest / images.shape[1]
        for panel, image in zip(row, images, strict=True):
            picture = to_rgb(image, brightness_range(image[None]))
            show(panel, picture, (z, y * coarser, x * coarser), bar=panel is axes[0, 0])
        label_row(row[0], f"{count_text(step, 'step')}\n{images.shape[1]} px")
    return png(figure)
