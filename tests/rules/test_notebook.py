"""The notebook that opens the results, run on a finished run cell by cell, without Jupyter."""

import json
import os
import subprocess
import sys

import pytest

from tests.shared.project import PROJECT

CELLS = json.loads((PROJECT / "docs/results.ipynb").read_text())["cells"]
RUNNER = """
import json, sys
import matplotlib
matplotlib.use("Agg")
from matplotlib import pyplot
seen = {}
for source in json.load(sys.stdin):
    exec(compile(source, "cell", "exec"), seen)
print(json.dumps({"figures": pyplot.get_fignums(), "target": seen["TARGET"], "runs": len(seen["RUNS"])}))
print(json.dumps(sorted(seen["summary"]["arm"].unique())), seen["instances"].shape, seen["image"].shape)
"""


def ran(folder):
    """The output of all code cells, as one program in this folder."""
    sources = ["".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"]
    done = subprocess.run(
        [sys.executable, "-c", RUNNER],
        cwd=folder,
        input=json.dumps(sources),
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("place", [".", "docs"])
def test_its_cells_run_on_a_finished_run(finished, tmp_path, place):
    """From the folder of the project, and from docs/, where Jupyter starts the notebook."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "results").symlink_to(finished.folder / "results")
    *said, run, shapes = ran(tmp_path / place).splitlines()
    verdict = finished.folder / "results/tables/hippocampus/verdict.json"
    assert said[0] == json.loads(verdict.read_text())["headline"]
    assert json.loads(run) == {"figures": [1, 2], "target": "hippocampus", "runs": 6}  # 3 arms, 2 replicates
    arms = ["everything", "forest", "mixed", "nothing", "real", "smoothed", "synthetic", "threshold"]
    assert shapes == f"{json.dumps(arms)} (4, 64, 64) (64, 64)"


SLICE = """
import json, sys
import h5py, matplotlib
import numpy as np
from pathlib import Path
matplotlib.use("Agg")
from matplotlib import pyplot as plt
RESULTS, TARGET, STRUCTURE, RUN = Path("results"), "v", "cells", "found.h5"
(RESULTS / "volumes/v").mkdir(parents=True)
labels = np.array([[[0, 1, 0, 3], [0, 1, 0, 3]]], np.uint32)
with h5py.File(RUN, "w") as file:
    file["mask"], file["labels"] = labels > 0, labels
with h5py.File(RESULTS / "volumes/v/volume.h5", "w") as file:
    file["image"] = file["masks/cells"] = np.zeros((1, 2, 4), np.uint8)
    file.attrs.update({"blocks": json.dumps({"test": [[0, 1]]}), "voxel_size_nm": [5.0, 5.0, 5.0]})
exec(json.load(sys.stdin))
shown = right.images[-1]
print(json.dumps([right.get_title(), shown.to_rgba(shown.get_array(), alpha=1)[0, :, :3].round().tolist()]))
"""


def test_two_instances_have_opposite_hues(tmp_path):
    """Of two, half a circle of hues apart: red and cyan, in either order."""
    done = subprocess.run(
        [sys.executable, "-c", SLICE],
        cwd=tmp_path,
        input=json.dumps("".join(CELLS[-1]["source"])),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    title, colours = json.loads(done.stdout)
    assert title == "2 instances here, 3 in the block"
    assert sorted([colours[1], colours[3]]) == [[0, 1, 1], [1, 0, 0]]


def test_it_is_kept_without_output():
    code = [cell for cell in CELLS if cell["cell_type"] == "code"]
    assert len(code) > 3 and all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
