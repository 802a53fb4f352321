import re

from synthem.metrics.definitions import PARTITIONS, SCORES
from synthem.report import scores
from synthem.report.text import CAPTIONS


def row(arm, metric, mean, low=None, high=None, *, fraction=1.0, convention="cremi", scope="volume"):
    row = {"arm": arm, "fraction": fraction, "convention": convention, "scope": scope, "metric": metric}
    return row | {"mean": mean, "low": low, "high": high}


def test_scores_stand_down_and_arms_and_the_baseline_across():
    summary = [row("real", "iou", 0.5, 0.25, 0.75), row("threshold", "iou", 0.125, fraction=None)]
    (line,) = scores.score_lines(summary)
    assert line == {
        "score": "IoU\N{NO-BREAK SPACE}↑",
        "arm real": "0.500 (0.250\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}0.750)",
        "grey threshold": "0.125",
    }


def test_there_is_a_table_for_each_fraction_with_the_baseline_in_both():
    summary = [row("real", "iou", mean, fraction=mean) for mean in (0.1, 1.0)]
    tables = scores.score_tables([*summary, row("threshold", "iou", 0.3, fraction=None)], caption="Means.")
    assert len(tables) == 2 and all("grey threshold" in text for text in tables)
    assert "10 % of the labels. Means." in tables[0] and "0.100" in tables[0] and "0.100" not in tables[1]


def test_the_better_way_is_told_where_there_is_one():
    summary = [row("real", metric, 1.0) for metric in ("assd_nm", "count_error")]
    assert [line["score"] for line in scores.score_lines(summary)] == [
        "mean distance between boundaries, nm\N{NO-BREAK SPACE}↓",
        "instances found, less true ones (best at 0)",
    ]


def test_conventions_stand_side_by_side_and_missing_ones_are_undefined():
    summary = [
        row("real", "voi", 2.0, 1.0, 3.0),
        row("real", "voi", 1.0, convention="paper"),
        row("real", "arand", None),
        row("real", "voi", 3.0, scope="slice"),
    ]
    lines = {line["score"]: line for line in scores.partition_lines(summary)}
    assert lines["VOI, bits\N{NO-BREAK SPACE}↓"] == {
        "score": "VOI, bits\N{NO-BREAK SPACE}↓",
        "arm": "real",
        "cremi": "2.000",
        "paper": "1.000",
        "full": "undefined",
        "cremi, slice by slice": "3.000",
    }
    assert lines["Rand error\N{NO-BREAK SPACE}↓"]["cremi"] == "undefined"


def test_an_arm_that_was_not_trained_says_so_beside_answers_that_need_no_network():
    untrained = row("mixed", "iou", None) | {"reason": "not trained: 0 of 24 images passed"}
    trivial = [
        row(name, "iou", 0.125, fraction=None) for name in ("threshold", "smoothed", "everything", "nothing")
    ]
    (line,) = scores.score_lines([untrained, *trivial])
    assert list(line.items())[1:] == [
        ("arm mixed", "not trained"),
        ("grey threshold", "0.125"),
        ("smoothed threshold", "0.125"),
        ("everything marked", "0.125"),
        ("nothing marked", "0.125"),
    ]


def test_an_arm_called_like_a_column_hides_none():
    (line,) = scores.score_lines([row("score", "iou", 0.5)])
    assert line == {"score": "IoU\N{NO-BREAK SPACE}↑", "arm score": "0.500"}


def test_a_mean_without_interval_stands_alone():
    assert scores.mean_text(row("real", "iou", 1)) == "1.000"
    assert scores.mean_text(row("real", "count_error", -2.0, -3.0, -1.0)).split() == [
        "−2.000",
        "(−3.000",
        "to",
        "−1.000)",
    ]


def test_shown_scores_are_scores_that_the_workflow_has():
    assert set(scores.SHOWN) <= set(SCORES) and set(scores.PARTITIONS_SHOWN) <= set(PARTITIONS)


def test_a_run_without_rows_has_no_table():
    assert scores.score_tables([], caption="") == scores.partition_tables([], caption="") == []


def test_the_caption_explains_every_convention():
    assert all(re.search(rf"\b{name}:", CAPTIONS["partitions"]) for name in scores.CONVENTIONS)
