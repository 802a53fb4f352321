import hashlib
import json
import os
import subprocess
import sys
import time

import pytest

from synthem.storage import provenance as module
from synthem.storage.provenance import content_hash, file_hash, fingerprint, provenance, versions
from tests.shared.project import LIBRARY


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
    machine = {"device": "cpu", "hardware": {"threads": 2}}
    facts = provenance(rule="train", settings={"a": 1}, seed=7, code="c", inputs=data[:1], **machine)
    assert facts["inputs"] == {str(data[0]): file_hash(data[0])}
    assert json.loads(json.dumps(facts)) == facts
    assert facts["settings_hash"] == hashlib.sha256(b'{"a": 1}').hexdigest() and facts["seed"] == 7


def test_versions_are_those_that_are_installed():
    found = versions()
    assert found["python"] == sys.version.split()[0]
    assert found["numpy"].count(".") == 2 and "pandas" not in found
