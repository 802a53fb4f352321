"""Files of our own: an error of reading is of the file that it is about; only damage asks to delete it."""

import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.exports.segmented import open_segmentation
from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import load_network
from synthem.storage.arrays import open_arrays, read_array, read_attributes, write_arrays
from synthem.storage.files import read_json
from synthem.storage.tables import read_table
from synthem.storage.volumes import open_volume, read_blocks, read_labels, read_volume

NOISE = np.random.default_rng(0).integers(0, 255, (3, 300, 300), dtype=np.uint8)
READERS = {
    "array": lambda path: read_array(path, "image"),
    "attributes": read_attributes,
    "volume": read_volume,
    "blocks": read_blocks,
    "labels": lambda path: read_labels(path, "cells"),
    "json": read_json,
    "table": read_table,
    "network": lambda path: load_network(path, SEGMENTERS),
}
NOBODY = 65534


def error_of(action, *arguments):
    with pytest.raises(SynthemError) as caught:
        action(*arguments)
    return caught.value


@pytest.fixture
def path(tmp_path):
    write_arrays(tmp_path / "a.h5", {"image": NOISE, "masks/m": NOISE}, {"voxel_size_nm": (4.0, 4.0, 4.0)})
    return tmp_path / "a.h5"


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        OSError("9 requested and 4 written"),
        ValueError("x"),
        KeyError("k"),
    ],
)
def test_errors_of_the_callers_own_work_are_not_blamed_on_the_open_file(path, error):
    with pytest.raises(type(error)) as caught, open_arrays(path):
        raise error
    assert caught.value is error


@pytest.mark.parametrize("name", READERS)
def test_a_missing_file_is_made_by_another_run(tmp_path, name):
    error = error_of(READERS[name], tmp_path / "gone")
    assert error.code == "FILE_READ" and error.where == str(tmp_path / "gone")
    assert error.found == "No such file or directory" and error.fix == "run again: the workflow makes it"


@pytest.mark.parametrize("name", READERS)
def test_a_sick_disk_is_no_reason_to_delete(name):
    """The system answers with EIO, as a disk that fails does."""
    error = error_of(READERS[name], Path("/proc/self/mem"))
    assert error.code == "FILE_READ" and error.found == "Input/output error" and "delete" not in error.fix


@pytest.mark.parametrize("name", READERS)
def test_a_file_that_may_not_be_read_is_no_reason_to_delete(path, name):
    path.chmod(0)
    user = os.geteuid()
    try:
        if user == 0:  # root may read everything
            os.seteuid(NOBODY)
        error = error_of(READERS[name], path)
    finally:
        os.seteuid(user)
    assert error.fix == "permit reading it, then run again"


@pytest.mark.parametrize("name", list(READERS)[:5])
def test_a_file_that_another_program_has_open_says_so(path, name):
    program = "import h5py, sys; f = h5py.File(sys.argv[1], 'a'); print(1, flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", program, path]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b"1\n"
        error = error_of(READERS[name], path)
        assert error.found == "another program has it open to write"
        assert error.fix == "close that program, then run again"
    finally:
        holder.communicate()
    assert (read_array(path, "image") == NOISE).all()


@pytest.mark.parametrize("name", READERS)
def test_a_file_cut_off_is_to_be_deleted(path, name):
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    error = error_of(READERS[name], path)
    assert error.code in ("FILE_READ", "NETWORK_FILE") and error.where == str(path)
    assert error.fix.startswith(("delete it", "move it away"))


def test_damage_found_late_is_an_error_of_that_file(path):
    with h5py.File(path) as file:
        first = file["masks/m"].id.get_chunk_info(3).byte_offset
    data = bytearray(path.read_bytes())
    data[first + 5 : first + 500] = bytes(495)
    path.write_bytes(data)
    with open_arrays(path) as file:
        assert (file["image"][:] == NOISE).all()
        error = error_of(lambda: file["masks/m"][:])
    assert error.where == str(path) and error.fix == "delete it and run again"


@pytest.mark.parametrize("name", ["image", "masks/m"])
def test_a_single_flipped_bit_is_damage(path, name):
    """Else networks would learn from it without a word: images of noise look like any other."""
    with h5py.File(path) as file:
        chunk = file[name].id.get_chunk_info(1)
    data = bytearray(path.read_bytes())
    data[chunk.byte_offset + chunk.size // 2] ^= 1
    path.write_bytes(data)
    error = error_of(read_array, path, name)
    assert (error.code, error.where) == ("FILE_READ", str(path))


def test_what_a_file_lacks_is_named(path):
    assert "nothing" in error_of(read_array, path, "nothing").found
    assert "blocks" in error_of(read_blocks, path).found  # an attribute of volumes


def test_an_open_file_knows_its_names(path):
    with open_arrays(path) as file:
        assert file.names("masks") == ["m"] and file.names("labels") == []
        assert "image" in file and "masks/m" in file and "masks/n" not in file
        assert file["image"].shape == (3, 300, 300) and file["image"].dtype == np.uint8


def test_the_export_of_a_segmentation_blames_the_file_that_is_damaged(tmp_path, path):
    (tmp_path / "s.h5").write_bytes(b"no HDF5")
    with pytest.raises(SynthemError) as caught:
        with open_segmentation(tmp_path / "s.h5", volume=path, structure="m"):
            pass
    assert caught.value.where == str(path) and "blocks" in caught.value.found  # it is opened first
    with pytest.raises(SynthemError) as caught, open_volume(path):
        pass
    assert caught.value.where == str(path)
