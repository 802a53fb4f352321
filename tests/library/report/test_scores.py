import re

from synthem.metrics.conventions import CONVENTIONS
from synthem.metrics.definitions import PARTITIONS, SCORES
from synthem.report import scores
from synthem.report.captions import CAPTIONS
from synthem.storage.files import write_table

SPACE = "\N{NO-BREAK SPACE}"


def row(arm, metric, mean, low=None, high=None, *, budget="3", convention="cremi", scope="volume", **others):
    row = {"arm": arm, "budget": budget, "labelled_slices": 3, "convention": convention, "scope": scope}
    row |= {"metric": metric, "n_replicates": 6, "note": ""}
    return row | {"mean": mean, "low": low, "high": high} | others


def test_arms_and_baselines_stand_down_and_scores_across_with_their_intervals():
    summary = [row("real", "iou", 0.5, 0.25, 0.75), row("real", "pq", 0.3), row("threshold", "iou", 0.125)]
    assert scores.score_lines(summary, "iou") == [
        {
            "arm": "real",
            "n_replicates": "6",
            f"IoU{SPACE}↑": f'0.500<span class="soft">±{SPACE}0.250</span>',
            f"panoptic quality{SPACE}↑": "0.300",
        },
        {
            "arm": "grey threshold",
            "n_replicates": "6",
            f"IoU{SPACE}↑": "0.125",
            f"panoptic quality{SPACE}↑": "undefined",
        },
    ]


def test_there_is_a_table_for_each_budget_with_its_own_baselines():
    summary = [
        row(arm, "iou", mean, budget=budget)
        for arm, budget, mean in (("real", "3", 0.1), ("real", "8", 0.2), ("forest", "3", 0.3))
    ]
    first, second = scores.score_tables(summary, endpoint="iou", caption="Means.")
    assert "3 labelled slices. Means." in first and "random forest" in first and "0.100" in first
    assert "8 labelled slices.<" in second and "random forest" not in second and "0.200" in second


def test_the_better_way_is_told_where_there_is_one():
    summary = [row("real", metric, 1.0) for metric in ("hd95_nm", "count_error")]
    assert list(scores.score_lines(summary, "iou")[0])[2:] == [
        f"95 % boundary distance, nm{SPACE}↓",
        "count error",
    ]


def test_conventions_stand_side_by_side_and_missing_ones_are_undefined():
    summary = [
        row("real", "voi", 2.0, 1.0, 3.0),
        row("real", "voi", 1.0, convention="paper"),
        row("real", "arand", None),
        row("real", "voi", 3.0, scope="slice"),
        row("real", "voi", 4.0, convention="challenge"),
    ]
    lines = {line["score"]: line for line in scores.partition_lines(summary)}
    assert lines[f"VOI, bits{SPACE}↓"] == {
        "score": f"VOI, bits{SPACE}↓",
        "arm": "real",
        "cremi": "2.000",
        "challenge": "4.000",
        "paper": "1.000",
        "full": "undefined",
        "cremi, slice by slice": "3.000",
    }
    assert lines[f"Rand error{SPACE}↓"]["cremi"] == "undefined"


def test_an_arm_that_was_not_trained_says_so_and_few_replicates_are_exploratory():
    untrained = row("mixed", "iou", None, n_replicates=0, reason="not trained: 0 of 24 images passed")
    few = row("real", "iou", 0.5, n_replicates=3, note="exploratory: 3 of at least 5 replicates")
    lines = scores.score_lines([few, untrained], "iou")
    assert [list(line.values()) for line in lines] == [
        ["real", "3 (exploratory)", "0.500"],
        ["mixed", "0", "not trained"],
    ]


def test_a_score_that_one_replicate_lacks_makes_no_study_exploratory():
    """Of five replicates all have the endpoint, four another score; then four have the endpoint."""
    four = {"n_replicates": 4, "note": "exploratory: 4 of at least 5 replicates"}
    lacking = [row("real", "iou", 0.5, n_replicates=5), row("real", "sq", 0.7, **four)]
    assert scores.score_lines(lacking, "iou")[0]["n_replicates"] == "5"
    assert scores.score_lines(lacking, "sq")[0]["n_replicates"] == "4 (exploratory)"
    assert scores.score_lines(lacking, "voi")[0]["n_replicates"] == "5"  # it is in no row of this table


def test_negative_means_have_a_true_minus_sign():
    text = scores.mean_text(row("real", "count_error", -2.0, -3.0, -1.0))
    assert text == f'−2.000<span class="soft">±{SPACE}1.000</span>'


def test_shown_scores_are_scores_that_the_workflow_has():
    assert set(scores.SHOWN) <= set(SCORES) and set(scores.PARTITIONS_SHOWN) <= set(PARTITIONS)


def test_a_run_without_rows_has_no_table():
    assert scores.score_tables([], endpoint="iou", caption="") == []
    assert scores.partition_tables([], caption="") == []


def test_every_convention_has_a_column_and_the_caption_explains_it():
    assert {convention for convention, _ in scores.COLUMNS.values()} == set(CONVENTIONS)
    assert all(re.search(rf"\b{name}:", CAPTIONS["partitions"]) for name in CONVENTIONS)


def test_voi_on_the_first_screen_is_that_of_slices_which_the_verdict_is_about(tmp_path):
    rows = {
        "summary": [row("real", "iou", 0.8)],
        "cells": [row("real", "voi", 2.5), row("real", "voi", 0.3, scope="slice")],
    }
    for name, own in rows.items():
        columns = list(dict.fromkeys(key for one in own for key in one))
        write_table(tmp_path / name, [dict.fromkeys(columns) | one for one in own], columns)
    (found,) = scores.endpoint_rows(tmp_path / "summary", tmp_path / "cells", "voi")
    assert float(found["mean"]) == 0.3
