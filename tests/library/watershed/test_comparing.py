import json

import numpy as np
import pytest

from synthem.watershed.comparing import (
    METHOD_COLUMNS,
    RUN,
    grid_rows,
    isbi_scores_of_labels,
    method_rows,
)
from synthem.watershed.grids import GRID_COLUMNS
from tests.shared.cell_predictions import SETTINGS, predicted, true_cells, truth, two_cells


def prediction(gap):
    return predicted(two_cells(gap))._replace(voxel_size_nm=(50, 20, 20))


def test_the_grid_has_a_row_for_each_pair_of_thresholds_and_each_convention():
    settings = SETTINGS["membranes"] | {
        "preset": "paper",  # of no concern here
        "interior_thresholds": [0.5, 0.7],
        "edge_rises": [0, 0.2],
    }
    rows = grid_rows(prediction(0.6), truth(joined=False), settings=settings, threads=1)
    assert len(rows) == 2 * 2 * 4
    assert all(set(row) == set(GRID_COLUMNS) - set(RUN) for row in rows)
    scored = {
        (row["interior_threshold"], row["edge_rise"]): row["voi_merge"]
        for row in rows
        if row["convention"] == "cremi"
    }
    # A gap of .6 is open only at .5 without a rise; above .6 it is border from the start.
    assert scored == pytest.approx({(0.5, 0): 1, (0.5, 0.2): 0, (0.7, 0): 0, (0.7, 0.2): 0})


def test_each_method_is_tuned_on_validation_and_scored_on_test():
    """In validation two cells are one with a gap of .6; the test block has the gap, but two true cells."""
    validation, test = (prediction(0.6), truth(joined=True)), (prediction(0.6), truth(joined=False))
    methods = {
        "membranes": SETTINGS["membranes"] | {"edge_rises": [0.35, 0]},
        "components": SETTINGS["components"] | {"thresholds": [0.7, 0.5]},
    }
    rows = method_rows(validation, test, methods=methods, tune_by="cremi_score", threads=1)
    assert [row["method"] for row in rows] == ["membranes"] * 4 + ["components"] * 4
    assert [row["convention"] for row in rows] == ["paper", "cremi", "challenge", "full"] * 2
    assert all(set(row) == set(METHOD_COLUMNS) - set(RUN) for row in rows)
    assert json.loads(rows[0]["settings"])["edge_threshold"] == 0.5, (
        "what joins the cells, as validation has it"
    )
    assert json.loads(rows[4]["settings"]) == {"threshold": 0.5}
    for row in rows:
        assert row["scope"] == "slice" and row["true_count"] == 4 and row["count"] == 2
    assert [row["voi_merge"] for row in rows if row["convention"] == "cremi"] == pytest.approx([1, 1])
    exchanged = method_rows(test, test, methods=methods, tune_by="cremi_score", threads=1)
    assert [row["voi"] for row in exchanged if row["convention"] == "cremi"] == pytest.approx([0, 0])
    assert all(row["ap50"] == row["v_rand"] == 1 for row in exchanged)


def test_methods_that_all_follow_cells_through_z_are_scored_in_the_volume():
    both = prediction(0.3), truth(joined=False)
    methods = {
        "components": SETTINGS["components"] | {"neighbours": 6},
        "membranes": SETTINGS["membranes"] | {"link_overlap": 0.5},
    }
    rows = method_rows(both, both, methods=methods, tune_by="voi", threads=1)
    assert {(row["scope"], row["count"], row["true_count"]) for row in rows} == {("volume", 2, 2)}
    methods["membranes"]["link_overlap"] = 0
    rows = method_rows(both, both, methods=methods, tune_by="voi", threads=1)
    assert {(row["scope"], row["count"], row["true_count"]) for row in rows} == {("slice", 4, 4)}


def test_without_slices_to_tune_on_methods_have_fixed_settings_and_the_grid_is_empty():
    nothing, test = (None, None), (prediction(0.6), truth(joined=False))
    methods = {"components": SETTINGS["components"] | {"thresholds": [0.9, 0.5, 0.7]}}
    rows = method_rows(nothing, test, methods=methods, tune_by="voi", threads=1)
    assert {row["settings"] for row in rows} == {json.dumps({"threshold": 0.7})}
    assert grid_rows(*nothing, settings=SETTINGS["membranes"], threads=1) == []


def test_scores_of_isbi_2012_are_means_over_sections_and_borders_may_have_any_width():
    true = truth(joined=False)
    labels = np.where(true.instances == 9, 2, true.instances // 4).astype(np.uint32)
    labels[:, :, [1, 11, 13, 23]] = 0  # wide borders
    assert isbi_scores_of_labels(labels, true) == pytest.approx({"v_rand": 1, "v_info": 1}, abs=0.02)
    labels[1, 1:12, 1:24] = 1
    half = isbi_scores_of_labels(labels, true)
    # One label on two equal cells: Rand 2 * 0.5 / (1 + 0.5); the label says nothing of the cell.
    assert half["v_rand"] == pytest.approx((1 + 2 / 3) / 2, abs=0.02)
    assert half["v_info"] == pytest.approx(0.5, abs=0.02)
    assert isbi_scores_of_labels(labels, true_cells(true.instances * 0)) == {
        "v_rand": None,
        "v_info": None,
    }
