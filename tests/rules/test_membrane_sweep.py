"""One membrane network for each strength of noise, scored where it learnt and where it is used.

The membrane-transfer manuscript (about 2023) does so by eye.
"""

import csv

from PIL import Image

from tests.shared.nano_workflow import jobs_in

SHOWN = """
sweeps: {noise: {key: membranes.training.augment.noise, values: [0, 0.2, 0.4]}}
gallery: {membranes: [noise]}
"""
CONFIGS = ["tests/nano/config.yaml", "shown.yaml"]
OF_ONE = {"train_membranes", "predict_membranes", "assess_membranes", "draw_membranes"}
OF_ALL = {"assess_source_membranes", "collect_membranes", "draw_noise", "draw_membrane_variants"}
OF_PAGE = {"draw_training", "record_provenance", "write_report"}


def test_networks_of_every_noise_are_learnt_scored_and_shown_and_each_made_again_alone(small):
    (small.folder / "shown.yaml").write_text(SHOWN)
    jobs = jobs_in(small.run(config=CONFIGS))
    assert {rule for rule, _ in jobs} == OF_ONE | OF_ALL | OF_PAGE
    # Noise of 0.4 is that of the config itself: its network is there, as the variant `base`.
    assert sum(rule == "train_membranes" for rule, _ in jobs) == 2
    assert small.stale(config=CONFIGS) == set()
    results = small.folder / "results"
    rows = read(results / "tables/hippocampus/membranes.csv")
    assert_scored(rows, held_out=2)  # a quarter of the source's 8 slices
    for name in ("membranes/hippocampus", "noise/hippocampus"):
        with Image.open(results / f"figures/{name}.png") as picture:
            assert picture.width > 1000

    small.edit("shown.yaml", "0.2", "0.3")
    jobs = small.stale(config=CONFIGS)
    assert {path for rule, path in jobs if rule == "train_membranes"} == {
        "results/membranes/larva/noise-0.3/network.pt"
    }
    assert {rule for rule, _ in jobs} == OF_ONE | OF_ALL | OF_PAGE


SHARED = """
variants:
  one: {membranes: {training: {steps: 5}}}
  two: {membranes: {training: {steps: 5}}}
  three: {membranes: {training: {steps: 6}}}
gallery: {membranes: [one, two, three]}
"""


def test_variants_that_swap_the_networks_that_they_share_are_collected_again(nano):
    """The first has its own, the second shares it, the third has that of the config: the same files after."""
    (nano.folder / "shown.yaml").write_text(SHARED)
    asked = ["results/tables/hippocampus/membranes.csv", "results/figures/membranes/hippocampus.png"]
    assert nano.run(*asked, config=CONFIGS).returncode == 0
    assert nano.stale(*asked, config=CONFIGS) == set()
    nano.edit("shown.yaml", "two: {membranes: {training: {steps: 5", "two: {membranes: {training: {steps: 6")
    nano.edit(
        "shown.yaml", "three: {membranes: {training: {steps: 6", "three: {membranes: {training: {steps: 5"
    )
    assert nano.stale_rules(*asked, config=CONFIGS) == {"collect_membranes", "draw_membrane_variants"}


def test_a_source_of_which_no_slice_is_held_out_has_no_score_there(project):
    (project.folder / "shown.yaml").write_text(
        SHOWN.replace("[0, 0.2, 0.4]", "[0]") + "labels: {validation: 0}\n"
    )
    table = "results/tables/hippocampus/membranes.csv"
    done = project.run(table, config=CONFIGS)
    assert done.returncode == 0, done.stdout
    held_out = [row for row in read(project.folder / table) if row["block"] == "source_held_out"]
    assert {(row["n"], row["value"]) for row in held_out} == {("0", "")}
    assert all("labels.validation is 0" in row["reason"] for row in held_out)


def read(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def assert_scored(rows, held_out):
    places = {(row["variant"], row["noise"], row["volume"], row["block"]) for row in rows}
    assert places == {
        (f"noise-{noise}", str(float(noise)), volume, block)
        for noise in ("0", "0.2", "0.4")
        for volume, block in (
            ("larva", "source_learnt"),
            ("larva", "source_held_out"),
            ("hippocampus", "target"),
        )
    }
    counts = {(row["block"], row["n"]) for row in rows}
    assert ("source_held_out", str(held_out)) in counts and ("source_learnt", str(8 - held_out)) in counts
    assert all(bool(row["value"]) != bool(row["reason"]) for row in rows)
    assert any(row["value"] for row in rows if (row["block"], row["score"]) == ("target", "f1"))
