"""Synthetic slices beside real ones, with the masks that they were painted from."""

import numpy as np

from synthem.figures.sheets import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    INK,
    MEMBRANE,
    PURPLE,
    STRUCTURE,
    UNKNOWN,
    VERMILLION,
    add_legend,
    bare,
    brightness_range,
    drawing,
    label_row,
    png,
    sheet,
    show,
    some_pixels,
    to_rgb,
    true_aspect,
)
from synthem.gans.conditions import map_method
from synthem.synthesis.acceptance import cause, word

MASKS = (STRUCTURE, MEMBRANE, GREEN, PURPLE, BLUE, VERMILLION)
MAPS = (UNKNOWN, GREY, INK, BLACK)
COLUMNS, REJECTED = 6, 2  # at most; of the rejected as many as the kept leave room for, but so many at least
HISTOGRAM = 2.0  # inches


def synthesis_sheet(real, candidates, judged, *, masks, sizes=()):
    """Columns: kept, then rejected slices. Rows: real images for comparison | new masks | generated images.

    `real` [z, y, x] are images to compare with, `candidates` all generated slices as a volume, `judged` their
    rows of filter.FILTER_COLUMNS. masks: the names of those that were painted on, the structure first. sizes:
    (y, x) of the tiles in the real slices, if they are tiles.
    """
    kept = np.array([row["kept"] for row in judged], bool)
    colours = mask_colours(masks)
    columns = chosen_slices(kept, [row["deviation"] for row in judged])
    brightness = brightness_range(real)  # one scale for both: a difference in contrast must show
    aspect = true_aspect(candidates.image.shape[1:], candidates.voxel_size_nm)
    figure, axes = sheet(3, len(columns), aspect=aspect, extra=HISTOGRAM)
    beside = np.linspace(0, len(real) - 1, len(columns)).round().astype(int)
    for column, (z, z_real) in enumerate(zip(columns, beside, strict=True)):
        above, middle, below = axes[:, column]
        colour = BLUE if kept[z] else VERMILLION
        picture = bare(to_rgb(real[z_real], brightness), sizes and sizes[z_real])
        show(above, picture, candidates.voxel_size_nm, bar=column == 0)
        image = to_rgb(candidates.image[z], brightness)
        planes = {shade: candidates.masks[name][z] for name, shade in colours.items()}
        show(middle, drawing(image.shape[:2], planes), candidates.voxel_size_nm)
        show(below, image, candidates.voxel_size_nm, bar=column == 0)
        below.set_frame_on(True)
        below.spines[:].set(visible=True, color=colour, linewidth=2)
        badge = {"boxstyle": "square,pad=0.25", "facecolor": colour, "edgecolor": colour}
        below.text(
            0.03,
            0.96,
            judgement(judged[z]),
            color="white",
            fontsize=9,
            va="top",
            bbox=badge,
            transform=below.transAxes,
        )
    for panel, text in zip(axes[:, 0], ("real", "new masks", "generated"), strict=True):
        label_row(panel, text)
    add_histogram(figure, real, candidates.image[kept], candidates.image[~kept], brightness)
    add_legend(figure, colours, above=HISTOGRAM)
    return png(figure)


def repainting_sheet(real, repainted, *, masks, sizes=()):
    """A column per slice. Rows: the real image | its own masks | what the generator paints on them.

    `real` [z, y, x] are the images of the slices in the volume `repainted`, in its order; masks: the names of
    those that were painted on, the structure first. sizes: (y, x) of the tiles in these slices, if they are
    tiles.
    """
    colours = mask_colours(masks)
    brightness = brightness_range(real)
    aspect = true_aspect(real.shape[1:], repainted.voxel_size_nm)
    figure, axes = sheet(3, len(real), aspect=aspect)
    planes = {shade: repainted.masks[name] for name, shade in colours.items()}
    for z, (above, middle, below) in enumerate(axes.T):
        condition = drawing(real.shape[1:3], {shade: mask[z] for shade, mask in planes.items()})
        pictures = to_rgb(real[z], brightness), condition, to_rgb(repainted.image[z], brightness)
        for panel, picture in zip((above, middle, below), pictures, strict=True):
            bar = z == 0 and picture is not condition
            show(panel, bare(picture, sizes and sizes[z]), repainted.voxel_size_nm, bar=bar)
        above.set_title(f"{'tile' if sizes else 'slice'} {repainted.facts.provenance['source_slices'][z]}")
    for panel, text in zip(axes[:, 0], ("real", "its masks", "generated"), strict=True):
        label_row(panel, text)
    add_legend(figure, colours)
    return png(figure)


def mask_colours(masks):
    """{name: colour} of the structure and others in their order; structure maps first, to lie below them."""
    maps = [name for name in masks if map_method(name)]
    others = [name for name in masks if name not in maps]
    return dict(zip(maps, MAPS, strict=False)) | dict(zip(others, MASKS, strict=False))


def judgement(row):
    """The caption of a slice: kept, or why it was rejected and by how much."""
    if row["kept"]:
        return "✓ kept"
    if row["reason"] != "deviates":
        return f"✗ {word(cause(row))}"
    return f"✗ {word(cause(row))}\n{row['deviation']:.3g}-fold"


def chosen_slices(kept, deviation):
    """Indices of kept slices spread over all of them, then of rejected ones from the worst to the best."""
    deviation = np.asarray(deviation, float)
    accepted, rejected = np.flatnonzero(kept), np.flatnonzero(~kept)
    rejected = rejected[np.argsort(-deviation[rejected], kind="stable")]
    n = min(COLUMNS - min(REJECTED, len(rejected)), len(accepted))
    return [*spread(accepted, n), *spread(rejected, min(COLUMNS - n, len(rejected)))]


def spread(indices, n):
    """n of the indices, from the first to the last."""
    return indices[np.linspace(0, len(indices) - 1, n).round().astype(int)].tolist() if n else []


def add_histogram(figure, real, kept, rejected, brightness):
    """The grey values of all real, all kept and all rejected images, below the panels of a sheet."""
    height = figure.get_figheight()
    axes = figure.add_axes((0.075, 0.55 / height, 0.9, (HISTOGRAM - 0.75) / height))
    step = max(1, round((brightness[1] - brightness[0]) / 64))
    groups = (("real", real, GREY), ("kept", kept, BLUE), ("rejected", rejected, VERMILLION))
    for name, image, colour in groups:
        if not image.size:
            continue
        sample = some_pixels(image)
        # Bins of whole grey values: others hold one value more or less, and the outline would look torn.
        edges = np.arange(brightness[0], brightness[1] + step, step) - 0.5
        share = 100 * np.histogram(sample, edges)[0] / sample.size
        axes.stairs(share, edges, color=colour, linewidth=1.8, label=name)
        axes.stairs(share, edges, color=colour, fill=True, alpha=0.15)
    axes.set(xlabel="grey value", ylabel="pixels (%)", xlim=brightness, ylim=(0, None))
    axes.legend(loc="upper left")
