"""Test slices as each arm segmented them: best to worst ones, of the best and the worst replicate."""

from typing import NamedTuple

import numpy as np

from synthem.figures.instances import (
    FILLING,
    INSTANCE_LEGEND,
    colours_of,
    compare_slice,
    fill,
    outline_instances,
    painted,
    true_instances,
)
from synthem.figures.sheets import (
    DROPPED,
    MISSED,
    UNKNOWN,
    add_legend,
    bare,
    brightness_range,
    hatch,
    label_row,
    name_of,
    outline,
    png,
    sheet,
    show,
    stacked,
    tile_of,
    to_rgb,
    true_aspect,
    veil,
)
from synthem.metrics.masks import overlap_scores
from synthem.storage.ignore import blanked, plane
from synthem.storage.splits import slice_numbers

MOST_ARMS = 4  # side by side: more stand in sheets of their own, below


class Replicate(NamedTuple):
    """What all arms of one replicate made of some test slices."""

    labels: dict  # {arm: uint32 [row, y, x]} of the slices `rows`
    slice_ious: dict  # {arm: [IoU of each slice of the test block, None where undefined]}
    rows: dict  # {word: index of a slice}
    marked: dict  # {arm: bool [row, y, x]}: the mask that IoU is of, of which labels are what was kept


def segmentation_sheets(volume, replicates, *, structure, reference):
    """Sheets {words: Replicate} one below the other, with image and truth beside at most MOST_ARMS arms."""
    pictures = []
    for words, replicate in replicates.items():
        arms = list(replicate.labels)
        sheets = -(-len(arms) // MOST_ARMS)
        for number in range(sheets):  # nearly equally many arms on each
            some = arms[number * len(arms) // sheets : (number + 1) * len(arms) // sheets]
            own = replicate._replace(labels={arm: replicate.labels[arm] for arm in some})
            settings = {"structure": structure, "reference": reference, "words": words}
            pictures.append(segmentation_sheet(volume, own, **settings))
    return stacked(pictures)


def extreme_replicates(scores, *, arm, budget):
    """{"replicate 3, the best of <arm>": 3, ...}: those in which this arm had the best and the worst IoU.

    scores: rows of a table of scores; that of a replicate is the mean over its U-Nets.
    """
    values = {}
    for row in scores:
        if (row["arm"], row["budget"], row["scope"]) == (arm, budget, "volume") and row["iou"] is not None:
            values.setdefault(row["replicate"], []).append(row["iou"])
    ranked = sorted(values, key=lambda number: (-sum(values[number]) / len(values[number]), number))
    if len(ranked) < 2:
        return {f"replicate {number}": number for number in ranked or [1]}
    ends = {"best": ranked[0], "worst": ranked[-1]}
    return {f"replicate {number}, {word} of {arm}": number for word, number in ends.items()}


def segmentation_sheet(volume, replicate, *, structure, reference, words=""):
    """Rows: some test slices, chosen by the arm `reference`. Columns: image | truth | each arm with labels.

    `volume` is the test block alone and holds the truth. Instances of a slice that match have one colour in
    truth and arms. What was marked and is in no instance is hatched: it counts for the IoU. Where the truth
    is unknown, there are stripes.
    """
    labels, slice_ious, rows, marked = replicate
    dropped = {arm: marked[arm] & (labels[arm] == 0) for arm in labels}
    numbers, ignore = slice_numbers(volume.blocks["test"]), volume.ignore.get(structure)
    truth = true_instances(volume, structure)
    shown = truth[list(rows.values())]
    colours, cells = colours_of(shown), bool((shown > 0).mean() > FILLING)
    brightness = brightness_range(volume.image)
    aspect = true_aspect(volume.image.shape[1:], volume.voxel_size_nm)
    figure, axes = sheet(len(rows), 2 + len(labels), aspect=aspect, caption_lines=3)
    stripes = False
    for place, (row, (word, z)) in enumerate(zip(axes, rows.items(), strict=True)):
        image, unknown = to_rgb(volume.image[z], brightness), plane(ignore, z)
        size = tile_of(volume, numbers[z])
        height, width = size or image.shape[:2]
        stripes |= unknown is not None and bool(unknown[:height, :width].any())
        label_row(row[0], f"{word} for {reference}")
        show(row[0], bare(image, size), volume.voxel_size_nm, bar=True, tile=size)
        row[0].set_title(f"{words}\n{name_of(volume, numbers[z])}".lstrip().replace(", ", ",\n"))
        picture = veil(fill(image, painted(truth[z], colours)), unknown)
        show(row[1], bare(picture, size), volume.voxel_size_nm)
        outline_instances(row[1], truth[z], colours)
        row[1].set_title("truth")
        for panel, (arm, found) in zip(row[2:], labels.items(), strict=True):
            known = blanked(found[place], unknown)
            compared = compare_slice(known, truth[z], colours)
            picture = fill(hatch(image, dropped[arm][place]), painted(known, compared.colours))
            show(panel, bare(veil(picture, unknown), size), volume.voxel_size_nm)
            if not cells:
                outline(panel, np.isin(truth[z], list(colours)), "white", width=0.5)
            outline_instances(panel, known, compared.colours)
            outline(panel, np.isin(truth[z], compared.missed), MISSED, width=1.1)
            panel.set_title(f"{arm}\nIoU {iou_text(slice_ious[arm][z])}\n{found_text(compared)}")
    border = {} if cells else {f"border of true {structure}": "white"}
    kept = {"marked, not kept": DROPPED} if any(map(np.any, dropped.values())) else {}
    add_legend(figure, INSTANCE_LEGEND | border | kept | ({"unknown": UNKNOWN} if stripes else {}))
    return png(figure)


def slice_ious(mask, truth, ignore=None):
    """IoU of each slice of a mask {0, 1} [z, y, x]; None where it is undefined."""
    return [overlap_scores(mask[z], truth[z], plane(ignore, z))["iou"] for z in range(len(truth))]


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


def found_text(compared):
    return f"{compared.found} of {compared.found + len(compared.missed)}, {compared.extra} extra"
