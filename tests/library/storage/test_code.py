import ast
import hashlib
import time
from importlib import import_module

import pytest

from synthem.storage.code import LISTS, Code
from tests.shared.code_hashes import code_hash
from tests.shared.project import LIBRARY

PROJECT = {
    "train.py": "from lib.networks import unet\nimport lib.loop\n\nwith open('x'):\n    lib.loop.run(unet)\n",
    "lib/__init__.py": "",
    "lib/loop.py": '"""Do."""\nfrom lib.deep import VALUE\n\n\ndef run(net):\n    "Do."\n    return VALUE\n',
    "lib/deep.py": "VALUE = 1\n",
    "lib/networks/__init__.py": "",
    "lib/networks/unet.py": "WIDTH = 64\n",
    "lib/other.py": "UNUSED = 1\n",
}


def project(folder, changes=None):
    """The little project on the disk, with some files changed; the hash of its script."""
    for name, text in (PROJECT | (changes or {})).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return code_hash(folder / "train.py")


def test_comments_docstrings_and_blank_lines_are_no_change(tmp_path):
    changed = (
        '"""Another."""\n\n# why\nfrom lib.deep import VALUE\n\n\ndef run(net):\n    return VALUE  # 1\n'
    )
    assert project(tmp_path / "a", {"lib/loop.py": changed}) == project(tmp_path / "b")


def test_a_function_that_has_only_a_docstring_can_be_read(tmp_path):
    one = project(tmp_path / "a", {"lib/deep.py": 'VALUE = 1\n\n\ndef f():\n    """Doc."""\n'})
    assert one == project(tmp_path / "b", {"lib/deep.py": 'VALUE = 1\n\n\ndef f():\n    """Other."""\n'})


def test_how_a_training_is_looked_at_is_no_change(tmp_path):
    """Nor is what that imports; `live` decides when it is looked at, and counts."""
    page, live = "synthem/training/live_page.py", "synthem/training/live.py"
    before = {page: "import lib.other\n", "lib/loop.py": "import synthem.training.live_page\n"}
    one = project(tmp_path / "a", before)
    changed = {page: "COLOUR = 'plum'\n", "lib/other.py": "UNUSED = 2\n"}
    assert project(tmp_path / "b", before | changed) == one
    files = [{"lib/loop.py": "import synthem.training.live\n", live: text} for text in ("", "EVERY = 1\n")]
    assert project(tmp_path / "c", files[0]) != project(tmp_path / "d", files[1])


def test_moving_the_project_is_no_change(tmp_path, monkeypatch):
    here = project(tmp_path / "here")
    there = project(tmp_path / "there" / "deeper")
    monkeypatch.chdir(tmp_path / "here")
    assert here == there == code_hash("train.py")


@pytest.mark.parametrize(
    "change",
    [
        {"train.py": PROJECT["train.py"].replace("'x'", "'y'")},
        {"lib/loop.py": PROJECT["lib/loop.py"].replace("return VALUE", "return VALUE + 1")},
        {"lib/deep.py": "VALUE = 2\n"},
        {"lib/networks/unet.py": "WIDTH = 32\n"},
        {"lib/__init__.py": "VALUE = 1\n"},
        {"lib/networks/__init__.py": "VALUE = 1\n"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_edit_of_any_code_that_is_reached_is_a_change(tmp_path, change):
    assert project(tmp_path / "a", change) != project(tmp_path / "b")


def test_an_edit_in_place_is_seen_by_the_same_process(tmp_path):
    before = project(tmp_path)
    assert project(tmp_path, {"lib/deep.py": "VALUE = 3\n"}) != before
    assert project(tmp_path) == before


def test_a_run_keeps_to_the_code_that_it_has_read_with_the_bytes_of_that_reading(tmp_path):
    project(tmp_path)
    code = Code(tmp_path)
    before, read = code.hash("train.py"), PROJECT["lib/deep.py"].encode()
    project(tmp_path, {"lib/deep.py": "VALUE = 4\n"})
    assert code.hash("train.py") == before != Code(tmp_path).hash("train.py")
    assert code.reached("train.py")["lib/deep.py"][0] == hashlib.sha256(read).hexdigest()


def test_an_edit_of_code_that_is_not_reached_is_no_change(tmp_path):
    assert project(tmp_path / "a", {"lib/other.py": "UNUSED = 2\n"}) == project(tmp_path / "b")


def test_files_that_a_module_names_beside_itself_count_by_their_bytes(tmp_path):
    named = 'from pathlib import Path\n\nPAGES = Path(__file__).with_name("pages")\n'
    whole = {"lib/deep.py": f"{named}VALUE = 1\n", "lib/pages/one.html": "<p>", "lib/aside.html": ""}
    before = project(tmp_path / "a", whole)
    assert before == project(tmp_path / "b", whole | {"lib/aside.html": "no page"})
    assert before == project(tmp_path / "c", whole | {"lib/pages/.one.html.swp": "of an editor"})
    for name, text in (("one.html", "<p> "), ("deeper/two.html", "")):
        assert before != project(tmp_path / f"d{name[0]}", whole | {f"lib/pages/{name}": text})


def test_an_import_inside_a_function_counts(tmp_path):
    lazy = {"lib/loop.py": "def run(net):\n    from lib.other import UNUSED\n\n    return UNUSED\n"}
    one = project(tmp_path / "a", lazy)
    assert one != project(tmp_path / "b", lazy | {"lib/other.py": "UNUSED = 2\n"})


def test_an_edit_in_modules_that_import_each_other_is_seen_once_and_ends(tmp_path):
    circle = project(tmp_path / "a", {"lib/deep.py": "import lib.loop\n\nVALUE = 1\n"})
    assert circle == project(tmp_path / "b", {"lib/deep.py": "import lib.loop\n\nVALUE = 1\n"})
    assert circle != project(tmp_path / "c", {"lib/deep.py": "import lib.loop\n\nVALUE = 2\n"})


def test_every_script_has_a_hash_of_its_own_within_5_seconds():
    start = time.process_time()
    hashes = {code_hash(script) for script in LIBRARY.glob("*.py")}
    assert len(hashes) == len(list(LIBRARY.glob("*.py"))) > 10
    assert time.process_time() - start < 5


def test_code_beside_the_script_counts_with_all_that_it_reaches(tmp_path):
    beside = {
        "lib/other.py": "from lib.beyond import FAR\n\n\nclass Net:\n    far = FAR\n",
        "lib/beyond.py": "FAR = 1\n",
    }
    farther = beside | {"lib/beyond.py": "FAR = 2\n"}
    for folder, files in (("a", beside), ("b", farther)):
        project(tmp_path / folder, files)
    scripts = [tmp_path / folder / "train.py" for folder in "ab"]
    assert code_hash(scripts[0]) == code_hash(scripts[1])
    alone, far = (code_hash(script, ["lib.other.Net"]) for script in scripts)
    assert len({code_hash(scripts[0]), alone, far}) == 3


LIST = "synthem/networks/registry.py"
CHOOSES = "from synthem.networks.registry import KINDS\n"
TWO_CLASSES = {"lib/other.py": "class Net: ...\n\n\nclass Wide(Net): ...\n", "train.py": CHOOSES}


def test_a_network_that_is_added_is_no_change_for_those_who_chose_another(tmp_path):
    """It is one for a run that has begun, whose jobs read the list."""
    kinds, more = (
        "KINDS = {'net': 'lib.other.Net'}\n",
        "KINDS = {'net': 'lib.other.Net', 'w': 'lib.other.Wide'}\n",
    )
    for folder, text in (("a", kinds), ("b", more)):
        project(tmp_path / folder, TWO_CLASSES | {LIST: text})
    scripts = [tmp_path / folder / "train.py" for folder in "ab"]
    chosen = [code_hash(script, ["lib.other.Net"]) for script in scripts]
    assert chosen[0] == chosen[1] != code_hash(scripts[0], ["lib.other.Wide"]), (
        "another class of the same file"
    )
    assert LIST in Code(tmp_path / "a").reached("train.py")


def test_lists_of_choices_hold_nothing_else_that_a_result_could_depend_on():
    """The library takes dictionaries of dotted names of them; what the config asks comes with `params`."""
    for path in [*LIBRARY.glob("*.py"), *(LIBRARY / "synthem").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            name = f"{getattr(node, 'module', '')}".replace(".", "/") + ".py"
            if isinstance(node, ast.ImportFrom) and name in LISTS and path.parent.name != "config":
                module = import_module(node.module)
                for taken in (getattr(module, alias.name) for alias in node.names):
                    classes = [one.rsplit(".", 1) for one in taken.values()]
                    assert all(hasattr(import_module(file), one) for file, one in classes), path


# saving.py imports the class of a network that the config chooses; rules/common.smk adds its file to the hash
# (`code`), and tests/rules/test_staleness.py edits the file of a network.
IMPORTS_BY_NAME = {LIBRARY / "synthem/networks/saving.py"}


def test_the_library_imports_in_ways_that_the_hash_can_follow():
    for path in (LIBRARY / "synthem").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            assert not (isinstance(node, ast.ImportFrom) and node.level), f"{path}: relative import"
            hidden = getattr(node, "id", "") in ("__import__", "exec", "eval", "importlib", "import_module")
            assert not hidden or path in IMPORTS_BY_NAME, f"{path}: code that no import statement names"


def test_packages_are_empty():
    assert [path for path in LIBRARY.rglob("__init__.py") if path.read_text()] == []
