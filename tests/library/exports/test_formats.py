import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.exports.formats import FORMATS
from synthem.exports.planes import original_type
from synthem.storage.volumes import open_volume, write_volume
from tests.shared.exported_volumes import PLAIN, exported, make_volume
from tests.shared.project import LIBRARY

OPTIONS = {"pairs": {"size": 4}, "nnunet": {"dataset": 7, "name": "larva", "structure": "mito"}}
BLOCKS = {"train": ((0, 2),), "test": ((2, 3),)}


def files_of(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_volume_is_the_same_bytes_in_every_format_at_any_time(tmp_path):
    first = {}
    for copy in "ab":
        (tmp_path / copy).mkdir()
        for name in FORMATS:
            if name == "zarr":
                pytest.importorskip("zarr")
            files = files_of(
                exported(tmp_path / copy, make_volume(blocks=BLOCKS), name, **OPTIONS.get(name, {}))
            )
            assert files and files == first.setdefault(name, files), name
        time.sleep(2.1 if copy == "a" else 0)  # dates in a zip file have steps of two seconds


def test_a_second_export_leaves_nothing_of_the_first(tmp_path):
    exported(tmp_path, make_volume((5, 6, 4)), "png")
    folder = exported(tmp_path, replace(make_volume((2, 6, 4)), **PLAIN), "png")
    assert sorted(files_of(folder)) == [Path("image/0000.png"), Path("image/0001.png")]


def test_a_failed_export_leaves_neither_a_folder_nor_parts_of_it(tmp_path):
    too_large = replace(make_volume(), labels={"cells": np.full((3, 7, 5), 65536, np.uint32)})
    with pytest.raises(SynthemError, match=r"^ERROR DATA_VALUE labels/cells: label 65536 .*at most 65535"):
        exported(tmp_path, too_large, "png16")
    assert os.listdir(tmp_path) == ["volume.h5"]


@pytest.mark.parametrize(
    "of_file, known, expected",
    [
        ("int16", ("uint8", "uint16", "int16", "float32"), "int16"),
        ("int8", ("uint8", "uint16", "int16", "float32"), "int16"),
        ("int32", ("uint8", "uint16", "int16", "float32"), "float32"),
        ("int32", ("uint8", "int32", "float32"), "int32"),
        ("float64", ("uint8", "uint16", "int16", "float32"), "float32"),
    ],
)
def test_the_users_type_comes_back_where_the_format_has_it(tmp_path, of_file, known, expected):
    volume = make_volume(dtype=np.uint16, grey={"type": of_file, "scale": 2.0, "offset": -5.0})
    write_volume(tmp_path / "v.h5", volume)
    with open_volume(tmp_path / "v.h5") as stored:
        assert original_type(stored, known) == expected


MEASURED = """
import resource, sys
import numpy as np
from synthem.exports.formats import export
from synthem.storage.volumes import Facts, open_volume, writing_volume

def peak_kb():  # of this program alone: ru_maxrss begins with the memory of the one that started it
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])

folder, shape = sys.argv[1], (300, 1000, 1000)
plane = np.indices(shape[1:]).sum(0, dtype=np.uint8)[None]
with writing_volume(f"{folder}/v.h5", {"image": (shape, np.uint8)}, Facts((5.0, 5.0, 5.0))) as put:
    for z in range(shape[0]):
        put("image", z, plane)
with open_volume(f"{folder}/v.h5") as volume:
    export(f"{folder}/out", volume, format="fiji")
print(peak_kb())
"""


def test_a_volume_of_300_mb_passes_through_little_memory(tmp_path):
    run = [sys.executable, "-c", MEASURED, tmp_path]
    done = subprocess.run(run, env=os.environ | {"PYTHONPATH": str(LIBRARY)}, check=True, capture_output=True)
    assert (tmp_path / "out" / "image.tif").stat().st_size > 300e6
    assert int(done.stdout) < 250_000
