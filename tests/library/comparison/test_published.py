"""Numbers of a run beside printed ones: small tables with means worked out by hand."""

import math

import pandas as pd
import pytest

from synthem.comparison.published import found_in, printed_in, read_printed
from synthem.errors import SynthemError

SCORES = ("iou", "voi", "accuracy")
MEANS = pd.DataFrame(
    [
        {
            "arm": "real",
            "budget": "all",
            "metric": "iou",
            "mean": 0.8,
            "low": 0.7,
            "high": 0.9,
            "n_replicates": 6,
        },
        {
            "arm": "real",
            "budget": "3",
            "metric": "iou",
            "mean": 0.5,
            "low": 0.4,
            "high": 0.6,
            "n_replicates": 6,
        },
    ]
)


def in_table(frame, *, where, last=1, confidence=0.95, scores=SCORES):
    return found_in(frame, where=where, last=last, confidence=confidence, scores=scores)


def long(rows, **columns):
    return pd.DataFrame(
        [dict(zip(("variant", "replicate", "step", "value"), row, strict=True)) for row in rows]
    ).assign(score="voi", **columns)


def test_a_table_of_means_is_taken_as_it_is_where_it_is_asked():
    found = in_table(MEANS, where={"budget": "all"})
    assert found == {("real", "iou"): (0.8, 0.7, 0.9, 6, "")}


def test_why_an_arm_has_no_mean_goes_with_it():
    nothing = dict.fromkeys(("mean", "low", "high"), math.nan) | {"arm": "mixed", "n_replicates": 0}
    without = MEANS.iloc[1:].assign(**nothing, reason="not trained: 0 of 12 images passed")
    found = in_table(pd.concat([MEANS.iloc[:1], without]), where={})
    assert found["real", "iou"] == (0.8, 0.7, 0.9, 6, "")
    assert found["mixed", "iou"][3:] == (0, "not trained: 0 of 12 images passed")


def test_replicates_become_a_mean_with_students_interval():
    rows = [("a", 1, 10, 1.0), ("a", 2, 10, 2.0), ("a", 3, 10, 3.0)]
    one = in_table(long(rows), where={})[("a", "voi")]
    # mean 2, sd 1, t of 2 degrees of freedom 4.3027: 2 +- 4.3027 / sqrt(3)
    assert one.mean == 2 and one.n == 3
    assert (one.low, one.high) == (pytest.approx(-0.48414, abs=1e-4), pytest.approx(4.48414, abs=1e-4))


def test_the_interval_is_as_wide_as_the_confidence_asks():
    rows = [("a", 1, 10, 1.0), ("a", 2, 10, 2.0), ("a", 3, 10, 3.0)]
    one = in_table(long(rows), where={}, confidence=0.9)[("a", "voi")]
    assert one.high == pytest.approx(2 + 2.91999 / 3**0.5, abs=1e-4)  # t of 2 degrees of freedom


def test_of_steps_the_last_ones_count_each_replicate_once():
    rows = [("a", 1, 1, 9.0), ("a", 1, 2, 2.0), ("a", 1, 3, 4.0), ("a", 2, 2, 5.0), ("a", 2, 3, 7.0)]
    found = in_table(long(rows), where={}, last=2)[("a", "voi")]
    assert found.mean == (3.0 + 6.0) / 2 and found.n == 2
    assert in_table(long(rows), where={})[("a", "voi")].mean == (4.0 + 7.0) / 2


def test_a_single_network_has_the_interval_that_was_measured_with_it():
    frame = long([("a", 1, 1, 9.0)], low=8.0, high=10.0)
    assert in_table(frame, where={}) == {("a", "voi"): (9.0, 8.0, 10.0, 1, "")}
    assert math.isnan(in_table(long([("a", 1, 1, 9.0)]), where={})[("a", "voi")].low)


@pytest.mark.parametrize("where", [{"convention": "paper"}])
def test_a_column_that_is_not_there_is_said(where):
    with pytest.raises(SynthemError) as error:
        in_table(MEANS, where=where)
    assert str(error.value).startswith(
        "ERROR CONFIG_REFERENCE paper.parts: column `convention` (expected one of arm,"
    )


@pytest.mark.parametrize("of_means", [True, False])
def test_a_value_of_several_budgets_is_refused_with_what_to_name(of_means):
    frame = MEANS if of_means else MEANS.rename(columns={"metric": "score", "mean": "value"})
    with pytest.raises(SynthemError) as error:
        in_table(frame, where={})
    told = "ERROR CONFIG_REFERENCE paper.parts: iou of real with several values of `budget`: all, 3"
    assert str(error.value).startswith(told) and "name one in `where`" in str(error.value)
    assert in_table(frame, where={"budget": "3"})
    assert in_table(frame, where={}, scores=["dice"]) == {}  # nobody asks for them


@pytest.mark.parametrize("column", ["convention", "scope"])
def test_nor_is_a_value_of_several_conventions_or_scopes(column):
    frame = long([("a", 1, 1, 9.0), ("a", 2, 1, 8.0)])
    frame[column] = ["one", "other"]
    with pytest.raises(SynthemError, match=f"several values of `{column}`: one, other"):
        in_table(frame, where={})


def test_printed_values_are_found_by_the_number_of_their_table(tmp_path):
    (tmp_path / "p.csv").write_text("table,row,score,value\n5.1,2-D,VOI,0.2\n5.10,3-D,VOI,0.3\n")
    tables = read_printed(tmp_path / "p.csv")
    assert printed_in(tables, "5.10") == {("3-D", "VOI"): 0.3} and printed_in(tables, "5.1") != {}
    with pytest.raises(SynthemError) as error:
        printed_in(tables, "6")
    assert "table 6 (expected 5.1, 5.10)" in str(error.value)


@pytest.mark.parametrize("text", ["table,row,value\n1,a,2\n", "table,row,score,value\n1,a,b,much\n"])
def test_another_table_is_none_of_printed_values(tmp_path, text):
    (tmp_path / "p.csv").write_text(text)
    with pytest.raises(SynthemError, match="ERROR FILE_READ .*p.csv"):
        read_printed(tmp_path / "p.csv")


def test_what_has_nothing_in_a_column_counts_whatever_is_asked_of_it():
    frame = pd.DataFrame(
        [
            {"arm": "a", "convention": "paper", "score": "voi", "value": 1.0, "n": 1},
            {"arm": "a", "convention": "cremi", "score": "voi", "value": 2.0, "n": 1},
            {"arm": "a", "convention": None, "score": "accuracy", "value": 0.9, "n": 1},
        ]
    )
    found = in_table(frame, where={"convention": "cremi"})
    assert {key: one.mean for key, one in found.items()} == {("a", "voi"): 2.0, ("a", "accuracy"): 0.9}
