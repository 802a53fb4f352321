"""Sheets of generated images, and generators that collapse: recorded, shown, and not learnt from."""

import csv
import json

import torch
from PIL import Image

from synthem.networks.registry import GENERATORS
from synthem.networks.saving import load_network, save_network
from tests.shared.nano_workflow import jobs_in

SHEETS = """
sheets:
  unseen: {data_sets: [synthetic], rows: masks, columns: masks, masks: 6}
  panels: {data_sets: [synthetic], rows: masks, columns: panels, panels: [conditions, real, masked, drawn]}
"""
COLLAPSED = """
gans:
  guards: {every: 2, first: 2, in_a_row: 1, on_failure: record}
  training: {start: {from: grey.pt}, optimisers: {generator: {learning_rate: 1.0e-9}}}
"""
CONFIGS = ["tests/nano/config.yaml", "own.yaml"]
GAN = "results/gans/hippocampus/base/budget-all/replicate-1"
SET = "results/synthesis/hippocampus/synthetic/budget-all/replicate-1"
PAGE = "results/report/hippocampus/index.html"
FIGURES = "results/figures/sheets/hippocampus"


def made(project, *targets, text):
    (project.folder / "own.yaml").write_text(text)
    return project.run(*targets, config=CONFIGS)


def test_a_sheet_is_drawn_and_a_changed_one_is_drawn_again_alone(small):
    done = made(small, text=SHEETS)
    assert done.returncode == 0, done.stdout
    assert {rule for rule, _ in jobs_in(done)} >= {"paint_sheet", "draw_sheet"}
    assert "train_gan" not in {rule for rule, _ in jobs_in(done)}
    assert "<h2>Sheets of generated images</h2>" in (small.folder / PAGE).read_text()
    assert small.stale(config=CONFIGS) == set()
    for name in ("unseen", "panels"):
        with Image.open(small.folder / FIGURES / f"{name}.png") as picture:
            assert max(picture.size) < 3000 and min(picture.size) > 300
    caption = (small.folder / FIGURES / "unseen.txt").read_text()
    assert "n = 6 generated images on masks of 6 places" in caption and "after 6 steps" in caption
    assert "no network has ever learnt from them" in caption

    small.edit("own.yaml", "masks: 6", "masks: 7")
    jobs = {(rule, output) for rule, output in small.stale(config=CONFIGS) if rule.endswith("_sheet")}
    assert {output.split("/")[-1].split(".")[0] for _, output in jobs} == {"unseen"} and len(jobs) == 2


def test_a_generator_that_collapses_is_recorded_and_shown_and_nothing_learns_from_it(small):
    network = load_network(small.folder / GAN / "network.pt", GENERATORS)
    for (
        parameter
    ) in network.parameters():  # it draws grey whatever it is asked for, and learns next to nothing
        torch.nn.init.zeros_(parameter)
    save_network(small.folder / "grey.pt", network)
    done = made(small, text=SHEETS + COLLAPSED)
    assert done.returncode == 0, done.stdout
    trained = {output for rule, output in jobs_in(done) if rule == "train_unet"}
    assert not any("/mixed/" in output for output in trained)
    findings = json.loads((small.folder / GAN / "findings.json").read_text())
    assert findings and {"score", "step", "value", "limit"} == set(findings[0])
    with (small.folder / "results/tables/hippocampus/collapse.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(findings)
    assert (rows[0]["data_set"], rows[0]["budget"], rows[0]["replicate"]) == ("synthetic", "all", "1")
    decision = json.loads((small.folder / SET / "decision.json").read_text())
    assert decision["enough"] is False and decision["failed"]
    assert "synthetic failed while it trained" in (small.folder / FIGURES / "unseen.txt").read_text()
    assert "the generator failed while it trained" in done.stdout
    assert small.stale(config=CONFIGS) == set()

    done = made(small, f"{GAN}/network.pt", text=COLLAPSED.replace("record", "stop"))
    assert done.returncode != 0 and "ERROR GAN_" in done.stdout
