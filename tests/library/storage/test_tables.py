import random

import pytest

from synthem.errors import SynthemError
from synthem.storage.files import write_table
from synthem.storage.tables import read_table, read_tables


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


# Tables that went through other programs

TABLE = 'arm,score,kept,reason\nreal,0.5,True,\nmixed,0.25,False,"few, small"\n'
COLUMNS = ["arm", "score", "kept", "reason"]
CHANGED = {
    "\ufeff" + TABLE: "it begins with a byte order mark",
    TABLE.replace("\n", "\r\n"): "its lines end in another way",
    TABLE.replace("\n", "\r"): "its lines end in another way",
    "arm;score;kept;reason\nreal;0,5;True;\n": "its columns are separated by ';'",
    "arm\tscore\tkept\treason\nreal\t0.5\tTrue\t\n": "its columns are separated by '\\t'",
    "sep=;\n" + TABLE.replace(",", ";"): "its columns are separated by ';'",
    TABLE.replace("0.25", '"0,25"'): "row 3, score: a decimal comma in 0,25",
    TABLE.replace("0.25", '"2,5E-01"'): "row 3, score: a decimal comma in 2,5E-01",
    TABLE.replace("True", "TRUE"): "row 2, kept: TRUE in capitals",
    TABLE.replace("arm,", "arm,,"): "column 2 of 5 has no name",
    TABLE.replace("reason\n", "reason,\n"): "column 5 of 5 has no name",
    TABLE.replace("real", '"real"'): "its cells are written in another way",
    TABLE.rstrip("\n"): "its cells are written in another way",
    TABLE + "\n": "row 4 has 0 cells, the header 4",
    TABLE + ",,,,\n": "row 4 has 5 cells, the header 4",
    "note,arm,score,kept,reason\na,real,0.5,True,\n": "column note was added",
    "arm,kept,reason\nreal,True,\n": "column score is missing",
    "score,arm,kept,reason\n0.5,real,True,\n": "its columns are in another order",
    "": "column arm, score, kept, reason is missing",
}


@pytest.mark.parametrize("text", CHANGED)
def test_a_table_that_another_program_saved_is_refused_with_what_shows_it(tmp_path, text):
    (tmp_path / "t.csv").write_bytes(text.encode())
    with pytest.raises(SynthemError) as caught:
        read_table(tmp_path / "t.csv", COLUMNS)
    assert caught.value.code == "FILE_READ" and CHANGED[text] in caught.value.found, caught.value
    assert caught.value.fix == "delete it and run again; give such programs a copy"


def test_the_table_that_was_not_changed_is_read(tmp_path):
    (tmp_path / "t.csv").write_text(TABLE)
    assert read_table(tmp_path / "t.csv", COLUMNS) == [
        {"arm": "real", "score": 0.5, "kept": True, "reason": None},
        {"arm": "mixed", "score": 0.25, "kept": False, "reason": "few, small"},
    ]


def test_tables_that_are_put_together_have_the_same_columns(tmp_path):
    write_table(tmp_path / "a.csv", [{"arm": "real", "score": 1}], ["arm", "score"])
    write_table(tmp_path / "b.csv", [{"arm": "mixed", "score": 2, "mine": 3}], ["arm", "score", "mine"])
    with pytest.raises(SynthemError, match="FILE_READ .*b.csv: .*column mine was added"):
        read_tables([tmp_path / "a.csv", tmp_path / "b.csv"])


def test_whatever_the_workflow_writes_it_reads(tmp_path):
    chance = random.Random(0)
    cells = [
        None,
        0,
        -3,
        1e-300,
        2.5e17,
        1 / 3,
        True,
        "a-1",
        "007",
        "1e5",
        'few, "small"\nones',
        " x",
        "=a",
        "é",
    ]
    for number in range(200):
        rows = [{name: chance.choice(cells) for name in "abc"} for _ in range(number % 7)]
        write_table(tmp_path / "t.csv", rows, list("abc"))
        assert len(read_table(tmp_path / "t.csv", list("abc"))) == len(rows)


def test_names_stay_text_whatever_they_look_like(tmp_path):
    (tmp_path / "t.csv").write_text("arm,budget,replicate\n007,3,3\nTrue,all,4\n")
    rows = read_table(tmp_path / "t.csv")
    assert [(row["arm"], row["budget"], row["replicate"]) for row in rows] == [
        ("007", "3", 3),
        ("True", "all", 4),
    ]
