"""Connected parts of a mask, numbered in the order of their first voxels.

A row falls into runs of inside voxels, many times fewer than voxels: runs are united, not voxels.
"""

import numpy as np

from synthem.kernels.compiling import kernel
from synthem.kernels.neighbourhoods import framed_shape, steps_to, within_frame
from synthem.kernels.unions import number_sets, unite


def label_components(mask, *, neighbours):
    """bool [Z, Y, X] -> labels uint32 [Z, Y, X], ids 1..n, 0 outside of the mask; and n.

    With 4 or 8 neighbours no part reaches into another slice.
    """
    labels = np.zeros(mask.shape, np.int32)
    return labels.view(np.uint32), _label(mask, neighbours, labels)


def framed_components(mask, *, neighbours):
    """`label_components` as int32 with a frame of 0 around it (`neighbourhoods.framed_shape`)."""
    framed = np.zeros(framed_shape(mask.shape, neighbours), np.int32)
    return framed, _label(mask, neighbours, within_frame(framed, neighbours))


def _label(mask, neighbours, labels):
    """Write the ids of the parts into `labels`, which is 0, and return their number."""
    rows = {}  # (slices, rows) back to a row that comes before -> columns to the side that still touch
    for z, y, x in steps_to(neighbours):
        if (z, y) < (0, 0):
            rows[z, y] = max(rows.get((z, y), 0), abs(x))
    before = np.array([(z, y, reach) for (z, y), reach in rows.items()])
    runs, first = _find_runs(np.ascontiguousarray(mask, bool))
    return _unite_runs(runs, first, before, labels)


@kernel
def _find_runs(mask):
    """Runs int32 [N, 2] (first column, column after the last), and where in them each row begins."""
    depth, height, width = mask.shape
    runs, found = np.empty((1024, 2), np.int32), 0
    first = np.zeros((depth, height + 1), np.int64)
    for z in range(depth):
        for y in range(height):
            first[z, y] = found
            row = mask[z, y]
            if found + width >= len(runs):
                grown = np.empty((2 * (found + width), 2), np.int32)
                grown[:found] = runs[:found]
                runs = grown
            x = 0
            while x < width:
                while x < width and not row[x]:
                    x += 1
                if x < width:
                    runs[found, 0] = x
                    while x < width and row[x]:
                        x += 1
                    runs[found, 1] = x
                    found += 1
        first[z, height] = found
    return runs[:found], first


@kernel
def _unite_runs(runs, first, before, labels):
    depth, height = first.shape[0], first.shape[1] - 1
    parents = np.arange(len(runs) + 1)  # run i is member i + 1
    for z in range(depth):
        for y in range(height):
            for row in range(len(before)):
                other_z, other_y = z + before[row, 0], y + before[row, 1]
                if other_z >= 0 and 0 <= other_y < height:
                    mine, others = (
                        (first[z, y], first[z, y + 1]),
                        (first[other_z, other_y], first[other_z, other_y + 1]),
                    )
                    _unite_rows(parents, runs, mine, others, before[row, 2])
    numbers = np.zeros(len(parents), np.int32)
    count = number_sets(parents, numbers)
    for z in range(depth):
        for y in range(height):
            for run in range(first[z, y], first[z, y + 1]):
                labels[z, y, runs[run, 0] : runs[run, 1]] = numbers[run + 1]
    return count


@kernel
def _unite_rows(parents, runs, mine, others, reach):
    """Unite the runs of two rows that overlap or lie at most `reach` columns beside each other."""
    one, other = mine[0], others[0]
    while one < mine[1] and other < others[1]:
        if runs[one, 0] < runs[other, 1] + reach and runs[other, 0] < runs[one, 1] + reach:
            unite(parents, one + 1, other + 1)
        if runs[one, 1] < runs[other, 1]:
            one += 1
        else:
            other += 1
