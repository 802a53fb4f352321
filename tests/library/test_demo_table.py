"""The demo's table: two runs are alike within their intervals, and not to the digit."""

import csv
import importlib.util

import pytest

from tests.shared.project import PROJECT

spec = importlib.util.spec_from_file_location("demo_table", PROJECT / ".ci/demo_table.py")
demo_table = importlib.util.module_from_spec(spec)
spec.loader.exec_module(demo_table)

SUMMARY = ("arm", "budget", "labelled_slices", "metric", "n_replicates", "mean", "low", "high")
COMPARISON = ("arm", "budget", "difference", "low", "high", "verdict")


def written(path, columns, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])


@pytest.fixture
def results(tmp_path):
    tables = tmp_path / "tables/hippocampus"
    written(
        tables / "summary.csv",
        SUMMARY,
        ("real", 3, 3, "iou", 8, 0.85, 0.83, 0.87),
        ("real", 3, 3, "dice", 8, 0.9, 0.8, 1.0),
        ("mixed", 3, 3, "iou", 8, 0.87, 0.86, 0.88),
        ("smoothed", 3, 3, "iou", 8, 0.6941, "", ""),
        ("synthetic", 3, 3, "iou", 0, "", "", ""),
    )
    written(tables / "comparison.csv", COMPARISON, ("mixed", 3, 0.02, -0.001, 0.041, "undecided"))
    return tmp_path


def test_the_table_has_a_row_for_each_mean(results):
    table = demo_table.table_of(results, "commit abc, a processor, today")
    assert table.splitlines()[1:] == [
        "commit abc, a processor, today, 8 replicates",
        "",
        "| arm | labelled slices | IoU | against the reference | verdict |",
        "| --- | --- | --- | --- | --- |",
        "| real | 3 | 0.850 (0.830 to 0.870) |  |  |",
        "| mixed | 3 | 0.870 (0.860 to 0.880) | +0.020 (-0.001 to +0.041) | undecided |",
        "| smoothed | 3 | 0.694 |  |  |",
        demo_table.END,
    ]


@pytest.mark.parametrize(
    ("mean", "low", "high", "alike"),
    [
        ("0.870", "0.850", "0.890", True),
        ("0.877", "0.857", "0.897", True),
        ("0.880", "0.860", "0.900", False),
    ],
)
def test_runs_are_alike_within_both_intervals_together(results, mean, low, high, alike):
    """Halves of 0.02 each: sqrt(2) * 0.02 = 0.028 apart, and 0.001 of rounding."""
    old = demo_table.table_of(results, "then")
    found = demo_table.departures(old, old.replace("0.850 (0.830 to 0.870)", f"{mean} ({low} to {high})"))
    assert bool(found) is not alike
    assert all(line.startswith("real 3 IoU: 0.880 now, 0.850 in the table") for line in found)


def test_a_row_that_one_table_lacks_is_named(results):
    old = demo_table.table_of(results, "then")
    without = "\n".join(line for line in old.splitlines() if not line.startswith("| real"))
    assert demo_table.departures(old, without) == ["real 3 IoU: not in both tables"]


def test_the_table_is_put_in_its_place_and_nothing_else_changes(results, tmp_path, monkeypatch):
    docs = tmp_path / "results.md"
    docs.write_text(f"# Results\n\n{demo_table.START}\nold\n{demo_table.END}\n\nmore\n")
    monkeypatch.chdir(PROJECT)
    demo_table.main(results, docs, "--write")
    text = docs.read_text()
    assert text.startswith("# Results\n\n<!-- demo") and text.endswith(f"{demo_table.END}\n\nmore\n")
    assert "| mixed | 3 | 0.870" in text and "old" not in text
    demo_table.main(results, docs)  # the same run is no departure


def test_a_place_that_is_not_there_is_named(results, tmp_path):
    (tmp_path / "results.md").write_text("# Results\n")
    with pytest.raises(SystemExit, match="has no <!-- demo"):
        demo_table.main(results, tmp_path / "results.md")
