import json

import pytest

from synthem import syntax
from synthem.storage import syntaxes
from tests.shared.code_hashes import code_hash

SOURCE = "from lib import other\n\nPAGE = Path(__file__).with_name('page.html')\n"


@pytest.fixture
def process(monkeypatch):
    """A function after which nothing of this process is remembered, as in a new one; sources parsed since."""
    parsed, true = [], syntax.syntax_of.__wrapped__

    def parse(source):
        parsed.append(source)
        return true(source)

    def start():
        for function in (syntaxes._asked, syntaxes._kept, syntaxes._this_code):
            function.cache_clear()
        parsed.clear()
        return parsed

    monkeypatch.setattr(syntaxes.syntax, "syntax_of", parse)
    return start


@pytest.fixture
def script(tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/other.py").write_text("VALUE = 1\n")
    (tmp_path / "train.py").write_text(SOURCE)
    return tmp_path / "train.py"


def test_another_process_parses_only_what_was_edited_and_finds_what_a_first_one_would(script, process):
    root = script.parent
    parsed = process()
    before = code_hash(script)
    assert len(parsed) == 2
    syntaxes.keep_syntaxes(root)

    parsed = process()
    assert code_hash(script) == before
    assert syntaxes.syntax_in(root, script)[2:] == ({"lib", "lib.other"}, {"page.html"})
    assert parsed == []

    (root / "lib/other.py").write_text("VALUE = 2\n")
    after = code_hash(script)
    assert after != before and parsed == [b"VALUE = 2\n"]
    syntaxes.keep_syntaxes(root)
    (root / syntaxes.KEPT).unlink()
    process()
    assert code_hash(script) == after


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"by": "of other code", "files": {}}', '{"files": {}}'])
def test_a_broken_record_or_one_of_other_code_is_written_anew(script, process, broken):
    root = script.parent
    process()
    expected = code_hash(script)
    (root / "__pycache__").mkdir()
    (root / syntaxes.KEPT).write_text(broken)
    parsed = process()
    assert code_hash(script) == expected and len(parsed) == 2
    syntaxes.keep_syntaxes(root)
    assert len(json.loads((root / syntaxes.KEPT).read_text())["files"]) == 2


def test_edits_do_not_pile_up(script, process):
    for value in range(4):
        (script.parent / "lib/other.py").write_text(f"VALUE = {value}\n")
        process()
        code_hash(script)
        syntaxes.keep_syntaxes(script.parent)
    assert len(json.loads((script.parent / syntaxes.KEPT).read_text())["files"]) == 2


@pytest.mark.parametrize("in_the_way", ["__pycache__", syntaxes.KEPT])
def test_where_nothing_can_be_written_nothing_is_and_no_run_ends(script, process, in_the_way):
    process()
    code_hash(script)
    in_the_way = script.parent / in_the_way
    if in_the_way.suffix:
        in_the_way.mkdir(parents=True)
    else:
        in_the_way.touch()
    syntaxes.keep_syntaxes(script.parent)
    assert [path for path in script.parent.rglob("*.part")] == []
