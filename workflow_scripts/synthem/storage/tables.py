"""Reads the workflow's CSV tables as lists of rows (dicts), numbers as numbers."""

import csv
import io
import re
from pathlib import Path

from synthem.errors import SynthemError, reading

OURS = "a table as this workflow writes it"
NAMES = (
    "volume",
    "arm",
    "reference",
    "budget",
    "data_set",
    "variant",
    "person",
)  # columns of text, even if it looks like 3
DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+([eE][+-]?[0-9]+)?")


def read_table(path, columns=None):
    """Rows (dicts) of a CSV file; whole numbers as int, others as float, empty cells as None; NAMES as text.

    columns: those that the table must have, in this order. A table that a spreadsheet program has saved is
    refused: such programs change numbers silently.
    """
    with reading(path, expected=OURS, damage=(OSError, ValueError, csv.Error)):
        text = Path(path).read_bytes().decode()
        header, *rows = list(csv.reader(io.StringIO(text, newline=""), strict=True)) or [[]]
    found = _change_in(text, header, rows)
    if not found and columns is not None and header != list(columns):
        found = _difference(header, list(columns))
    if found:
        raise changed(path, found)
    return [{key: _value(cell, key in NAMES) for key, cell in zip(header, row, strict=True)} for row in rows]


def read_tables(paths, columns=None):
    """The rows of several tables of the same columns, one after the other."""
    tables = []
    for path in paths:
        tables.append(read_table(path, columns))
        columns = columns or (list(tables[-1][0]) if tables[-1] else None)
    return [row for rows in tables for row in rows]


def _change_in(text, header, rows):
    """A sign that another program wrote the file, in words; None where it is as `write_table` made it."""
    if text.startswith("\ufeff"):
        return "it begins with a byte order mark"
    other = next((sign for sign in ";\t" if sign in "".join(header)), None)
    if other:
        return f"its columns are separated by {other!r}"
    if "" in header:
        return f"column {header.index('') + 1} of {len(header)} has no name"
    for line, row in enumerate(rows, start=2):
        if len(row) != len(header):
            return f"row {line} has {len(row)} cells, the header {len(header)}"
        for name, cell in zip(header, row, strict=True):
            if DECIMAL_COMMA.fullmatch(cell):
                return f"row {line}, {name}: a decimal comma in {cell}"
            if cell in ("TRUE", "FALSE"):
                return f"row {line}, {name}: {cell} in capitals"
    again = io.StringIO()
    csv.writer(again, lineterminator="\n").writerows([header, *rows] if header else [])
    if again.getvalue() == text:
        return None
    return "its lines end in another way" if "\r" in text else "its cells are written in another way"


def _difference(found, expected):
    """Two headers that are not the same, in words."""
    added = [name for name in found if name not in expected]
    missing = [name for name in expected if name not in found]
    words = [f"column {', '.join(added)} was added"] * bool(added)
    words += [f"column {', '.join(missing)} is missing"] * bool(missing)
    return " and ".join(words) or "its columns are in another order, or there twice"


def _value(cell, name=False):
    if cell == "":
        return None
    if name:
        return cell
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return {"True": True, "False": False}.get(cell, cell)


def changed(path, found):
    return SynthemError(
        "FILE_READ",
        path,
        f"changed since it was written, as spreadsheet programs do: {found}",
        expected=OURS,
        fix="delete it and run again; give such programs a copy",
    )
