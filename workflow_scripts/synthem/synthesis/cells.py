"""What stands where in a sheet of generated images, and which places of a volume it shows."""

import math
from typing import NamedTuple

from synthem.seeds import generator as random_numbers

TRIES = 20  # places that are drawn until one shows some of the structure
END = 0  # the snapshot of the finished network


class Cell(NamedTuple):
    """One image of a sheet."""

    panel: str  # conditions, structure_map, real, masked or drawn
    data_set: str
    mask: int  # which of the masks
    noise: int  # which of the noises
    step: int  # of the generator; END for the finished one


class Place(NamedTuple):
    """A rectangle of a slice of a block."""

    z: int  # among the slices of the block
    y: int
    x: int


def values_of(axis, sheet):
    """What an axis of a sheet runs over; sheet: of the config, filled in."""
    if axis == "masks":
        return list(range(sheet["masks"]))
    if axis == "noise":
        return list(range(sheet["noises"]))
    return sheet[axis]


def grid_of(sheet):
    """(rows, columns, cells from the first row to the last): the last row may be short."""
    rows, columns = sheet["rows"], sheet["columns"]
    first = Cell(sheet["panels"][0], sheet["data_sets"][0], 0, 0, END)
    if rows == columns:  # masks: 48 in 6 rows of 8
        across = math.ceil(math.sqrt(sheet["masks"] * 4 / 3))
        cells = [first._replace(panel="drawn", mask=number) for number in values_of("masks", sheet)]
        return math.ceil(len(cells) / across), across, cells
    cells = [
        first._replace(**{FIELDS[rows]: row, FIELDS[columns]: column})
        for row in values_of(rows, sheet)
        for column in values_of(columns, sheet)
    ]
    return len(values_of(rows, sheet)), len(values_of(columns, sheet)), cells


# The part of a cell that an axis is about.
FIELDS = {"masks": "mask", "noise": "noise", "snapshots": "step", "data_sets": "data_set", "panels": "panel"}


def places_of(mask, *, count, size, words):
    """`count` Places of squares of `size`, spread over the slices of mask [z, y, x], each from chance.

    The first of TRIES places with some of the structure is taken. words: what chance is derived from. A slice
    that is smaller is shown whole.
    """
    depth, height, width = mask.shape
    places = []
    for number in range(count):
        z = (2 * number + 1) * depth // (2 * count)
        random = random_numbers(*words, "place", number)
        tried = [
            Place(
                z,
                int(random.integers(max(1, height - size + 1))),
                int(random.integers(max(1, width - size + 1))),
            )
            for _ in range(TRIES)
        ]
        shown = (place for place in tried if cut(mask, place, size).any())
        places.append(next(shown, tried[0]))
    return places


def cut(array, place, size):
    """The square of a place of [z, y, x] or [z, y, x, c]."""
    return array[place.z, place.y : place.y + size, place.x : place.x + size]
