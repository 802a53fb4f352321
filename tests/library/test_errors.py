import ast
import re
from pathlib import Path

import pytest

from synthem.errors import CODES, SynthemError, SynthemErrors, bytes_in_words
from tests.shared.project import PROJECT

LIBRARY = sorted((PROJECT / "workflow_scripts").rglob("*.py"))


def error(where="a.tif", found="3 axes", expected="2 axes", fix="save it flat"):
    return SynthemError("DATA_SHAPE", where, found, expected=expected, fix=fix)


def codes_in(path):
    """Codes that a file raises: literal first arguments of SynthemError, also where one of two is chosen."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "SynthemError" and node.args:
            yield from (part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant))


def test_an_error_reads_code_place_found_expected_fix():
    assert str(error()) == "ERROR DATA_SHAPE a.tif: 3 axes (expected 2 axes). Fix: save it flat."


def test_line_breaks_in_a_file_name_are_spelt_out():
    assert error(where="a\nb\r\u2028.tif").where == r"a\nb\r\u2028.tif"


@pytest.mark.parametrize("part", ["where", "found", "expected", "fix"])
def test_an_error_is_one_line_whatever_holds_a_line_break(part):
    assert len(str(error(**{part: "one\ntwo\r\n\x0b\x1b[31mthree\u2029"})).splitlines()) == 1


def test_a_message_of_several_lines_keeps_its_words():
    assert error(found="first\n    second\n").found == "first second"


def test_full_stops_are_never_doubled():
    text = str(error(found="No such file.", expected="a file.", fix="name a file."))
    assert text == "ERROR DATA_SHAPE a.tif: No such file (expected a file). Fix: name a file."


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (1.5e9, "1.5 GB"),
        (4e15, "4000.0 TB"),
    ],
)
def test_bytes_have_a_unit_that_leaves_few_digits(count, text):
    assert bytes_in_words(count) == text


def test_a_name_that_is_not_utf8_can_be_printed():
    assert error(where="\udcff.tif").where.encode("utf-8") == rb"\udcff.tif"


def test_an_unknown_code_is_a_fault_of_the_program():
    with pytest.raises(KeyError, match="NONSENSE"):
        SynthemError("NONSENSE", "here", "x", expected="y", fix="z")


def test_several_errors_are_a_line_each():
    assert str(SynthemErrors([error(), error("b.tif")])).count("\nERROR ") == 1


def test_every_code_that_is_raised_is_listed():
    assert {code for path in LIBRARY for code in codes_in(path)} - set(CODES) == set()


def test_every_listed_code_is_raised_somewhere():
    assert set(CODES) - {code for path in LIBRARY for code in codes_in(path)} == set()


def test_the_documentation_lists_every_code():
    text = (PROJECT / "docs" / "errors.md").read_text()
    assert re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE) == list(CODES)


def test_every_code_has_a_test():
    tests = "".join(
        path.read_text() for path in (PROJECT / "tests").rglob("test_*.py") if path != Path(__file__)
    )
    assert [code for code in CODES if not re.search(rf"\b{code}\b", tests)] == []
