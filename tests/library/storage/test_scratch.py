import errno
import os
import subprocess
import sys

import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.storage.arrays import writing_arrays
from synthem.storage.scratch import scratch, slabs

SHAPE = (128, 512, 512)  # voxels: 128 MiB as uint32
ROOM = 120 * 2**20  # bytes beside what the program needs anyhow; the arrays have 420 MiB
RUN = """
import resource
import sys
from pathlib import Path

sys.path[:0] = sys.argv[2:]
from synthem.storage.scratch import scratch
from synthem.storage.volumes import Facts
from synthem.watershed.methods import segment
from synthem.watershed.predictions import read_prediction

FACTS = Facts(voxel_size_nm=(5, 5, 5))
SETTINGS = {"thresholds": [0.5], "seeds": "distance", "seed_distance_nm": 30, "smallest_nm3": 0,
            "fill_holes": True, "per_slice": False, "link_overlap": 0}

def segmented(block):
    zeros = scratch(".", in_memory=int(sys.argv[1]))
    prediction = read_prediction("probability.h5", block, FACTS, {"kind": "mask"}, zeros=zeros)
    return segment(prediction, method="bodies", settings=SETTINGS, chosen={"threshold": 0.5}, threads=1)

segmented("small")  # kernels are loaded
lines = Path("/proc/self/status").read_text().splitlines()
used = int(next(line for line in lines if line.startswith("VmData")).split()[1]) * 1024
resource.setrlimit(resource.RLIMIT_DATA, (used + ROOM,) * 2)  # of memory that no file stands behind
try:
    print(segmented("large").max())
except MemoryError:
    print("too large")
"""


def test_small_arrays_are_in_memory_and_large_ones_in_a_file_without_a_name(tmp_path):
    zeros = scratch(tmp_path, in_memory=4000)
    for count in (1000, 1001):
        array = zeros((count,), np.uint32)
        assert array.shape == (count,) and array.dtype == np.uint32 and not array.any()
        array[:] = 7
        assert (array == 7).all() and type(array) is np.ndarray
        assert isinstance(array.base, np.memmap) == (count > 1000)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_said_before_anything_is_computed(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(SynthemError, match=f"FILE_WRITE {tmp_path}: your quota on that disk"):
        scratch(tmp_path, in_memory=0)((10,), bool)


@pytest.mark.parametrize("shape", [(7, 1000, 1000), (3, 5000, 5000), (0, 5, 5), (9, 500, 500, 12)])
def test_slabs_cover_all_slices_once_and_are_not_large(shape):
    found = slabs(shape)
    assert [z for slab in found for z in range(slab.start, slab.stop)] == list(range(shape[0]))
    largest = max((slab.stop - slab.start for slab in found), default=1)
    assert largest == 1 or largest * np.prod(shape[1:]) <= 2**22


def balls_in(shape):
    """Balls of 20 voxels in rows, each with a hole: as stored."""
    distance = ((np.indices((32, 32, 32)) - 16) ** 2).sum(0)
    tile = np.where((distance < 100) & (distance > 4), 255, 0).astype(np.uint8)
    return np.tile(tile, [side // 32 for side in shape])


@pytest.mark.parametrize(("in_memory", "expected"), [(2**20, str(4 * 16 * 16)), (2**40, "too large")])
def test_a_block_larger_than_memory_is_segmented(tmp_path, in_memory, expected):
    kinds = {"small": ((32, 32, 32), np.uint8), "large": (SHAPE, np.uint8)}
    with writing_arrays(tmp_path / "probability.h5", kinds, {}) as put:
        for name, (shape, _) in kinds.items():
            put(name, 0, balls_in(shape))
    folders = [path for path in sys.path if path.endswith("workflow_scripts")]
    command = [sys.executable, "-c", RUN.replace("ROOM", str(ROOM)), str(in_memory), *folders]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert ran.stdout.strip() == expected, ran.stderr
