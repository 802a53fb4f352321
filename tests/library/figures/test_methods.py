import io

import numpy as np
import pytest
from PIL import Image

from synthem.figures.grid import grid_sheet, lowest, mean_table
from synthem.figures.methods import methods_plot, ranked, values_of

EDGES, INTERIORS = (0.0, 0.02, 0.04), (0.73, 0.8)


def grid(seed=0, convention="cremi", error=None):
    """A grid whose VOI is 10 * interior + edge + seed, all of it split."""
    return [
        {"volume": "v", "arm": "real", "fraction": 1.0, "seed": seed, "convention": convention}
        | {"interior_threshold": interior, "edge_rise": edge, "edge_threshold": interior + edge}
        | dict.fromkeys(("voi", "voi_split"), 10 * interior + edge + seed if error is None else error)
        | {"voi_merge": 0.0, "arand": 0.1, "cremi_score": 0.5}
        for interior in INTERIORS
        for edge in EDGES
    ]


def method(name, score, *, arm="real", seed=0, labelled_slices=22, convention="cremi"):
    row = {
        "arm": arm,
        "labelled_slices": labelled_slices,
        "seed": seed,
        "method": name,
        "convention": convention,
    }
    row["scope"] = "volume"
    return row | dict.fromkeys(("cremi_score", "voi", "arand", "v_rand", "v_info"), score)


def is_picture(data):
    return Image.open(io.BytesIO(data)).format == "PNG"


def test_a_cell_of_the_grid_is_the_mean_over_seeds_of_its_convention():
    rows = grid(0) + grid(1) + grid(0, "paper", 99.0)
    table = mean_table(rows, "cremi", "voi", INTERIORS, EDGES)
    assert table.shape == (2, 3)
    assert table[0] == pytest.approx([7.8, 7.82, 7.84])  # 7.3 and 8.3 of the first


def test_undefined_seeds_do_not_count_and_undefined_cells_are_no_best():
    rows = grid(0) + grid(1, error=None)
    for row in rows:
        if row["edge_rise"] == 0.0:
            row["voi"] = None
    table = mean_table(rows, "cremi", "voi", INTERIORS, EDGES)
    assert np.isnan(table[:, 0]).all() and tuple(lowest(table)) == (0, 1)
    assert lowest(np.full((2, 2), np.nan)) is None


def test_the_grid_is_drawn_with_missing_scores_and_with_one_value_alone():
    rows = grid() + grid(convention="paper")
    assert is_picture(grid_sheet(rows)) and grid_sheet(rows) == grid_sheet(rows)
    assert is_picture(grid_sheet([row | {"voi": None} for row in rows]))
    assert is_picture(grid_sheet(grid(error=1.0)))  # no row of the other convention


def test_the_lowest_mean_cremi_score_stands_first_and_undefined_methods_last():
    rows = [method("mutex", 0.4), method("mutex", 0.6, seed=1), method("bodies", None), method("cut", 0.3)]
    assert ranked(rows) == ["cut", "mutex", "bodies"]
    assert values_of(rows, "cremi_score", method="mutex") == [0.4, 0.6]


def test_methods_are_drawn_of_the_most_labels_by_the_convention_that_ranks():
    rows = [method(name, 0.2 * seed, arm=arm, seed=seed) for name in "ab" for arm in "xy" for seed in (1, 2)]
    beside = [method("c", 5.0, labelled_slices=3), method("d", 7.0, convention="paper")]
    assert methods_plot(rows + beside) == methods_plot(rows)
    assert is_picture(methods_plot([method("a", None)]))
