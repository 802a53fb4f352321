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


def test_it_is_kept_without_output():
    code = [cell for cell in CELLS if cell["cell_type"] == "code"]
    assert len(code) > 3 and all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
