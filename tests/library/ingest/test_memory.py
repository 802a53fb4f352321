"""A stack of 2 GB passes the check and the ingest with a fraction of its size in memory."""

import json
import subprocess
import sys

import h5py
import numpy as np
import pytest
import tifffile

from synthem.config.entries import filled_in
from tests.shared.check_settings import STUDY

SHAPE = (256, 1024, 1024)  # 2 GiB of 8 bytes a voxel
WRITTEN = range(0, 256, 32)  # the others are holes in a sparse file, and read as zeros
RUN = """
import json, resource, sys
sys.path.insert(0, sys.argv[1])
from synthem.checks.everything import check_volumes
from synthem.ingest.ingesting import ingest
from synthem.storage.volumes import open_volume

def peak_kb():  # of this program alone: ru_maxrss begins with the memory of the one that started it
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])

volume = json.load(sys.stdin)
split = {"test": 0.2, "gap_nm": 100, "fold": 0}
if sys.argv[2] == "check":
    draws = [{"budget": "all", "replicate": 1, "strategy": "spread", "validation": 0.25}]
    study = json.loads(sys.argv[3]) | {"targets": ["v"], "draws": draws}
    check_volumes({"v": volume}, splits={"v": split}, **study)
else:
    ingest("v.h5", volume, split=split, content="")
    with open_volume("v.h5") as stored:
        grey = stored.facts.grey
        plane = stored.read("image", 32, 33)[0]
        print(plane[5, 7] * grey["scale"] + grey["offset"], stored.read("masks/mito", 32, 33).sum())
print(peak_kb() / 1024)
"""


@pytest.fixture(scope="module")
def volume(tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    image = tifffile.memmap(folder / "raw.tif", shape=SHAPE, dtype=np.float64)
    with h5py.File(folder / "mito.h5", "w") as file:
        mask = file.create_dataset("mito", SHAPE, np.uint64, chunks=(8, 256, 256))
        for z in WRITTEN:
            image[z] = np.random.default_rng(z).uniform(0, 1000, SHAPE[1:])
            image[z, 5, 7] = 500
            mask[z, 100:200, 100:200] = 1
    image.flush()
    del image
    entry = {"image": str(folder / "raw.tif"), "masks": {"mito": f"{folder}/mito.h5:mito"}}
    yield folder, filled_in("v", entry | {"voxel_size_nm": [5, 5, 5]}, "mito")
    for file in folder.iterdir():  # pytest keeps folders of past runs
        file.unlink()


@pytest.mark.parametrize("step", ["check", "ingest"])
def test_two_gigabytes_need_little_memory(volume, step):
    folder, entry = volume
    library = next(path for path in sys.path if path.endswith("workflow_scripts"))
    command = [sys.executable, "-c", RUN, library, step, json.dumps(STUDY)]
    ran = subprocess.run(command, input=json.dumps(entry), cwd=folder, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    *found, megabytes = ran.stdout.split()
    assert float(megabytes) < 600
    if step == "ingest":
        assert float(found[0]) == pytest.approx(500, abs=0.1)
        assert int(found[1]) == 10_000
