"""Sheets of generated images: masks, noises, snapshots, data sets or panels in rows and columns."""

import json
import textwrap

import numpy as np
from matplotlib.figure import Figure

from synthem.figures.sheets import (
    DPI,
    GAP,
    UNKNOWN,
    WIDTH,
    add_legend,
    brightness_range,
    drawing,
    png,
    show,
    tint,
    to_rgb,
    true_aspect,
)
from synthem.figures.synthesis import mask_colours
from synthem.gans.conditions import map_method
from synthem.gans.findings import findings_text
from synthem.storage.naming import count_text, labels_text
from synthem.synthesis.cells import FIELDS

LARGEST = 2900  # pixels of a side
LETTER, LINE, FOOT = 0.078, 0.16, 0.35  # inches of a letter, of a line of text, of the legend
LABEL_LETTERS = 15  # in a line of the label of a row
PANELS = {"structure_map": "structure map", "drawn": "generated", "conditions": "conditions"}
AXES = {
    "masks": "masks",
    "noise": "noises on the same mask",
    "snapshots": "steps of the training",
    "data_sets": "generators",
    "panels": "what the generator is given, real images and generated ones",
}


def sheet_picture(stored):
    """A sheet as `painted_sheet` made it -> PNG. All images have the brightness of the real ones.

    stored: its open arrays. real [m, y, x], masks/<data set>/<name> [m, y, x] of the places, drawn [n, y, x];
    attribute `about`: cells with the numbers of their arrays, rows, columns, settings.
    """
    about, size = json.loads(stored.attrs["about"]), stored.attrs["voxel_size_nm"]
    real = stored["real"][...]
    brightness, aspect = brightness_range(real), true_aspect(real.shape[1:3], size)
    rows, columns, cells, sheet = (about[key] for key in ("rows", "columns", "cells", "sheet"))
    lines = sheet["rows"] == sheet["columns"]  # all masks one after the other: no labels
    down = [] if lines else [label_of(cells[row * columns], sheet["rows"], about) for row in range(rows)]
    over = [] if lines else [label_of(cell, sheet["columns"], about) for cell in cells[:columns]]
    figure, axes = grid(rows, columns, aspect=aspect, down=down, over=over)
    legend = {}
    for number, cell in enumerate(cells):
        names = about["sources"][cell["data_set"]]["conditions"]
        masks = {name: stored[f"masks/{cell['data_set']}/{name}"][cell["mask"]] for name in names}
        if cell["panel"] == "conditions":
            legend |= mask_colours(names)
        show(axes[number], panel_of(cell, stored, real, masks, brightness), size, bar=number == 0)
    if any(cell["panel"] == "masked" for cell in cells):
        legend["left out"] = UNKNOWN
    if legend:
        add_legend(figure, legend)
    return png(figure)


def panel_of(cell, stored, real, masks, brightness):
    """One cell as a picture, uint8 [y, x, 3]; masks {name: [y, x]}, the structure first."""
    image = to_rgb(real[cell["mask"]], brightness)
    if cell["panel"] == "drawn":
        return to_rgb(stored["drawn"][cell["drawn"]], brightness)
    if cell["panel"] == "masked":
        return tint(image, next(iter(masks.values())), UNKNOWN, opacity=1)
    if cell["panel"] == "structure_map":
        return to_rgb(next(mask for name, mask in masks.items() if map_method(name)), (0, 1))
    if cell["panel"] == "conditions":
        return drawing(
            image.shape[:2], {shade: masks[name] for name, shade in mask_colours(list(masks)).items()}
        )
    return image


def label_of(cell, axis, about):
    """What a row or column is called."""
    value = cell[FIELDS[axis]]
    if axis == "masks":
        place = about["places"][value]
        return f"slice {place['slice']}"
    if axis == "noise":
        return f"noise {value + 1}"
    if axis == "snapshots":
        return count_text(value, "step")
    return PANELS.get(value, value) if axis == "panels" else value


def grid(rows, columns, *, aspect, down, over):
    """A figure and rows x columns bare axes, row by row: never larger than LARGEST pixels.

    down, over: labels of rows and columns, broken into lines where they are long.
    """
    down = [textwrap.fill(text, LABEL_LETTERS) for text in down]
    left = 0.1 + LETTER * max((len(line) for text in down for line in text.split("\n")), default=0)
    highest = LARGEST / DPI - FOOT - 1
    panel = min((WIDTH - left - columns * GAP) / columns, (highest - rows * GAP) / (rows * aspect))
    over = [textwrap.fill(text, max(6, int(panel / LETTER))) for text in over]
    top = 0.08 + LINE * max((text.count("\n") + 1 for text in over), default=0)
    width, height = left + columns * (panel + GAP), top + rows * (panel * aspect + GAP) + FOOT
    figure = Figure(figsize=(max(width, WIDTH / 2), height))
    axes = []
    for row, column in np.ndindex(rows, columns):
        corner = left + column * (panel + GAP), height - top - row * (panel * aspect + GAP) - panel * aspect
        box = (corner[0], corner[1], panel, panel * aspect)
        scale = (figure.get_figwidth(), height) * 2
        box = [inches / whole for inches, whole in zip(box, scale, strict=True)]
        axes.append(figure.add_axes(box, xticks=[], yticks=[], frame_on=False))
    for text, one in zip(down, axes[::columns], strict=False):
        one.set_ylabel(text, rotation=0, ha="right", va="center", fontsize=9, labelpad=4)
    for text, one in zip(over, axes, strict=False):
        one.set_title(text, fontsize=9, loc="center", pad=3)
    return figure, axes


def sheet_caption(stored):
    """What a sheet shows, in a biologist's words."""
    about = json.loads(stored.attrs["about"])
    sheet, cells = about["sheet"], about["cells"]
    shown = list(dict.fromkeys(cell["data_set"] for cell in cells))
    steps = sorted({cell["step"] for cell in cells if cell["panel"] == "drawn" and cell["step"]})
    ends = sorted({about["sources"][name]["steps"] for name in shown})
    after = ", ".join(f"{step:,}" for step in steps or ends)
    places, slices = (
        {cell["mask"] for cell in cells},
        {about["places"][cell["mask"]]["slice"] for cell in cells},
    )
    drawn = sum(cell["panel"] == "drawn" for cell in cells)
    labels = labels_text(sheet["budget"], about["sources"][shown[0]]["labels"])
    start = f"Images that generators ({', '.join(shown)}) draw after {after} steps of training on {labels}"
    axes = f"rows: {AXES[sheet['rows']]}; columns: {AXES[sheet['columns']]}"
    if sheet["rows"] == sheet["columns"]:
        axes = "each on another mask"
    text = [
        f"{start}, replicate {sheet['replicate']}; {axes}.",
        f"n = {count_text(drawn, 'generated image')} on masks of {count_text(len(places), 'place')} in "
        f"{count_text(len(slices), 'slice')}.",
        {
            "test": "The slices are of the test block: no network has ever learnt from them or their masks.",
            "train": "The generators have learnt from these slices and their masks.",
        }[sheet["block"]],
        "Images have the brightness of the real ones; one mask and number of noise has one noise in all.",
    ]
    for name in shown:
        if about["sources"][name]["findings"]:
            text.append(
                f"{name} failed while it trained: {findings_text(about['sources'][name]['findings'])}."
            )
    return " ".join(text)
