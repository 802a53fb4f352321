"""The figure of label saving: one arrow for each reading, and the same bytes again."""

import numpy as np
from matplotlib.figure import Figure

from synthem.figures import saving
from synthem.figures.saving import saving_figure

SLICES = np.array([1.0, 2.0, 4.0])
CURVES = {
    "real": (SLICES, np.array([[0.5, 0.6, 0.7], [0.4, 0.6, 0.8]])),
    "mixed": (SLICES, np.array([[0.6, 0.7, 0.8], [0.6, np.nan, 0.8]])),
    "never": (np.array([1.0]), np.array([[np.nan], [np.nan]])),
}
ROW = {
    "arm": "mixed",
    "labelled_slices": 1,
    "arm_score": 0.6,
    "equal_slices": 2.0,
    "low": 0.0,
    "high": np.inf,
}


def drawn(rows, curves=CURVES):
    return saving_figure(curves, rows, reference="real", endpoint="iou")


def test_the_same_rows_give_the_same_picture_and_an_arrow_changes_it():
    assert drawn([ROW]) == drawn([ROW])
    assert drawn([ROW]) != drawn([])
    assert drawn([ROW | {"equal_slices": np.inf}]) != drawn([ROW])


def test_an_interval_that_lies_beyond_the_budgets_is_a_mark_at_the_edge():
    axes = Figure().subplots()
    axes.set_xlim(0.8, 5)
    for place, beyond in enumerate((np.inf, 0.0)):
        saving.draw_reading(
            axes, ROW | dict.fromkeys(("equal_slices", "low", "high"), beyond), place, ("b", "s")
        )
    saving.draw_reading(axes, ROW, 2, ("b", "s"))
    edges = [(line.get_marker(), line.get_xdata()[0]) for line in axes.lines if line.get_marker() in "<>"]
    assert edges == [(">", 5), ("<", 0.8)]


def test_an_arrow_leads_from_the_labels_of_the_arm_to_those_of_the_reference(monkeypatch):
    seen = []

    def note(axes, row, place, style):
        seen.append((row["arm"], place))

    monkeypatch.setattr(saving, "draw_reading", note)
    drawn([ROW, ROW | {"labelled_slices": 4}, ROW | {"equal_slices": None}])
    assert seen == [("mixed", 0), ("mixed", 1)]


def test_a_study_of_the_reference_alone_has_its_curve():
    assert drawn([], {"real": CURVES["real"]}).startswith(b"\x89PNG")
