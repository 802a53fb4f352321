import pytest

from synthem.errors import SynthemError
from synthem.files import write_table
from synthem.tables import in_order, read_table


def test_what_was_written_reads_back(tmp_path):
    rows = [{"arm": "real", "n": 3, "score": 0.1, "kept": True, "note": None}]
    write_table(tmp_path / "t.csv", rows, list(rows[0]))
    assert read_table(tmp_path / "t.csv") == rows


def test_a_table_read_and_written_again_keeps_its_bytes(tmp_path):
    write_table(tmp_path / "a.csv", [{"x": 1 / 3, "y": None, "z": "a, b\n'c'"}], ["x", "y", "z"])
    write_table(tmp_path / "b.csv", read_table(tmp_path / "a.csv"), ["x", "y", "z"])
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_a_table_without_rows_is_an_empty_list(tmp_path):
    write_table(tmp_path / "t.csv", [], ["x"])
    assert read_table(tmp_path / "t.csv") == []


@pytest.mark.parametrize("content", [b"a,b\n1\n", b"a,b\n1,2,3\n", b"a\n\xff\n", b'a\n"open\n'])
def test_a_damaged_table_is_a_read_error(tmp_path, content):
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(SynthemError, match="ERROR FILE_READ"):
        read_table(tmp_path / "t.csv")


def test_a_missing_table_is_a_read_error(tmp_path):
    with pytest.raises(SynthemError, match="FILE_READ .*No such file"):
        read_table(tmp_path / "t.csv")


def test_rows_are_put_in_the_order_of_the_arms_and_fractions_and_else_stay_as_they_are():
    runs = [("mixed", 1.0, 0), ("real", 1.0, 1), ("threshold", None, 2), ("real", 0.1, 3), ("real", 1.0, 4)]
    rows = [{"arm": arm, "fraction": fraction, "n": n} for arm, fraction, n in runs]
    assert [row["n"] for row in in_order(rows, ["real", "mixed"])] == [3, 1, 4, 0, 2]
