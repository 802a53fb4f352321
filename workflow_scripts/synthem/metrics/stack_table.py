"""Whole stacks side by side: how much of each is structure, in how many objects, of which sizes."""

from pathlib import Path

import numpy as np

from synthem.metrics.objects import are_solid, shown, size_of, voxels_in
from synthem.storage.tables import read_table
from synthem.storage.volumes import open_volume

FIRST = ("stack", "z_voxels", "y_voxels", "x_voxels", "z_um", "y_um", "x_um")
LAST = ("fraction", "objects", "cut", "counted", "confidence", "least_confidence")
SIZES = ("of_stack", "of_objects", "per_unit", "mean", "median")  # in the unit of a stack
COLUMNS = {  # by whether objects have a volume, or an area
    True: ("volume_um3", "total_um3", "objects_per_um3", "mean_um3", "median_um3"),
    False: ("area_um2", "total_um2", "objects_per_um2", "mean_um2", "median_um2"),
}


def columns_of(rows):
    """The columns of the table: of volumes, of areas, or both."""
    units = [unit for unit in COLUMNS.values() if any(unit[0] in row for row in rows)]
    return (*FIRST, *(name for unit in units for name in unit), *LAST)


def stack_rows(tables, volumes):
    """A row for each stack, of the files objects.csv and `{stack}/volume.h5` of each, in the same order."""
    rows = []
    for table, path in zip(tables, volumes, strict=True):
        with open_volume(path) as volume:
            shape, facts = volume.shape[:3], volume.facts
        rows.append({"stack": Path(path).parent.name} | stack_row(read_table(table), shape, facts))
    return rows


def stack_row(objects, shape, facts):
    """The row of a stack [Z, Y, X], without its name, of the rows of its objects.csv.

    What a face cuts is smaller here than in the tissue, and the mean of what is whole is too small as well:
    large objects are cut more often. So each object counts where it begins: `counted` are those that do not
    reach the first slice, row or column (Gundersen 1977, J. Microsc. 111, 219), and the number per um3 is
    theirs in the stack without these. The mean size is the share of the stack that all objects fill over that
    number. Both are those of the tissue, on average, but for objects that a face cuts in pieces: they count
    as several. Where none counts they are None. The median is of whole objects, and so a low one.
    """
    voxels, unit = voxels_in(shape, facts), size_of(1, facts)[0]
    marked = sum(row["voxels"] for row in objects)
    counted = sum(_begins_within(row, facts) for row in objects)
    per_unit = _ratio(counted, _where_they_begin(shape, facts) * unit) if counted or not objects else None
    whole = [row["voxels"] for row in objects if not row["cut"]]
    sizes = {
        "of_stack": voxels * unit,
        "of_objects": marked * unit,
        "per_unit": per_unit,
        "mean": marked / voxels / per_unit if per_unit else None,
        "median": float(np.median(whole)) * unit if whole else None,
    }
    sure = sum(row["voxels"] * row["confidence"] for row in objects)
    return (
        _extent(shape, facts)
        | {name: _or_none(sizes[key]) for name, key in zip(COLUMNS[are_solid(facts)], SIZES, strict=True)}
        | {"fraction": shown(marked / voxels), "objects": len(objects), "counted": counted}
        | {"cut": sum(row["cut"] for row in objects)}
        | {"confidence": round(sure / marked, 4) if objects else None}
        | {"least_confidence": min((row["confidence"] for row in objects), default=None)}
    )


def _extent(shape, facts):
    """Sides in voxels and in um; slices that are not one upon the other have no length along z."""
    lengths = [count * size / 1000 for count, size in zip(shape, facts.voxel_size_nm, strict=True)]
    lengths = [shown(length) for length in lengths]
    if not are_solid(facts):
        lengths[0] = None
    names = [f"{axis}_{unit}" for unit in ("voxels", "um") for axis in "zyx"]
    return dict(zip(names, [*map(int, shape), *lengths], strict=True))


def _begins_within(row, facts):
    axes = "zyx" if are_solid(facts) else "yx"
    return all(row[f"{axis}_first"] > 0 for axis in axes)


def _where_they_begin(shape, facts):
    """How many voxels a stack has without its first slice, row and column; areas have no first slice."""
    z, *sides = np.subtract(shape, 1) if are_solid(facts) else (shape[0], *np.subtract(shape[1:], 1))
    return sum((y - 1) * (x - 1) for y, x in facts.tiles) if facts.tiles else z * np.prod(sides)


def _ratio(count, size):
    return count / size if size else None


def _or_none(value):
    return None if value is None else shown(value)
