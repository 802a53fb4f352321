"""Instances over an image: truth and result in colours that they share, what was missed, what is extra.

Colours are numbers, 1.. in HUES and EXTRA: neighbours differ, and a true instance keeps its colour through
all slices. In each slice a label has the colour of the true instance that it matches there.
"""

from typing import NamedTuple

import matplotlib
import numpy as np

from synthem.figures.colouring import colour_labels
from synthem.figures.sheets import BLUE, FALSE, GREEN, MISSED, PURPLE, SKY, outline
from synthem.metrics.instances import instances, matches
from synthem.metrics.overlaps import of_section
from synthem.metrics.truth import truth_of
from synthem.storage.ignore import blanked

# Far from yellow and vermillion, which mark errors. The last four are Tol's, for colour-blind readers too.
HUES = (SKY, GREEN, PURPLE, BLUE, "#999933", "#882255", "#332288", "#225522")
EXTRA = len(HUES) + 1  # the number of labels without a true instance
PAINT = np.array([matplotlib.colors.to_rgb(hue) for hue in ("black", *HUES, FALSE)]) * 255
REACH = 6  # voxels: cells on both sides of a membrane are neighbours too
OPACITY = 0.4
FILLING = 0.5  # of the slices in true instances: these are cells, whose outlines would hide each other


class Comparison(NamedTuple):
    """Labels of one slice beside its truth: {label: colour}, and ids of true instances without a label."""

    colours: dict
    missed: list
    found: int
    extra: int


def true_instances(volume, structure):
    """Of a test block, uint32 [z, y, x]: labels, or the connected parts of the mask; 0 where unknown."""
    truth = truth_of(volume, structure, "test")
    return blanked(truth.instances, truth.ignore)


def colours_of(labels):
    """{id: 1 to len(HUES)} of labels [z, y, x], such that neighbours differ: see `colour_labels`."""
    numbers = colour_labels(labels, reach=REACH, most=len(HUES))
    ids, places = np.unique(labels, return_index=True)
    chosen = numbers.reshape(-1)[places]
    return {int(label): int(number) for label, number in zip(ids, chosen, strict=True) if label}


def compare_slice(labels, truth, true_colours):
    """Labels and truth [y, x] of a slice -> Comparison; they match where their IoU in it is above 0.5."""
    rows = matches(instances(of_section(labels, truth)))
    pairs = {row["label"]: row["truth"] for row in rows if row["label"] is not None}
    colours = {label: EXTRA if true is None else true_colours[true] for label, true in pairs.items()}
    missed = [row["truth"] for row in rows if row["label"] is None]
    extra = sum(true is None for true in pairs.values())
    return Comparison(colours, missed, len(pairs) - extra, extra)


def painted(labels, colours):
    """Labels [y, x] -> their colours, uint8 [y, x]; 0 for labels that `colours` does not name."""
    ids, places = np.unique(labels, return_inverse=True)
    return np.array([colours.get(int(label), 0) for label in ids], np.uint8)[places].reshape(labels.shape)


def fill(rgb, numbers, *, opacity=OPACITY):
    """uint8 [y, x, 3] with the colours `numbers` [y, x] laid over it."""
    mixed = (1 - opacity) * rgb + opacity * PAINT[numbers]
    return np.where(numbers[..., None] > 0, mixed.round(), rgb).astype(np.uint8)


def outline_instances(axes, labels, colours):
    """Draw the borders of labels [y, x] in a panel, each in its colour.

    `colours` {label: colour}: those that it does not name have no line.
    """
    numbers = painted(labels, colours)
    # Apart even where instances of one colour touch, as pieces of one cell do.
    apart = colour_labels(np.where(numbers > 0, labels, 0)[None], reach=0)[0]
    kinds = numbers.astype(np.int64) * 256 + apart
    for kind in np.flatnonzero(np.bincount(kinds[numbers > 0])).tolist():
        colour = matplotlib.colors.to_hex(PAINT[kind // 256] / 255)
        outline(axes, kinds == kind, colour, width=1)


INSTANCE_LEGEND = {"missed": MISSED, "extra": FALSE}
