"""Colours of cells, such that neighbours differ: few, and told apart by colour-blind readers too."""

import heapq

import numpy as np

# Okabe & Ito 2008 without black, which is the border: distinct for all common kinds of colour blindness.
PALETTE = np.array(
    [
        *((230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66)),
        *((0, 114, 178), (213, 94, 0), (204, 121, 167)),
    ],
    np.uint8,
)
SHADE = 0.55  # a palette that is used up goes on with darker versions of itself


def colour_labels(labels, *, reach):
    """Labels [Z, Y, X] -> uint8 [Z, Y, X]: 0 where there is none, else 1.. such that neighbours differ.

    Neighbours are two cells with at most `reach` voxels of no cell between them along an axis. The cells
    with the fewest neighbours choose last, each the first colour that is left: six are always enough for a
    map of one slice, and four or five mostly do.
    """
    ids, numbers = np.unique(labels, return_inverse=True)
    numbers = numbers.reshape(labels.shape) + (ids[0] != 0 if len(ids) else 0)
    count = int(numbers.max()) if numbers.size else 0
    colours = _choose(_neighbours(numbers, count, reach))
    return colours[numbers]


def paint(labels, *, reach):
    """Labels [Z, Y, X] -> RGB uint8 [Z, Y, X, 3]: black where there is no cell."""
    colours = colour_labels(labels, reach=reach)
    return _table(int(colours.max()) if colours.size else 0)[colours]


def overlay(image, labels, *, reach, opacity):
    """Image uint8 [Z, Y, X] under the colours of its cells -> RGB uint8 [Z, Y, X, 3]; opacity 0 to 1."""
    grey = np.repeat(image[..., None], 3, axis=-1)
    mixed = np.round((1 - opacity) * grey + opacity * paint(labels, reach=reach)).astype(np.uint8)
    return np.where(np.asarray(labels)[..., None] > 0, mixed, grey)


def neighbour_pairs(labels, reach):
    """Ids int64 [N, 2], smaller first, of cells that lie at most `reach` + 1 voxels apart along an axis."""
    pairs = [np.zeros((0, 2), np.int64)]
    for axis in range(3):
        lines = np.moveaxis(labels, axis, -1)
        places = np.flatnonzero(lines)
        values, line = lines.reshape(-1)[places], places // max(lines.shape[-1], 1)
        meet = (values[1:] != values[:-1]) & (line[1:] == line[:-1]) & (np.diff(places) <= reach + 1)
        met = np.stack([values[:-1][meet], values[1:][meet]], 1).astype(np.int64)
        pairs.append(np.unique(np.sort(met, axis=1), axis=0))
    return np.unique(np.concatenate(pairs), axis=0)


def _neighbours(numbers, count, reach):
    around = [set() for _ in range(count + 1)]
    for one, other in neighbour_pairs(numbers, reach).tolist():
        around[one].add(other)
        around[other].add(one)
    return around


def _choose(around):
    """The colour of each cell: uint8, 0 for cell 0. The least connected are set aside and choose last."""
    degree = [len(others) for others in around]
    heap = [(degree[cell], cell) for cell in range(1, len(around))]
    heapq.heapify(heap)
    aside, placed = [], [False] * len(around)
    while heap:
        known, cell = heapq.heappop(heap)
        if placed[cell] or known != degree[cell]:
            continue  # it waits with a lower degree too
        placed[cell] = True
        aside.append(cell)
        for other in around[cell]:
            if not placed[other]:
                degree[other] -= 1
                heapq.heappush(heap, (degree[other], other))
    colours = np.zeros(len(around), np.uint8)
    for cell in reversed(aside):
        taken = {int(colours[other]) for other in around[cell]}
        colours[cell] = next(colour for colour in range(1, len(around) + 1) if colour not in taken)
    return colours


def _table(count):
    """RGB of the colours 0 (black) to `count`."""
    shades = [PALETTE * SHADE**number for number in range(-(-count // len(PALETTE)))]
    return np.concatenate([np.zeros((1, 3)), *shades]).round().astype(np.uint8)[: count + 1]
