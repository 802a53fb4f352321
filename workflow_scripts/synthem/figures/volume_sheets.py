"""Sheets of slices from a volume: its own masks, and membranes predicted for it."""

from synthem.figures.sheets import (
    AGREEMENT_LEGEND,
    MEMBRANE,
    STRUCTURE,
    UNKNOWN,
    add_legend,
    agreement,
    bare,
    brightness_range,
    drawing,
    label_row,
    name_of,
    outline,
    png,
    sheet,
    show,
    tile_of,
    tint,
    to_rgb,
    true_aspect,
    veil,
)
from synthem.storage.ignore import blanked, either, plane
from synthem.storage.splits import slice_numbers

BLOCK_WORDS = {"train": "training"}


def shown_slices(volume):
    """{slice number: block name}: the middle slice of each block, or three spread over z without blocks."""
    if volume.blocks:
        numbers = {BLOCK_WORDS.get(name, name): slice_numbers(block) for name, block in volume.blocks.items()}
        return dict(sorted((middle[len(middle) // 2], word) for word, middle in numbers.items()))
    depth = volume.image.shape[0]
    return dict.fromkeys((depth // 6, depth // 2, 5 * depth // 6), "")


def slice_text(volume, z, block):
    return f"{name_of(volume, z)} · {block}" if block else name_of(volume, z)


def volume_sheet(volume, structure):
    """Rows: a slice of each block. Columns: image | masks | both. A mask the volume lacks is left out.

    Where one of the masks is unknown, it lies under stripes.
    """
    slices = shown_slices(volume)
    brightness = brightness_range(volume.image)
    colours = {structure: STRUCTURE, "membrane": MEMBRANE}
    masks = {name: volume.masks[name] for name in colours if name in volume.masks}
    ignore = either(*(volume.ignore.get(name) for name in masks))
    aspect = true_aspect(volume.image.shape[1:], volume.voxel_size_nm)
    figure, axes = sheet(len(slices), 3 if masks else 1, aspect=aspect)
    for row, (z, block) in zip(axes, slices.items(), strict=True):
        image, size = to_rgb(volume.image[z], brightness), tile_of(volume, z)
        show(row[0], bare(image, size), volume.voxel_size_nm, bar=True, tile=size)
        label_row(row[0], slice_text(volume, z, block))
        if masks:
            planes = {colours[name]: mask[z] for name, mask in masks.items()}
            picture = veil(drawing(image.shape[:2], planes), plane(ignore, z))
            show(row[1], bare(picture, size), volume.voxel_size_nm)
            for colour, mask in planes.items():
                image = tint(image, mask, colour)
            show(row[2], bare(veil(image, plane(ignore, z)), size), volume.voxel_size_nm)
    for panel, title in zip(axes[0], ("image", "masks", "masks on the image"), strict=False):
        panel.set_title(title)
    if masks:
        add_legend(figure, {name: colours[name] for name in masks} | unknown_legend(ignore, slices, volume))
    return png(figure)


def unknown_legend(ignore, slices, volume):
    """An entry for the stripes, if one of the slices shows some: beyond a tile there are none."""
    within = ((z, tile_of(volume, z) or volume.image.shape[1:3]) for z in slices)
    shown = ignore is not None and any(ignore[z, :height, :width].any() for z, (height, width) in within)
    return {"unknown": UNKNOWN} if shown else {}


def membrane_sheet(volume, predicted, probability, truth=None, ignore=None, *, unlabelled=False):
    """Rows: a slice of each block. Columns: image | probability | prediction | agreement with the truth.

    `predicted` {0, 1}, `probability` 0..1, the withheld `truth` {0, 1} or None, and `ignore` {0, 1}, where
    the truth is unknown, or None are [z, y, x]. `unlabelled`: show a slice without labels, too, which only a
    network that sees the image alone can predict.
    """
    slices = {z: block for z, block in shown_slices(volume).items() if unlabelled or block != "unlabelled"}
    brightness = brightness_range(volume.image)
    titles = ["image", "membrane probability", "outline of the prediction"]
    if truth is not None:
        titles.append("against the truth")
    aspect = true_aspect(volume.image.shape[1:], volume.voxel_size_nm)
    figure, axes = sheet(len(slices), len(titles), aspect=aspect)
    for row, (z, block) in zip(axes, slices.items(), strict=True):
        image = to_rgb(volume.image[z], brightness)
        show(row[0], image, volume.voxel_size_nm, bar=True)
        label_row(row[0], slice_text(volume, z, block))
        show(row[1], to_rgb(probability[z], (0, 1)), volume.voxel_size_nm)
        show(row[2], image, volume.voxel_size_nm)
        outline(row[2], predicted[z], MEMBRANE)
        if truth is not None:
            known = (blanked(mask[z], plane(ignore, z)) for mask in (predicted, truth))
            show(row[3], veil(agreement(image, *known), plane(ignore, z)), volume.voxel_size_nm)
    for panel, title in zip(axes[0], titles, strict=True):
        panel.set_title(title)
    if truth is not None:
        add_legend(figure, AGREEMENT_LEGEND | unknown_legend(ignore, slices, volume))
    return png(figure)
