import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.watershed.steps import Steps, busiest_window, steps_of_slice, steps_of_tuned
from tests.shared.membrane_cells import SETTINGS, noisy_cells, segment, two_cells

OWN = {name: SETTINGS[name] for name in ("marker_radius", "most_markers", "neighbours", "segment_reach")}


def test_the_steps_of_two_cells_with_a_gap_are_those_of_the_page():
    """11 x 11 pixels each, a gap of 3 in the membrane of column 12: the flood meets there."""
    steps = steps_of_slice(two_cells(0.6), **SETTINGS)
    assert steps.interior.sum() == 2 * 11 * 11 + 3
    assert steps.distance[6, 6] == 6 and steps.distance[1, 1] == 1 and steps.distance[0, 0] == 0
    assert {steps.markers[6, 6], steps.markers[6, 18]} == {1, 2}
    assert np.argwhere(steps.closed).tolist() == [[5, 12], [6, 12], [7, 12]]
    assert not steps.opened.any()
    assert np.unique(steps.cells).tolist() == [0, 1, 2]


def test_a_probable_line_is_taken_away():
    steps = steps_of_slice(two_cells(0.9), **SETTINGS)
    assert np.argwhere(steps.opened).tolist() == [[5, 12], [6, 12], [7, 12]]
    assert not steps.closed.any()
    assert np.unique(steps.cells).tolist() == [0, 1]


def test_the_last_step_is_what_the_method_makes():
    probability = noisy_cells(3)
    steps = steps_of_slice(probability, **SETTINGS)
    assert (steps.cells == segment(probability)).all()
    assert steps.closed.any() and steps.opened.any()
    assert ((steps.cells > 0) == (steps.interior & ~steps.closed)).all()


def test_thresholds_are_the_tuned_ones_and_no_markers_at_most_are_all():
    settings = OWN | {"most_markers": 0, "preset": "", "interior_thresholds": [0.1], "thin": False}
    tuned = {"method": "membranes", "settings": {"interior_threshold": 0.5, "edge_threshold": 0.8}}
    found = steps_of_tuned(two_cells(0.6), tuned, settings)
    assert np.unique(found.cells).tolist() == [0, 1, 2]


def test_another_method_has_no_such_steps():
    with pytest.raises(SynthemError, match="watershed.method: bodies"):
        steps_of_tuned(two_cells(0.6), {"method": "bodies", "settings": {}}, OWN)


def test_the_window_is_where_most_gaps_are_closed():
    closed = np.zeros((40, 60), bool)
    closed[30:34, 50] = closed[2:4, 2] = True
    y, x = np.indices(closed.shape)
    window = busiest_window(Steps(y, x, y, x, closed, closed, y), side=16)
    assert window.cells.shape == (16, 16) and window.closed.sum() == 4
    small = busiest_window(Steps(*[closed] * 7), side=100)
    assert small.cells.shape == (40, 60)
