"""Tables as pandas frames: for the jobs that collect, pivot and compare the tables of many runs."""

import pandas as pd

from synthem.storage.files import write_table
from synthem.storage.tables import read_tables


def read_frame(paths, columns=None):
    """The rows of several tables of these columns, one after the other (`tables.read_tables`), as a frame."""
    rows = read_tables(paths, columns)
    return frame_of(rows, columns or (rows[0] if rows else ()))


def frame_of(rows, columns):
    """Rows (dicts) -> a frame of these columns: whole numbers as Int64, others as float64, text as object."""
    frame = pd.DataFrame(rows, columns=list(columns), dtype=object)
    for name in frame:
        kinds = set(map(type, frame[name].dropna()))
        if kinds == {int}:
            frame[name] = frame[name].astype("Int64")
        elif kinds <= {int, float}:
            frame[name] = frame[name].astype(float)
    return frame


def with_rows(frame, rows):
    """A frame with some more rows (dicts) of its columns."""
    return frame_of([*rows_of(frame), *rows], frame.columns)


def rows_of(frame):
    """A frame -> rows (dicts) of plain numbers and text, None where a cell is empty."""
    plain = frame.astype(object)
    return plain.where(frame.notna(), None).to_dict("records")


def write_frame(path, frame):
    """A frame as CSV, in the form that `read_frame` reads."""
    write_table(path, rows_of(frame), list(frame))


def in_order(frame, arms):
    """Rows by their arm in the order of `arms`, others last, then by labelled slices; else as they were."""
    places = {arm: place for place, arm in enumerate(arms)}
    place = frame["arm"].map(places).fillna(len(places))
    order = frame.assign(place=place).sort_values(["place", "labelled_slices"], kind="stable").index
    return frame.loc[order].reset_index(drop=True)
