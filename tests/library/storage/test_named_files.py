"""Files of a user that the config names one by one."""

import hashlib

import pytest

from synthem.storage.named_files import bytes_hash, started_by_content


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


def test_settings_name_what_a_file_holds():
    section = {"network": 1, "training": {"steps": 2, "start": {"from": "disk/theirs.pt", "layers": 3}}}
    known = started_by_content(section, "abc")
    assert known == {"network": 1, "training": {"steps": 2, "start": {"from": "abc", "layers": 3}}}
    assert section["training"]["start"]["from"] == "disk/theirs.pt"
    assert started_by_content(section, "") == section
