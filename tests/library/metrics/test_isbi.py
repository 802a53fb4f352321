import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.metrics.isbi import THRESHOLDS, isbi_scores

SETTINGS = {"thresholds": THRESHOLDS, "threads": 1}


def cells(*columns):
    """Cells of 21 columns, two sections, with a membrane (0) at some columns."""
    truth = np.zeros((2, 5, 21), np.uint32)
    truth[:] = 1 + np.searchsorted(np.array(columns), np.arange(21))
    truth[:, :, list(columns)] = 0
    return truth


def membrane(*columns, probability=1.0):
    membrane = np.zeros((2, 5, 21))
    membrane[:, :, list(columns)] = probability
    return membrane


def test_the_true_membrane_is_perfect_at_any_threshold():
    scores = isbi_scores(membrane(10), cells(10), **SETTINGS)
    assert scores == {"v_rand": 1.0, "v_rand_threshold": 0.0, "v_info": 1.0, "v_info_threshold": 0.0}


def test_the_width_of_a_membrane_does_not_count():
    assert isbi_scores(membrane(8, 9, 10, 11, 12), cells(10), **SETTINGS)["v_rand"] == 1.0


def test_an_open_membrane_merges_two_cells():
    """Two true cells of 50 pixels, one piece: 2 x 2 x 50^2 / (100^2 + 2 x 50^2), and no information."""
    torn = membrane(10)
    torn[:, 2] = 0
    scores = isbi_scores(torn, cells(10), **SETTINGS)
    # The rest of the membrane is swallowed by the one piece on both sides of it.
    assert scores["v_rand"] == pytest.approx(2 * 5000 / (10000 + 5000))
    assert scores["v_info"] == pytest.approx(0, abs=1e-12)


def test_the_best_threshold_wins():
    """Up to 0.3 a false membrane splits a cell, from 0.7 on the true one is gone."""
    both = membrane(10, probability=0.7) + membrane(15, probability=0.3)
    scores = isbi_scores(both, cells(10), **SETTINGS)
    assert scores == {"v_rand": 1.0, "v_rand_threshold": 0.3, "v_info": 1.0, "v_info_threshold": 0.3}


def test_a_line_within_a_true_cell_is_lost_pixel_by_pixel():
    """One true cell of 105 pixels, cut in the middle: pieces of 50 and 50, and 5 of one pixel each."""
    truth = np.ones((1, 5, 21), np.uint32)
    scores = isbi_scores(membrane(10)[:1], truth, thresholds=[0.5], threads=1)
    pieces = 2 * 50**2 + 5
    assert scores["v_rand"] == pytest.approx(2 * pieces / (pieces + 105**2))


def test_sections_without_a_true_cell_do_not_count():
    truth, found = cells(10), membrane(10)
    truth[1] = 0
    assert isbi_scores(found, truth, **SETTINGS)["v_rand"] == 1.0
    ignore = np.ones(truth.shape, np.uint8)
    assert set(isbi_scores(found, truth, ignore, **SETTINGS).values()) == {None}


def test_sections_are_averaged():
    """One is perfect, one merges two equal cells."""
    found = membrane(10)
    found[1] = 0
    assert isbi_scores(found, cells(10), **SETTINGS)["v_rand"] == pytest.approx((1 + 2 / 3) / 2)


@pytest.mark.parametrize("value", [-0.5, 255.0, np.nan])
def test_values_that_are_no_probabilities_are_refused(value):
    found = membrane(10)
    found[0, 0, 0] = value
    with pytest.raises(SynthemError, match="DATA_VALUE"):
        isbi_scores(found, cells(10), **SETTINGS)
