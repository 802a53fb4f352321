"""The README's own path on a crop of real tissue, with the sizes of the demo."""

import json
import re

import numpy as np
import pytest
import tifffile

from synthem.storage.arrays import read_array
from synthem.storage.tables import read_table
from tests.shared.project import PROJECT, PUBLIC_DATA

LUCCHI = PUBLIC_DATA / "lucchi"
README = (PROJECT / "README.md").read_text()
MINE = re.search(r"```yaml\n(targets: \[mine\]\n.*?)```", README, re.DOTALL).group(1)
# Fewer runs than by default, and a small forest; every network, step and limit is as a new user has it.
FEWER = """
study: {arms: [real, mixed], replicates: 1, explore: true}
labels: {budgets: [all]}
forest: {trees: 8, pixels: 1000}
"""


@pytest.fixture
def mine(project):
    """The project with 40 slices of 256 x 256 pixels of Lucchi++ as the README's `my.yaml` names them."""
    pytest.importorskip("torch")
    if not LUCCHI.exists():
        pytest.skip("the data set Lucchi++ is not on this machine")
    data = project.folder / "data"
    data.mkdir()
    crop = (slice(0, 40), slice(100, 356), slice(300, 556))
    for name, source in (("stack.tif", "training.tif"), ("mask.tif", "training_groundtruth.tif")):
        tifffile.imwrite(data / name, tifffile.imread(LUCCHI / source)[crop])
    (project.folder / "my.yaml").write_text(MINE + FEWER)
    return project


@pytest.mark.tissue
def test_a_new_user_gets_an_answer_on_real_tissue(mine):
    done = mine.run(config="my.yaml")
    assert done.returncode == 0, done.stdout[-6000:]
    results = mine.folder / "results"
    assert (results / "report/mine/index.html").stat().st_size > 100_000

    decision = json.loads(
        (results / "synthesis/mine/synthetic/budget-all/replicate-1/decision.json").read_text()
    )
    assert decision["kept"] >= 20, decision  # of 24; the tenth that is least like real slices always goes
    images = read_array(
        results / "synthesis/mine/synthetic/budget-all/replicate-1/volume.h5", "image"
    ).astype(float)
    real = read_array(results / "volumes/mine/volume.h5", "image").astype(float)
    # Grain as real, and no grid: steps from even columns are as large as those from odd ones.
    steps = np.abs(np.diff(images, axis=2))
    assert steps.mean() == pytest.approx(np.abs(np.diff(real, axis=2)).mean(), rel=0.25)
    assert steps[..., ::2].mean() == pytest.approx(steps[..., 1::2].mean(), rel=0.05)

    whole = [row for row in read_table(results / "tables/mine/scores.csv") if row["scope"] == "volume"]
    iou = {row["arm"]: row["iou"] for row in whole}
    assert min(iou["real"], iou["mixed"]) > iou["smoothed"] + 0.1, iou
    stale = mine.stale(config="my.yaml")
    assert stale == set(), stale
