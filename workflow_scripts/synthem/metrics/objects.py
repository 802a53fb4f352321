"""Every object of a segmented stack in a table: how large it is, where it lies, how sure the networks are."""

from math import pi, prod

import numpy as np

from synthem.kernels.compiling import kernel
from synthem.storage.naming import count_text, three_digits
from synthem.storage.scratch import slabs

VOXELS, Z, Y, X, SURE, Z0, Z1, Y0, Y1, X0, X1 = range(11)  # columns of the sums
BEYOND = np.iinfo(np.int64).max
PLACE = ("z", "y", "x", "z_first", "z_last", "y_first", "y_last", "x_first", "x_last")
LEAST_SURE = 10  # objects that a page shows


def are_solid(facts):
    """Whether objects have volumes: in tiles, places of their own, and in a single slice they have areas."""
    return facts.linked_in("test")


def columns_of(facts):
    """The columns of the table."""
    size = "volume_um3" if are_solid(facts) else "area_um2"
    return ("label", "voxels", size, "diameter_nm", *PLACE, "cut", "confidence")


def objects_in(labels, confidence, facts):
    """Rows of `columns_of(facts)`, by label, of a stored labelling uint32 [Z, Y, X] and its confidence uint8.

    diameter_nm: of the ball, or of areas the disc, of the same size. Places are in voxels, from 0; z, y, x is
    the centre of mass. cut: 1 where the object reaches a face of the stack, and may go on behind it, else 0.
    A few slices are in memory at a time.
    """
    sums = _none(0)
    for slab in slabs(labels.shape):
        planes = labels[slab]
        sums = np.concatenate([sums, _none(int(planes.max(initial=0)) + 1 - len(sums))])
        _add(planes, confidence[slab], slab.start, sums)
    found = np.flatnonzero(sums[:, VOXELS])
    return [_row(label, sums[label], labels.shape, facts) for label in found]


def voxels_in(shape, facts):
    """How many voxels a stack [Z, Y, X] has: of tiles without the padding."""
    return sum(y * x for y, x in facts.tiles) if facts.tiles else prod(shape)


def words_about(rows, structure, voxels):
    """What was found in so many voxels, in sentences for people."""
    if not rows:
        return [f"No {structure} were found."]
    whole = [row for row in rows if not row["cut"]]
    share = 100 * sum(row["voxels"] for row in rows) / voxels
    words = [
        f"{count_text(len(rows), 'object')} of {structure}, in {share:.2g} % of the voxels; at a face of the "
        f"stack, so that they may be larger than they seem: {len(rows) - len(whole)}."
    ]
    if whole:
        solid = "volume_um3" in rows[0]
        size, unit, body = ("volume_um3", "µm³", "ball") if solid else ("area_um2", "µm²", "disc")
        low, middle, high = np.quantile([row[size] for row in whole], [0.25, 0.5, 0.75])
        across = np.median([row["diameter_nm"] for row in whole])
        words.append(
            f"Of the other {len(whole)} the median is {three_digits(middle)} {unit} (half of them lie "
            f"between {three_digits(low)} and {three_digits(high)}), as much as a {body} of "
            f"{three_digits(across)} nm across."
        )
    return [*words, "Nobody has checked them. objects.csv lists all, with sizes and places."]


def least_sure(rows):
    """The objects that networks are least sure of, for people to look at first."""
    return sorted(rows, key=lambda row: (row["confidence"], row["label"]))[:LEAST_SURE]


def _none(count):
    """Sums of so many labels, of which nothing was seen yet."""
    sums = np.zeros((max(count, 0), 11), np.int64)
    sums[:, [Z0, Y0, X0]] = BEYOND
    sums[:, [Z1, Y1, X1]] = -1
    return sums


@kernel
def _add(planes, confidence, first, sums):
    for plane in range(planes.shape[0]):
        z = first + plane
        for y in range(planes.shape[1]):
            for x in range(planes.shape[2]):
                label = planes[plane, y, x]
                if label == 0:
                    continue
                row = sums[label]
                row[VOXELS] += 1
                row[Z] += z
                row[Y] += y
                row[X] += x
                row[SURE] += confidence[plane, y, x]
                row[Z0] = min(row[Z0], z)
                row[Z1] = max(row[Z1], z)
                row[Y0] = min(row[Y0], y)
                row[Y1] = max(row[Y1], y)
                row[X0] = min(row[X0], x)
                row[X1] = max(row[X1], x)


def _row(label, sums, shape, facts):
    voxels, first, last = int(sums[VOXELS]), sums[[Z0, Y0, X0]], sums[[Z1, Y1, X1]]
    places = [part for one in zip(first.tolist(), last.tolist(), strict=True) for part in one]
    size, across = size_of(voxels, facts)
    # A tile that is smaller than the others ends before its frame does; areas have no faces in z.
    ends = (shape[0], *(facts.tiles[first[0]] if facts.tiles else shape[1:]))
    axes = slice(None) if are_solid(facts) else slice(1, None)
    cut = (first[axes] == 0).any() or (last[axes] == np.subtract(ends, 1)[axes]).any()
    centre = [round(float(total) / voxels, 2) for total in sums[[Z, Y, X]]]
    sure = round(float(sums[SURE]) / voxels / 255, 4)
    values = (int(label), voxels, shown(size), shown(across), *centre, *places, int(cut), sure)
    return dict(zip(columns_of(facts), values, strict=True))


def shown(length):
    """Six digits: more of them would be those of the arithmetic."""
    return float(f"{length:.6g}")


def size_of(voxels, facts):
    """(um3, nm across) of an object; where it has an area (um2, nm across)."""
    if are_solid(facts):
        volume = voxels * prod(facts.voxel_size_nm)
        return volume / 1e9, (6 * volume / pi) ** (1 / 3)
    area = voxels * prod(facts.voxel_size_nm[1:])
    return area / 1e6, (4 * area / pi) ** 0.5
