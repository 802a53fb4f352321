"""Gives cells few colours, such that neighbours differ (graph colouring)."""

import heapq
from collections import Counter

import numpy as np


def colour_labels(labels, *, reach, most=None):
    """Labels [Z, Y, X] -> uint8 [Z, Y, X]: 0 where there is none, else 1.. such that neighbours differ.

    A cell has one colour in all slices. Neighbours are two cells with at most `reach` pixels of no cell
    between them, in y or x, in any slice. The cells with the fewest neighbours choose last, each the first
    colour that is left: six are always enough for one slice, and four or five mostly do; many slices want
    some more. most: so many colours there are; who finds them all taken takes the one that fewest around it
    have.
    """
    ids, numbers = np.unique(labels, return_inverse=True)
    numbers = numbers.reshape(labels.shape) + (ids[0] != 0 if len(ids) else 0)
    count = int(numbers.max()) if numbers.size else 0
    return _choose(_neighbours(numbers, count, reach), most or count)[numbers]


def neighbour_pairs(labels, reach):
    """Ids int64 [N, 2], smaller first, of cells that lie at most `reach` + 1 pixels apart in y or x."""
    pairs = [np.zeros((0, 2), np.int64)]
    for axis in (1, 2):
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


def _choose(around, most):
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
        taken = Counter(int(colours[other]) for other in around[cell])
        colours[cell] = min(range(1, most + 1), key=lambda colour: (taken[colour], colour))
    return colours
