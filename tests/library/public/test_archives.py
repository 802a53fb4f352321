import zipfile

import pytest

from synthem.errors import SynthemError
from synthem.public.archives import unpack


def packed(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_the_content_of_a_folder_in_the_archive_is_unpacked(tmp_path):
    archive = packed(tmp_path / "a.zip", {"top/raw/00.tif": b"0", "top/x.txt": b"1", "other/y": b"2"})
    assert unpack(archive, tmp_path / "out", inside="top/") == 2
    assert (tmp_path / "out/raw/00.tif").read_bytes() == b"0"
    assert sorted(path.name for path in (tmp_path / "out").rglob("*")) == ["00.tif", "raw", "x.txt"]


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/evil", "a\\..\\evil"])
def test_nothing_is_written_outside_of_the_folder(tmp_path, name):
    archive = packed(tmp_path / "a.zip", {name: b"!"})
    with pytest.raises(SynthemError, match="DATA_FORMAT .*lies outside"):
        unpack(archive, tmp_path / "in/out", inside="")
    assert not list(tmp_path.rglob("evil"))


def test_a_damaged_archive_is_an_error_and_leaves_no_half_file(tmp_path):
    archive = packed(tmp_path / "a.zip", {"a": b"some bytes to pack " * 500})
    data = bytearray(archive.read_bytes())
    data[60:64] = b"\0\0\0\0"
    archive.write_bytes(data)
    with pytest.raises(SynthemError, match="DATA_FORMAT"):
        unpack(archive, tmp_path / "out", inside="")
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    archive.write_bytes(data[:100])
    with pytest.raises(SynthemError, match="DATA_FORMAT"):
        unpack(archive, tmp_path / "out", inside="")
