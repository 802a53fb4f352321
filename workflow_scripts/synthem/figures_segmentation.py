"""Test slices as each arm segmented them: the best, a middling and the worst one."""

from synthem.figures import (
    AGREEMENT_LEGEND,
    STRUCTURE,
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
)


def segmentation_sheet(volume, masks, slice_ious, *, structure, reference):
    """Rows: best, middling, worst test slice of the arm `reference`. Columns: image | truth | each arm.

    `volume` is the test block alone and holds the truth; `masks` {arm: [z, y, x]} and
    `slice_ious` {arm: [IoU of each slice, None where undefined]} cover the same slices.
    """
    first = volume.blocks.get("test", (0, 0))[0]
    truth = volume.masks[structure]
    rows = ranked_slices(slice_ious[reference])
    brightness = brightness_range(volume.image)
    aspect = true_aspect(volume.image.shape[1:], volume.voxel_size_nm)
    figure, axes = sheet(len(rows), 2 + len(masks), aspect=aspect, caption_lines=2)
    for row, (word, z) in zip(axes, rows.items(), strict=True):
        image = to_rgb(volume.image[z], brightness)
        label_row(row[0], f"{word} for {reference}")
        show(row[0], image, volume.voxel_size_nm, bar=True)
        row[0].set_title(f"slice {first + z}")
        show(row[1], tint(image, truth[z], STRUCTURE), volume.voxel_size_nm)
        row[1].set_title("truth")
        for panel, (arm, mask) in zip(row[2:], masks.items(), strict=True):
            show(panel, agreement(image, mask[z], truth[z]), volume.voxel_size_nm)
            panel.set_title(f"{arm}\nIoU {iou_text(slice_ious[arm][z])}")
    add_legend(figure, {f"true {structure}": STRUCTURE} | AGREEMENT_LEGEND)
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
