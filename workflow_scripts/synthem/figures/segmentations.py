"""Test slices as each arm segmented them: the best, a middling and the worst one."""

from synthem.figures.sheets import (
    AGREEMENT_LEGEND,
    STRUCTURE,
    UNKNOWN,
    add_legend,
    agreement,
    brightness_range,
    label_row,
    png,
    sheet,
    show,
    tint,
    to_rgb,
    true_aspect,
    veil,
)
from synthem.splits import slice_numbers
from synthem.unknown import blanked, plane


def segmentation_sheet(volume, masks, slice_ious, *, structure, reference):
    """Rows: best, middling, worst test slice of the arm `reference`. Columns: image | truth | each arm.

    `volume` is the test block alone and holds the truth; `masks` {arm: [z, y, x]} and
    `slice_ious` {arm: [IoU of each slice, None where undefined]} cover the same slices. Where the truth is
    unknown, there are stripes.
    """
    numbers = slice_numbers(volume.blocks["test"])
    truth, ignore = volume.masks[structure], volume.ignore.get(structure)
    rows = ranked_slices(slice_ious[reference])
    brightness = brightness_range(volume.image)
    aspect = true_aspect(volume.image.shape[1:], volume.voxel_size_nm)
    figure, axes = sheet(len(rows), 2 + len(masks), aspect=aspect, caption_lines=2)
    for row, (word, z) in zip(axes, rows.items(), strict=True):
        image, unknown = to_rgb(volume.image[z], brightness), plane(ignore, z)
        true = blanked(truth[z], unknown)
        label_row(row[0], f"{word} for {reference}")
        show(row[0], image, volume.voxel_size_nm, bar=True)
        row[0].set_title(f"slice {numbers[z]}")
        show(row[1], veil(tint(image, true, STRUCTURE), unknown), volume.voxel_size_nm)
        row[1].set_title("truth")
        for panel, (arm, mask) in zip(row[2:], masks.items(), strict=True):
            picture = agreement(image, blanked(mask[z], unknown), true)
            show(panel, veil(picture, unknown), volume.voxel_size_nm)
            panel.set_title(f"{arm}\nIoU {iou_text(slice_ious[arm][z])}")
    stripes = ignore is not None and ignore[list(rows.values())].any()
    entries = {f"true {structure}": STRUCTURE} | AGREEMENT_LEGEND
    add_legend(figure, entries | ({"unknown": UNKNOWN} if stripes else {}))
    return png(figure)


def ranked_slices(ious):
    """{"best" | "middling" | "worst": index} of the slices whose IoU is defined; fewer if so few are."""
    ranked = sorted((z for z, iou in enumerate(ious) if iou is not None), key=lambda z: (-ious[z], z))
    if not ranked:
        return {"no truth": len(ious) // 2}
    places = {ranked[0]: "best", ranked[-1]: "worst", ranked[len(ranked) // 2]: "middling"}
    order = ("best", "middling", "worst")
    if len(ranked) < 3:
        places = dict(zip(ranked, ("best", "worst"), strict=False))
    return dict(sorted(((word, z) for z, word in places.items()), key=lambda place: order.index(place[0])))


def iou_text(iou):
    return "undefined" if iou is None else f"{iou:.3f}"
