"""Files of a user that the config names one by one."""

import hashlib
import json
from pathlib import Path

import pytest

from synthem.storage import named_files, provenance
from synthem.storage.named_files import bytes_hash, held_hash, started_by_content


@pytest.fixture
def memory(tmp_path):
    return tmp_path / "content.json"


def test_a_file_counts_by_its_bytes_wherever_it_lies_and_whatever_its_name(tmp_path, memory):
    for name in ("here/theirs.pt", "there/ours.pt"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"weights")
    sha256 = hashlib.sha256(b"weights").hexdigest()
    assert bytes_hash(tmp_path / "here/theirs.pt", memory) == sha256
    assert bytes_hash(str(tmp_path / "there/ours.pt"), memory) == sha256
    (tmp_path / "here/theirs.pt").write_bytes(b"WEIGHTS")
    assert bytes_hash(tmp_path / "here/theirs.pt", memory) == hashlib.sha256(b"WEIGHTS").hexdigest()


def test_a_file_that_is_gone_is_what_it_was(tmp_path, memory):
    file = tmp_path / "theirs.pt"
    file.write_bytes(b"weights")
    seen = bytes_hash(file, memory)
    file.unlink()
    assert bytes_hash(file, memory) == bytes_hash(file, memory) == seen
    assert bytes_hash(tmp_path / "typo.pt", memory) == ""
    assert bytes_hash(tmp_path, memory) == ""  # a folder is no file


@pytest.mark.parametrize("content", ["[1, 2]", "{", '{"FILE": 3}', '{"FILE": [1, 2, 3, "missing"]}'])
def test_a_damaged_memory_hides_nothing(tmp_path, memory, content):
    file = tmp_path / "theirs.pt"
    memory.write_text(content.replace("FILE", str(file)))
    assert bytes_hash(file, memory) == ""
    file.write_bytes(b"weights")
    assert bytes_hash(file, memory) == hashlib.sha256(b"weights").hexdigest()


def test_without_a_memory_files_are_read(tmp_path):
    (tmp_path / "file").touch()
    file = tmp_path / "theirs.pt"
    for content in (b"weights", b"others"):
        file.write_bytes(content)
        assert bytes_hash(file, tmp_path / "file/memory.json") == hashlib.sha256(content).hexdigest()


@pytest.fixture
def slices(tmp_path):
    (tmp_path / "0.png").write_bytes(b"first")
    (tmp_path / "1.png").write_bytes(b"other")
    return [(str(tmp_path / f"{z}.png"), ".png") for z in range(2)]


def hash_of(*pairs):
    """By the definition: of each file what counts of its name, and the hash of its bytes or what it is."""
    held = [[part, hashlib.sha256(one).hexdigest() if isinstance(one, bytes) else one] for part, one in pairs]
    return hashlib.sha256(json.dumps(held).encode()).hexdigest()


def test_several_files_count_by_what_they_hold_in_their_order_and_by_a_part_of_their_names(slices, memory):
    both = hash_of((".png", b"first"), (".png", b"other"))
    assert held_hash(slices, memory) == held_hash(slices, memory) == both
    Path(slices[1][0]).rename(slices[1][0] + "2")
    renamed = [slices[0], (slices[1][0] + "2", ".png")]
    assert held_hash(renamed, memory) == both
    assert held_hash(renamed[::-1], memory) == hash_of((".png", b"other"), (".png", b"first"))
    assert held_hash(slices, memory) == hash_of((".png", b"first"), (".png", "missing"))
    Path(slices[0][0]).write_bytes(b"FIRST")
    assert held_hash(renamed, memory) == hash_of((".png", b"FIRST"), (".png", b"other"))
    assert held_hash(renamed[:1], memory) != held_hash([(slices[0][0], ".tif")], memory)


def test_several_files_are_read_once(slices, memory, monkeypatch):
    before = held_hash(slices, memory)
    for module in (named_files, provenance):
        monkeypatch.setattr(module, "file_hash", lambda path: pytest.fail(f"read {path} again"))
    assert held_hash(slices, memory) == before


def test_without_a_memory_several_files_are_read(slices, tmp_path):
    (tmp_path / "file").touch()
    odd = [(str(tmp_path), ""), ("a\0b", ""), (str(tmp_path / ("a" * 300)), "")]
    expected = hash_of(
        (".png", b"first"), (".png", b"other"), ("", "not a file"), ("", "missing"), ("", "missing")
    )
    assert held_hash([*slices, *odd], tmp_path / "file/memory.json") == expected


def test_settings_name_what_a_file_holds():
    section = {"network": 1, "training": {"steps": 2, "start": {"from": "disk/theirs.pt", "layers": 3}}}
    known = started_by_content(section, "abc")
    assert known == {"network": 1, "training": {"steps": 2, "start": {"from": "abc", "layers": 3}}}
    assert section["training"]["start"]["from"] == "disk/theirs.pt"
    assert started_by_content(section, "") == section
