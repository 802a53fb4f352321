import ast
import json
import os
import subprocess
import sys
import time

import pytest

from synthem.storage import provenance as module
from synthem.storage.provenance import code_hash, content_hash, file_hash, fingerprint, provenance, versions
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


# Code


def test_comments_docstrings_and_blank_lines_are_no_change(tmp_path):
    changed = (
        '"""Another."""\n\n# why\nfrom lib.deep import VALUE\n\n\ndef run(net):\n    return VALUE  # 1\n'
    )
    assert project(tmp_path / "a", {"lib/loop.py": changed}) == project(tmp_path / "b")


def test_a_function_that_has_only_a_docstring_can_be_read(tmp_path):
    one = project(tmp_path / "a", {"lib/deep.py": 'VALUE = 1\n\n\ndef f():\n    """Doc."""\n'})
    assert one == project(tmp_path / "b", {"lib/deep.py": 'VALUE = 1\n\n\ndef f():\n    """Other."""\n'})


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


def test_an_edit_of_code_that_is_not_reached_is_no_change(tmp_path):
    assert project(tmp_path / "a", {"lib/other.py": "UNUSED = 2\n"}) == project(tmp_path / "b")


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


def test_what_the_snakefile_imports_needs_nothing_large():
    program = f"""
import sys; sys.path.insert(0, {str(LIBRARY)!r})
import synthem.config.checking, synthem.errors, synthem.storage.provenance, synthem.sources.names
import synthem.config.kinds, synthem.networks.registry
assert not {{"numpy", "torch", "h5py", "tifffile", "PIL"}} & set(sys.modules), sys.modules.keys()
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_provenance_needs_only_the_standard_library():
    program = f"""
import sys; sys.path.insert(0, {str(LIBRARY)!r})
import synthem.storage.provenance
"""
    subprocess.run([sys.executable, "-I", "-S", "-c", program], check=True)


# Content of the user's files


@pytest.fixture
def data(tmp_path):
    paths = [tmp_path / "data" / name for name in ("a.tif", "b.tif")]
    paths[0].parent.mkdir()
    for number, path in enumerate(paths):
        path.write_bytes(bytes([number]) * 1000)
    return paths


def test_touching_a_file_is_no_change(tmp_path, data):
    memory = tmp_path / "m.json"
    before = content_hash(data, memory)
    os.utime(data[0], (1, 1))
    assert content_hash(data, memory) == before


def test_renaming_the_folder_is_no_change(tmp_path, data):
    before = content_hash(data, tmp_path / "m.json")
    data[0].parent.rename(tmp_path / "moved")
    assert content_hash([tmp_path / "moved" / path.name for path in data], tmp_path / "m.json") == before


def test_an_edit_of_the_same_size_is_a_change(tmp_path, data):
    before = content_hash(data, tmp_path / "m.json")
    data[0].write_bytes(b"x" * 1000)
    assert content_hash(data, tmp_path / "m.json") != before


def test_an_edit_of_the_same_size_that_restores_the_date_is_a_change(tmp_path, data):
    before, state = content_hash(data, tmp_path / "m.json"), data[0].stat()
    time.sleep(0.02)  # the clock of the file system ticks every few milliseconds
    data[0].write_bytes(b"x" * 1000)
    os.utime(data[0], ns=(state.st_atime_ns, state.st_mtime_ns))
    assert data[0].stat().st_mtime_ns == state.st_mtime_ns
    assert content_hash(data, tmp_path / "m.json") != before


def test_the_order_of_the_files_counts(tmp_path, data):
    assert content_hash(data, tmp_path / "m.json") != content_hash(data[::-1], tmp_path / "m.json")


def test_a_file_that_goes_missing_and_comes_back_is_noted(tmp_path, data):
    before = content_hash(data, tmp_path / "m.json")
    data[1].rename(tmp_path / "aside")
    assert content_hash(data, tmp_path / "m.json") != before
    (tmp_path / "aside").rename(data[1])
    assert content_hash(data, tmp_path / "m.json") == before


def test_a_file_is_read_once(tmp_path, data, monkeypatch):
    before = content_hash(data, tmp_path / "m.json")
    monkeypatch.setattr(module, "file_hash", lambda path: pytest.fail(f"read {path} again"))
    assert content_hash(data, tmp_path / "m.json") == before


def test_a_pipe_a_folder_and_an_impossible_name_do_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    odd = [tmp_path / "pipe", tmp_path, tmp_path / "loop", tmp_path / ("a" * 300), "a\0b"]
    assert content_hash(odd, tmp_path / "m.json") == content_hash(odd, tmp_path / "m.json")


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[1]", b"\xff", b'{"PATH": 3}', b'{"PATH": []}', b'{"PATH": [1, 2, 3]}', b"[" * 100_000],
)
def test_a_damaged_memory_is_harmless(tmp_path, data, damage):
    before = content_hash(data, tmp_path / "m.json")
    (tmp_path / "m.json").write_bytes(damage.replace(b"PATH", str(data[0]).encode()))
    assert content_hash(data, tmp_path / "m.json") == before
    assert set(json.loads((tmp_path / "m.json").read_text())) >= {str(path) for path in data}


def test_a_memory_that_cannot_be_written_costs_only_time(tmp_path, data):
    (tmp_path / "file").write_text("in the way")
    assert content_hash(data, tmp_path / "file" / "m.json") == content_hash(data, tmp_path / "m.json")


def test_two_processes_at_once_agree(tmp_path, data):
    program = f"""
import sys; sys.path.insert(0, {str(LIBRARY)!r})
from synthem.storage.provenance import content_hash
for n in range(20): print(content_hash(sys.argv[2 + n % 2:], sys.argv[1]))
"""
    command = [sys.executable, "-c", program, tmp_path / "m.json", *data]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = {run.communicate()[0] for run in runs}
    assert [run.returncode for run in runs] == [0, 0]
    assert len(answers) == 1 and len(set(answers.pop().split())) == 2


def test_no_files_have_a_hash_too(tmp_path):
    assert len(content_hash([], tmp_path / "m.json")) == 64


# What a result was made from


def test_file_hash_is_sha256(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert file_hash(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_fingerprint_changes_with_settings_code_and_content_but_not_with_dates_and_places(data, tmp_path):
    def of(settings=None, code="c", inputs=None):
        return fingerprint(settings=settings or {"a": 1, "b": 2}, code=code, inputs=inputs or data)

    before = of()
    assert of(settings={"b": 2, "a": 1}) == before
    assert of(settings={"a": 2, "b": 1}) != before
    assert of(code="d") != before
    assert of(inputs=data[::-1]) != before
    os.utime(data[0], (1, 1))
    data[1] = data[1].rename(tmp_path / "moved.tif")
    assert of() == before
    data[0].write_bytes(b"x" * 1000)
    assert of() != before


def test_provenance_names_inputs_with_their_hash(data):
    facts = provenance(rule="train", settings={"a": 1}, code="c", inputs=data[:1], device="cpu")
    assert facts["inputs"] == {str(data[0]): file_hash(data[0])}
    assert json.loads(json.dumps(facts)) == facts


def test_versions_are_those_that_are_installed():
    found = versions()
    assert found["python"] == sys.version.split()[0]
    assert found["numpy"].count(".") == 2 and "pandas" not in found
