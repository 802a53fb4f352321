"""Long tables as lists of rows: CSV files read back with numbers as numbers."""

import csv

from synthem.errors import SynthemError


def read_table(path, delimiter=","):
    """Rows (dicts) of a CSV file; whole numbers as int, others as float, empty cells as None."""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file, delimiter=delimiter, strict=True))
    except (OSError, ValueError, csv.Error) as error:
        raise _unreadable(path, getattr(error, "strerror", None) or error) from error
    for line, row in enumerate(rows, start=2):
        if None in row or None in row.values():  # cells without a column, or columns without a cell
            raise _unreadable(path, f"row {line} has another number of cells than the header")
    return [{key: _value(cell) for key, cell in row.items()} for row in rows]


def read_tables(paths):
    """The rows of several tables, one after the other."""
    return [row for path in paths for row in read_table(path)]


def in_order(rows, arms):
    """Rows by their arm in the order of `arms`, others last, then by label fraction; else as they were."""
    places = {arm: place for place, arm in enumerate(arms)}
    return sorted(rows, key=lambda row: (places.get(row["arm"], len(places)), row["fraction"] or 0))


def _value(cell):
    if cell == "":
        return None
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return {"True": True, "False": False}.get(cell, cell)


def _unreadable(path, found):
    return SynthemError(
        "FILE_READ", path, found, expected="a table this workflow wrote", fix="delete it and run again"
    )
