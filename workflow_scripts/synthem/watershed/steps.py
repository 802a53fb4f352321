"""What the membrane watershed does to one slice, step by step: for a figure, by the method's own code."""

from typing import NamedTuple

import numpy as np

from synthem.errors import SynthemError
from synthem.watershed.membranes import cut_flooded, flood_slice, join_pieces


class Steps(NamedTuple):
    """The six steps of Herreros Fraile 2021, section 3.2.8, all [Y, X] of one slice."""

    probability: np.ndarray  # float, of being inside a cell
    interior: np.ndarray  # bool: above the threshold
    distance: np.ndarray  # float64: pixels to the border
    markers: np.ndarray  # int32: 1..n, 0 = none
    closed: np.ndarray  # bool: segments of watershed lines that become border
    opened: np.ndarray  # bool: segments that stay interior
    cells: np.ndarray  # uint32: labels, 0 = border


def steps_of_slice(
    probability,
    *,
    interior_threshold,
    edge_threshold,
    marker_radius,
    most_markers,
    neighbours,
    segment_reach,
):
    """Probability float [Y, X] of one slice -> Steps; most_markers 0: all."""
    flooded = flood_slice(probability, interior_threshold, marker_radius, most_markers or None, neighbours)
    pieces = cut_flooded(probability, flooded, neighbours=neighbours, segment_reach=segment_reach)
    cells = np.zeros(probability.shape, np.uint32)
    join_pieces(pieces, edge_threshold, neighbours=neighbours, out=cells)
    framed, kept = flooded.depth.shape, pieces.mean >= edge_threshold
    return Steps(
        probability,
        flooded.depth[1:-1, 1:-1] > 0,
        np.sqrt(flooded.depth[1:-1, 1:-1]),
        _painted(framed, flooded.places, flooded.ids),
        _painted(framed, pieces.line[~kept], 1) > 0,
        _painted(framed, pieces.line[kept], 1) > 0,
        cells,
    )


def steps_of_tuned(probability, tuned, settings):
    """Steps of a slice with the thresholds that were tuned (threshold.json) and the section of the method."""
    if tuned["method"] != "membranes":
        raise SynthemError(
            "CONFIG_VALUE",
            "watershed.method",
            tuned["method"],
            expected="membranes, whose steps this figure shows",
            fix="write `method: membranes`, or do not ask for this figure",
        )
    thresholds = {name: tuned["settings"][name] for name in ("interior_threshold", "edge_threshold")}
    own = ("marker_radius", "most_markers", "neighbours", "segment_reach")
    return steps_of_slice(probability, **thresholds, **{name: settings[name] for name in own})


def busiest_window(steps, side):
    """The same steps in the window of at most `side` pixels with most pixels that closed a gap.

    Windows lie at half of their side from each other; of equals, the first.
    """
    height, width = steps.cells.shape
    starts = [(y, x) for y in _starts(height, side) for x in _starts(width, side)]
    y, x = max(starts, key=lambda place: steps.closed[_window(*place, side)].sum())
    return Steps(*(plane[_window(y, x, side)] for plane in steps))


def _starts(length, side):
    last = max(length - side, 0)
    return sorted({*range(0, last, max(side // 2, 1)), last})


def _window(y, x, side):
    return slice(y, y + side), slice(x, x + side)


def _painted(framed, places, values):
    """An int32 plane without its frame, with `values` at flat places of the framed one."""
    plane = np.zeros(framed, np.int32)
    plane.reshape(-1)[places] = values
    return plane[1:-1, 1:-1]
