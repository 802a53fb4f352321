"""Networks kept at some steps, and scored there: what the last of them has is what the run has."""

import csv
import json

import numpy as np
import pytest

RUN = "hippocampus/real/budget-all/replicate-1/seed-1"


def table(path):
    with path.open() as file:
        return list(csv.DictReader(file))


@pytest.fixture
def watched(small):
    (small.folder / "watched.yaml").write_text("unets: {training: {snapshots: [3, 6]}}\n")
    done = small.run(
        f"results/metrics/{RUN}/snapshots.csv",
        f"results/metrics/{RUN}/scores.csv",
        config=["tests/nano/config.yaml", "watched.yaml"],
    )
    assert done.returncode == 0, done.stdout
    return small.folder / "results"


def test_the_scores_of_the_last_snapshot_are_those_of_the_run(watched):
    rows = table(watched / f"metrics/{RUN}/snapshots.csv")
    assert {row["step"] for row in rows} == {"3", "6"} and {row["block"] for row in rows} == {"train", "test"}
    last = {
        (row["convention"], row["score"]): row["value"]
        for row in rows
        if (row["step"], row["block"]) == ("6", "test")
    }
    (run,) = (row for row in table(watched / f"metrics/{RUN}/scores.csv") if row["scope"] == "volume")
    for score in ("iou", "dice", "accuracy", "segmented_iou"):
        assert last["", score] == run[score], score
    assert last["", "pixel_accuracy"] == run["accuracy"]  # it has learnt the mask
    partitions = table(watched / f"metrics/{RUN}/partitions.csv")
    for convention in ("paper", "cremi", "full"):
        own = [row["voi"] for row in partitions if (row["scope"], row["convention"]) == ("slice", convention)]
        known = [float(value) for value in own if value]
        found = last[convention, "voi"]
        assert float(found) == pytest.approx(np.mean(known)) if known else found == "", convention
    # Kept at a step, a network is not that of another: and what was predicted for scores alone is gone.
    first = [row["value"] for row in rows if row["step"] == "3" and row["score"] == "dice_loss"]
    assert first != [row["value"] for row in rows if row["step"] == "6" and row["score"] == "dice_loss"]
    assert not (watched / f"unets/{RUN}/over_training").exists()
    threshold = json.loads((watched / f"watershed/{RUN}/threshold.json").read_text())
    assert threshold["method"] == "bodies"
