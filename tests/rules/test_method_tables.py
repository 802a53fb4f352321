"""Every way to instances through its rules: the grid of thresholds, and the table of methods."""

import csv
import json

from synthem.watershed.methods import METHODS

RUN = "hippocampus/real/budget-all/replicate-1/seed-1"


def table(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def test_all_methods_are_compared_and_the_grid_is_scored_by_jobs_of_their_own(small):
    (small.folder / "cells.yaml").write_text(
        f"watershed: {{method: membranes, tune_by: voi, compare: {list(METHODS)}, grid: true}}\n"
    )
    configs = ["tests/nano/config.yaml", "cells.yaml"]
    done = small.run(
        f"results/watershed/{RUN}/segmentation.h5",
        f"results/watershed/{RUN}/grid.csv",
        f"results/metrics/{RUN}/methods.csv",
        config=configs,
    )
    assert done.returncode == 0, done.stdout
    results = small.folder / "results"
    tuned = json.loads((results / f"watershed/{RUN}/threshold.json").read_text())
    assert tuned["method"] == "membranes" and len(tuned["curve"]) == 36
    assert tuned["threshold"] == tuned["settings"]["interior_threshold"]
    grid = table(results / f"watershed/{RUN}/grid.csv")
    assert len(grid) == 36 * 4 and {row["replicate"] for row in grid} == {"1"}
    rows = table(results / f"metrics/{RUN}/methods.csv")
    assert [row["method"] for row in rows if row["convention"] == "cremi"] == list(METHODS)
