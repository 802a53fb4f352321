"""Probability of being inside a cell -> cells, with gaps in the membranes closed by a watershed.

Herreros Fraile 2021, section 3.2.8: threshold -> distance to the border -> markers -> watershed
lines -> each line segment within the interior becomes border if its mean probability is low -> label.
"""

from typing import NamedTuple

import numpy as np

from synthem.errors import SynthemError
from synthem.kernels.compiling import kernel
from synthem.kernels.components import framed_components
from synthem.kernels.flooding import FREE, OUTSIDE, empty_queues, flood
from synthem.kernels.markers import group_places, place_markers
from synthem.kernels.neighbourhoods import flat_steps
from synthem.kernels.squares import squared_distances
from synthem.kernels.threads import each_slice
from synthem.kernels.unions import root_of, unite

# The thesis has .83 / .91 in its section 5.2 and .81 / .91 in captions and discussion; .73 / .81 is what it
# used before tuning. It gives no number for the markers ("experimentally determined"): 10 is ours.
# ASSUME 4 neighbours (figure 3.8 has lost its picture): scikit-image floods to them by default,
# and with 8 for the labels cells would touch across each diagonal step of such a line: few gaps would close.
SHARED = {"marker_radius": 10, "most_markers": None, "neighbours": 4, "segment_reach": 0}
PRESETS = {
    "paper": {"interior_threshold": 0.83, "edge_threshold": 0.91} | SHARED,
    "paper-captions": {"interior_threshold": 0.81, "edge_threshold": 0.91} | SHARED,
    "paper-untuned": {"interior_threshold": 0.73, "edge_threshold": 0.81} | SHARED,
}


def lists_of_preset(name):
    """The thresholds of a preset as the config has them, each in a list of its own."""
    low, edge = (PRESETS[name][threshold] for threshold in ("interior_threshold", "edge_threshold"))
    return {"interior_thresholds": [low], "edge_rises": [round(edge - low, 9)]}  # .91 - .83 is to be .08


class Flooded(NamedTuple):
    """One slice after the flood, before its lines are judged; arrays have a frame of one pixel."""

    depth: np.ndarray  # int32 [Y + 2, X + 2]: squared distance to the border in pixels, 0 outside of cells
    places: np.ndarray  # int64 [M]: flat places of the pixels of markers
    ids: np.ndarray  # int64 [M]: which marker each belongs to
    basins: np.ndarray  # int32, flat: above 0 a basin
    line: np.ndarray  # int64 [N]: flat places of the pixels between basins


class Pieces(NamedTuple):
    """One slice with all its watershed lines taken out, and what is needed to put some of them back."""

    nodes: np.ndarray  # int32 [Y + 2, X + 2]: 0 border, 1..count a piece, above: one node per line pixel
    count: int  # of pieces
    line: np.ndarray  # int64 [N]: flat places of the line pixels, in the order of their nodes
    first: np.ndarray  # int64 [count + 1 + N]: flat place of the first pixel of each node
    mean: np.ndarray  # float64 [N]: mean probability of the segment that each belongs to


def segment_grid(
    interior,
    *,
    interior_thresholds,
    edge_rises,
    marker_radius,
    most_markers,
    neighbours,
    segment_reach,
    threads,
    zeros=np.zeros,
):
    """Yield (interior_threshold, edge_threshold, labels) for every threshold and every `edge_rise` above it.

    interior float [Z, Y, X] in [0, 1] -> labels uint32 [Z, Y, X], ids 1..n, 0 = border. Each slice is
    segmented for itself, and no id is in two slices. Interior is probability > interior_threshold. A segment
    of a watershed line is added to the border if its mean probability is below edge_threshold. A part of the
    interior without a marker counts as line: specks go the same way. Each slice is flooded once per interior
    threshold.

    marker_radius   no two markers within so many rows and columns, unless equally deep
    most_markers    per slice, the deepest; None = all
    neighbours      4 or 8: who floods into whom and who is one cell in the end
    segment_reach   the mean is over pixels within so many rows and columns of the segment (0: its own)
    """
    for interior_threshold in interior_thresholds:

        def cut(z, low=interior_threshold):
            flooded = flood_slice(interior[z], low, marker_radius, most_markers, neighbours)
            return cut_flooded(interior[z], flooded, neighbours=neighbours, segment_reach=segment_reach)

        several = len(edge_rises) > 1  # a single one need not keep the pieces of all slices
        pieces_of = each_slice(cut, len(interior), threads).__getitem__ if several else cut
        for edge_rise in edge_rises:
            edge_threshold = round(interior_threshold + edge_rise, 9)  # .83 + .08 is to be .91
            labels = zeros(interior.shape, np.uint32)
            _join_slices(pieces_of, edge_threshold, labels, neighbours, threads)
            yield interior_threshold, edge_threshold, labels


def flood_slice(probability, interior_threshold, marker_radius, most_markers, neighbours):
    """One slice [Y, X] -> Flooded: its distance to the border, and the basins of its markers."""
    _check(probability)
    inside = probability > interior_threshold
    depth = squared_distances(inside)
    basins = framed_components(inside[None], neighbours=neighbours)[0].reshape(-1)
    places, ids = place_markers(depth, marker_radius, most_markers)
    _flood_parts(basins, depth.reshape(-1), places, ids, flat_steps(neighbours, (1, *depth.shape)))
    return Flooded(depth, places, ids, basins, _line_pixels(basins))


def cut_flooded(probability, flooded, *, neighbours, segment_reach):
    """A flooded slice -> Pieces: the lines between its basins in segments, each with its mean probability."""
    line, shape = flooded.line, flooded.depth.shape
    around = flat_steps(8, (1, *shape))  # a line may run diagonally
    segments, count = group_places(line, flooded.basins.size, around)
    mean = _segment_means(np.ascontiguousarray(probability), line, segments, count, segment_reach)
    nodes, count = framed_components(
        (flooded.basins > 0).reshape(1, *shape)[:, 1:-1, 1:-1], neighbours=neighbours
    )
    nodes.reshape(-1)[line] = np.arange(count + 1, count + 1 + len(line))
    return Pieces(nodes[0], count, line, _first_places(nodes.reshape(-1), count, line), mean)


def join_pieces(pieces, edge_threshold, *, neighbours, out):
    """Write labels uint32 [Y, X] into `out`, return their number: other segments stay interior."""
    steps = flat_steps(neighbours, (1, *pieces.nodes.shape))
    numbers, count = _join(
        pieces.nodes.reshape(-1),
        pieces.count,
        pieces.line,
        pieces.first,
        pieces.mean >= edge_threshold,
        steps,
    )
    _paint(pieces.nodes, numbers, out)
    return count


def _join_slices(pieces_of, edge_threshold, labels, neighbours, threads):
    """Join the pieces of every slice (`join_pieces`), into labels [Z, Y, X]: no id is in two."""

    def join(z):
        return join_pieces(pieces_of(z), edge_threshold, neighbours=neighbours, out=labels[z])

    counts = each_slice(join, len(labels), threads)
    before = np.concatenate([[0], np.cumsum(counts)]).astype(np.uint32)
    each_slice(lambda z: before[z] and _add_to_labels(labels[z], before[z]), len(labels), threads)


def _check(probability):
    low, high = (probability.min(), probability.max()) if probability.size else (np.nan, np.nan)
    if probability.ndim != 2 or probability.dtype.kind != "f" or not 0 <= low <= high <= 1:
        raise SynthemError(
            "DATA_VALUE",
            "probability of interior",
            f"a slice of shape {probability.shape}, {probability.dtype}, from {low} to {high}",
            expected="floating-point numbers from 0 to 1, in slices [y, x]",
            fix="delete the probability file and the network it came from, and run again",
        )


def _flood_parts(labels, depth, places, ids, steps):
    """Ids of parts (0 outside) -> a flood's labels, in place: every part with several markers is flooded."""
    queues = empty_queues(int(depth.max()) + 1, labels.size)
    _flood_each(labels, depth, places, ids, *queues, steps)


@kernel
def _flood_each(labels, depth, places, ids, first, last, after, steps):
    # Parts never meet: one at a time, its queues stay in the processor's cache, and most have one marker.
    parts = labels.max()
    marker, several = np.zeros(parts + 1, np.int32), np.zeros(parts + 1, np.bool_)
    ends = np.zeros(parts + 2, np.int64)
    for row in range(len(places)):
        part = labels[places[row]]
        ends[part + 1] += 1
        if marker[part] == 0:
            marker[part] = ids[row]
        elif marker[part] != ids[row]:
            several[part] = True
    starts = _sorted_by_part(labels, places, ends)
    for voxel in range(len(labels)):
        part = labels[voxel]
        labels[voxel] = OUTSIDE if part == 0 else FREE if several[part] else marker[part]
    for part in range(1, parts + 1):
        if several[part]:
            mine = starts[ends[part - 1] : ends[part]]
            for row in mine:
                labels[places[row]] = ids[row]
            flood(labels, depth, places[mine], first, last, after, steps, True)


@kernel
def _sorted_by_part(labels, places, ends):
    """Rows of `places`, part by part; `ends[part]`, which held counts, becomes where a part ends."""
    ends[:] = np.cumsum(ends)
    rows = np.empty(len(places), np.int64)
    for row in range(len(places)):
        part = labels[places[row]]
        rows[ends[part]] = row
        ends[part] += 1
    return rows


@kernel
def _line_pixels(labels):
    """Flat places that no basin has: lines between basins, and parts without a marker."""
    count = 0
    for label in labels:
        count += label <= 0 and label != OUTSIDE
    places = np.empty(count, np.int64)
    count = 0
    for place in range(len(labels)):
        if labels[place] <= 0 and labels[place] != OUTSIDE:
            places[count] = place
            count += 1
    return places


@kernel
def _segment_means(probability, line, segments, count, reach):
    """Mean probability over all pixels within reach of a segment, for every pixel of the line."""
    height, width = probability.shape
    total, number = np.zeros(count + 1), np.zeros(count + 1, np.int64)
    # The segment that counted a pixel last: no pixel counts twice.
    last_in = np.zeros((height, width), np.int32)
    for row in np.argsort(segments, kind="mergesort"):
        segment = segments[row]
        y, x = line[row] // (width + 2) - 1, line[row] % (width + 2) - 1
        for j in range(max(y - reach, 0), min(y + reach + 1, height)):
            for i in range(max(x - reach, 0), min(x + reach + 1, width)):
                if last_in[j, i] != segment:
                    last_in[j, i] = segment
                    total[segment] += probability[j, i]
                    number[segment] += 1
    return (total / number)[segments]


@kernel
def _first_places(nodes, count, line):
    first = np.zeros(count + 1 + len(line), np.int64)
    found = 0
    for place in range(len(nodes)):  # pieces are numbered in this order
        if nodes[place] == found + 1 <= count:
            found += 1
            first[found] = place
    first[count + 1 :] = line
    return first


@kernel
def _join(nodes, count, line, first, kept, steps):
    """The label of each node, uint32 (1..n in the order of first pixels, 0 for border), and n."""
    parents = np.arange(len(first))
    for row in range(len(line)):
        if kept[row]:
            for step in steps:
                other = nodes[line[row] + step]
                if 0 < other <= count or (other > count and kept[other - count - 1]):
                    unite(parents, other, count + 1 + row)
        else:
            parents[count + 1 + row] = 0
    earliest = first.copy()
    for node in range(1, len(parents)):
        root = root_of(parents, node)
        earliest[root] = min(earliest[root], first[node])
    labels, found = np.zeros(len(parents), np.uint32), 0
    for node in np.argsort(earliest):
        if node > 0 and parents[node] == node:
            found += 1
            labels[node] = found
    for node in range(1, len(parents)):
        labels[node] = labels[root_of(parents, node)]
    return labels, found


@kernel
def _paint(nodes, labels, out):
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            out[y, x] = labels[nodes[y + 1, x + 1]]


@kernel
def _add_to_labels(labels, number):
    for y in range(labels.shape[0]):
        for x in range(labels.shape[1]):
            if labels[y, x] > 0:
                labels[y, x] += number
