"""Images from nothing but chance: only where they are wanted (Herreros Fraile 2021)."""

import csv
import json

import h5py
from PIL import Image

from tests.shared.nano_workflow import jobs_in

WANTED = """
stylegan:
  wanted: true
  network: {base_width: 4, size: 16}
  progressive: {first_side: 8, fade_steps: 1, stable_steps: 2}
  guards: {every: 2, first: 2}
  training: {steps: 5, batch_size: 2}
  samples: {rows: 1, columns: 3}
"""
CONFIGS = ["tests/nano/config.yaml", "wanted.yaml"]
FROM_CONFIG = {"record_provenance", "write_report"}
FROM_SAMPLES = {"sample_stylegan", "draw_stylegan"} | FROM_CONFIG
FROM_STYLEGAN = {"train_stylegan", "draw_training"} | FROM_SAMPLES


def test_a_stylegan_that_is_wanted_is_trained_shown_and_made_again_only_where_it_changes(small):
    (small.folder / "wanted.yaml").write_text(WANTED)
    done = small.run(config=CONFIGS)
    assert {rule for rule, _ in jobs_in(done)} == FROM_STYLEGAN
    assert small.stale(config=CONFIGS) == set()
    assert_made(small.folder / "results")

    for file, old, new, expected in (
        ("wanted.yaml", "fade_steps: 1", "fade_steps: 2", FROM_STYLEGAN),
        ("wanted.yaml", "batch_size: 2", "batch_size: 3", FROM_STYLEGAN),
        ("wanted.yaml", "columns: 3", "columns: 4", FROM_SAMPLES),
        ("config.yaml", "r1_weight: 10\n", "r1_weight: 5\n", FROM_STYLEGAN),
        ("config.yaml", "  wanted: false", "  wanted: true", set()),
        (CONFIGS[0], "checkpoint_every: 3", "checkpoint_every: 2", FROM_CONFIG),
    ):
        small.edit(file, old, new)
        assert small.stale_rules(config=CONFIGS) == expected, new
        small.edit(file, new, old)

    network = small.folder / "results/stylegan/hippocampus/network.pt"
    before = network.read_bytes()
    network.unlink()
    done = small.run(str(network.relative_to(small.folder)), "--cores", "1", config=CONFIGS)
    assert done.returncode == 0 and network.read_bytes() == before, done.stdout


def assert_made(results):
    with (results / "stylegan/hippocampus/history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == list("12345") and {"d_r1", "latent_effect"} <= rows[0].keys()
    with h5py.File(results / "stylegan/hippocampus/samples.h5") as samples:
        assert samples["real"].shape == samples["generated"].shape == (3, 16, 16)
    with Image.open(results / "figures/stylegan/hippocampus.png") as sheet:
        assert sheet.width > 1000
    assert "invented from random numbers" in " ".join(
        (results / "report/hippocampus/index.html").read_text().split()
    )
    record = json.loads((results / "report/hippocampus/provenance.json").read_text())
    settings = record["networks"]["results/stylegan/hippocampus/provenance.json"]["settings"]
    assert set(settings["stylegan"]) == {*("network", "progressive", "diff_augment", "guards", "training")}
