"""Networks that draw hidden parts of images, of three shapes, side by side (Herreros Fraile 2021)."""

import csv

import h5py
from PIL import Image

from tests.shared.nano_workflow import jobs_in

SHOWN = """
sweeps: {hidden: {key: pretraining.hidden, values: [right, centre, random]}}
gallery: {pretraining: [hidden]}
pretraining:
  generator: {base_width: 2}
  discriminator: {base_width: 2}
  training: {steps: 4, patch: 64, snapshots: [2], validation: {every: 2}, augment: {noise: 0.1}}
"""
CONFIGS = ["tests/nano/config.yaml", "shown.yaml"]
OF_ONE = {"pretrain_network", "complete_images", "draw_completed"}
OF_ALL = {"collect_pretraining", "draw_pretraining", "draw_training", "record_provenance", "write_report"}


def test_three_hidden_shapes_are_learnt_measured_and_shown_and_each_made_again_alone(small):
    (small.folder / "shown.yaml").write_text(SHOWN)
    done = small.run(config=CONFIGS)
    jobs = jobs_in(done)
    assert {rule for rule, _ in jobs} == OF_ONE | OF_ALL, done.stdout
    assert sum(rule == "pretrain_network" for rule, _ in jobs) == 3
    assert small.stale(config=CONFIGS) == set()
    results = small.folder / "results"
    assert_measured(results / "tables/hippocampus/pretraining.csv")
    for name in ("hippocampus", *(f"hippocampus/hidden-{one}" for one in ("right", "centre", "random"))):
        with Image.open(results / f"figures/pretraining/{name}.png") as picture:
            assert picture.width > 1000
    assert "<h2>Gallery</h2>" in (results / "report/hippocampus/index.html").read_text()
    with h5py.File(results / "pretraining/hippocampus/hidden-right/completed.h5") as file:
        assert file["drawn"].shape == (2, 3, 64, 64) and list(file.attrs["snapshots"]) == [2]
        assert (file["drawn"][0] != file["drawn"][1]).any()

    # Another value of a sweep leaves the networks of the others as they are.
    small.edit("shown.yaml", "[right, centre, random]", "[right, random]")
    assert small.stale_rules(config=CONFIGS) == OF_ALL
    small.edit("shown.yaml", "[right, random]", "[right, centre, random]")
    small.edit("shown.yaml", "steps: 4", "steps: 5")
    jobs = small.stale(config=CONFIGS)
    assert {rule for rule, _ in jobs} == OF_ONE | OF_ALL
    assert sum(rule == "pretrain_network" for rule, _ in jobs) == 3


def assert_measured(path):
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert {row["variant"] for row in rows} == {"hidden-right", "hidden-centre", "hidden-random"}
    values = {tuple(row[key] for key in ("variant", "block", "step", "score")): row for row in rows}
    for (variant, block, step, score), row in values.items():
        if score == "g_loss":  # the sum of the thesis's tables 5.12 to 5.14
            l1, adversarial = (
                float(values[variant, block, step, one]["value"]) for one in ("g_l1", "g_adversarial")
            )
            assert abs(float(row["value"]) - l1 - 0.01 * adversarial) < 1e-6
    assert {row["n"] for row in rows if row["block"] == "test"} == {"16"}
    assert {row["step"] for row in rows} == {"2", "4"}
