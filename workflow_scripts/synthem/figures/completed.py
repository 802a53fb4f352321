"""Images of which a part is hidden, what a network draws there, and what was there."""

from synthem.figures.sheets import (
    ORANGE,
    brightness_range,
    drawing,
    label_row,
    outline,
    png,
    sheet,
    show,
    to_rgb,
    true_aspect,
)


def completed_sheet(true, hidden, drawn, *, snapshots, voxel_size_nm):
    """Rows: pieces of slices. Columns: masked | drawn at each of `snapshots` (steps) and at the end | true.

    true: uint8 [n, y, x] or [n, y, x, c]; hidden: {0, 1} [n, y, x]; drawn: [snapshots + 1, n, ...] as `true`.
    All in the brightness of the true ones. The border of what was hidden is outlined.
    """
    last = "drawn at the end" if len(snapshots) else "drawn"
    titles = ["masked", *(f"drawn after {step} steps" for step in snapshots), last, "true"]
    brightness = brightness_range(true)
    figure, axes = sheet(len(true), len(titles), aspect=true_aspect(true.shape[1:3], voxel_size_nm))
    for row, panels in enumerate(axes):
        masked = to_rgb(true[row], brightness)
        masked[hidden[row] > 0] = drawing((1, 1), {})[0, 0]
        answers = [to_rgb(images[row], brightness) for images in drawn]
        for panel, picture in zip(panels, [masked, *answers, to_rgb(true[row], brightness)], strict=True):
            show(panel, picture, voxel_size_nm, bar=panel is panels[0])
        for panel in panels[1:]:
            outline(panel, hidden[row], ORANGE)
        label_row(panels[0], f"piece {row + 1}")
    for panel, title in zip(axes[0], titles, strict=True):
        panel.set_title(title, fontsize=10 if len(titles) <= 5 else 7)
    return png(figure)
