"""Hours of training behind an arm, from benchmark files and the sessions of trainings."""

import pytest

from synthem.runs.hours import hours_of_arms
from synthem.storage.files import write_json

RUN = {"budget": [3], "replicate": [1], "seed": [1, 2]}


def benchmark(folder, place, seconds):
    path = folder / f"{place}.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"s\tmax_rss\n{seconds}\t100\n")


def test_a_run_takes_its_unet_and_the_generators_behind_it(tmp_path):
    benchmark(tmp_path, "train_unet/mine/real/budget-3/replicate-1/seed-1", 1800)
    benchmark(tmp_path, "train_unet/mine/real/budget-3/replicate-1/seed-2", 3600)
    benchmark(tmp_path, "train_unet/mine/real/budget-4/replicate-1/seed-1", 9999)
    # Removed from the study since:
    benchmark(tmp_path, "train_unet/mine/real/budget-3/replicate-2/seed-1", 9999)
    benchmark(tmp_path, "train_unet/mine/real/budget-3/replicate-1/seed-3", 9999)
    benchmark(tmp_path, "train_gan/mine/base/budget-3/replicate-2", 9999)
    benchmark(tmp_path, "train_unet/mine/mixed/budget-3/replicate-1/seed-1", 3600)
    benchmark(tmp_path, "train_gan/mine/base/budget-3/replicate-1", 7200)
    parts = {
        "real": [("train_unet", "real")],
        "mixed": [("train_unet", "mixed"), ("train_gan", "base")],
        "other": [("train_unet", "other")],
    }
    found = hours_of_arms(parts, tmp_path, volume="mine", run=RUN)
    assert found == {("real", "3"): pytest.approx(0.75), ("mixed", "3"): pytest.approx(3)}


def test_a_training_that_was_stopped_takes_the_hours_of_all_its_sessions(tmp_path):
    """Snakemake's file has the last attempt alone: an hour, with its start; two hours had gone before."""
    place = "train_unet/mine/real/budget-3/replicate-1/seed-1"
    benchmark(tmp_path / "benchmarks", place, 3600)
    write_json(tmp_path / "checkpoints" / place / "sessions.json", {"a": [5400, 1800, 3590]})
    found = hours_of_arms({"real": [("train_unet", "real")]}, tmp_path / "benchmarks", volume="mine", run=RUN)
    assert found == {("real", "3"): pytest.approx(3)}


def test_an_attempt_that_found_its_training_finished_adds_nothing(tmp_path):
    """Its outputs could not be written: the attempt after took 10 seconds, the one before an hour."""
    place = "train_unet/mine/real/budget-3/replicate-1/seed-1"
    benchmark(tmp_path / "benchmarks", place, 10)
    write_json(tmp_path / "checkpoints" / place / "sessions.json", {"a": [3600]})
    found = hours_of_arms({"real": [("train_unet", "real")]}, tmp_path / "benchmarks", volume="mine", run=RUN)
    assert found == {("real", "3"): pytest.approx(1)}
