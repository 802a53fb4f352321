"""A stack of 165 x 768 x 1024 is predicted from file to file with the memory of a few slices."""

import os
import subprocess
import sys

import numpy as np
import pytest

from synthem.compute.allocation import ENVIRONMENT
from synthem.storage.volumes import Facts, Volume, write_volume
from tests.shared.project import PROJECT

pytest.importorskip("torch")  # the program below needs it
SHAPE = (165, 768, 1024)  # as uint8 124 MiB
RUN = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[1:]
import torch
from tests.shared.segmenters import Lopsided, segmenter
from synthem.compute.allocation import keep_freed_memory
from synthem.inference.predicting import predict_blocks
from synthem.storage.volumes import read_volume

def megabytes(what):  # of this program alone: ru_maxrss begins with the memory of the one that started it
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(what)).split()[1]) / 1024

torch.set_num_threads(1)
keep_freed_memory()  # as in jobs
ours = segmenter(Lopsided(), tile=1024)
before = megabytes("VmRSS")
predict_blocks("probability.h5", "volume.h5", ours, validation=((0, 5),))
print(megabytes("VmHWM") - before)
"""


def test_a_prediction_needs_far_less_memory_than_its_result(tmp_path):
    image = np.broadcast_to(np.arange(1024, dtype=np.uint8), SHAPE)
    facts = Facts(voxel_size_nm=(5.0, 5.0, 5.0), blocks={"train": [(0, 5)], "test": [(5, 165)]})
    write_volume(tmp_path / "volume.h5", Volume(image, facts))
    folders = [str(PROJECT), str(PROJECT / "workflow_scripts")]
    command = [sys.executable, "-c", RUN, *folders]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=os.environ | ENVIRONMENT)
    assert ran.returncode == 0, ran.stderr
    assert float(ran.stdout) < 100  # the result itself has 124
    (tmp_path / "volume.h5").unlink()  # pytest keeps folders of past runs
