"""What was removed of a finished run is made again, though nothing else asks for it."""

import re
import shutil

import pytest

PRODUCTS = ("report", "tables", "figures", "videos", "watershed")  # folders of files, in docs/output.md


def test_every_product_is_a_target(nano):
    """Snakemake does not miss a file that only a finished job has read."""
    results = nano.folder / "results"
    made = [file for name in PRODUCTS for file in (results / name).rglob("*.*")]
    made += [path for form in ("png", "pairs") for path in (results / "exports").rglob(form)]
    (results / "checks/hierarchy.txt").unlink()  # where nothing is to be done, a dry run names no target
    done = nano.run("--dry-run")
    asked = re.search(r"^rule all:\n    input: (.+)", done.stdout, re.MULTILINE).group(1).split(", ")
    # 3 arms with 2 replicates: 3 of the report, 11 tables, 10 figures, 3 videos, 12 of segmentations;
    # 2 formats of 2 volumes and of 2 synthetic ones
    assert len(made) == 3 + 11 + 10 + 3 + 12 + 8
    assert {str(path.relative_to(nano.folder)) for path in made} <= set(asked)


@pytest.mark.parametrize(
    ("product", "rule"),
    [
        ("report/hippocampus/answer.txt", "write_report"),
        ("report/hippocampus/provenance.json", "record_provenance"),
        ("tables/hippocampus/components.csv", "compare_arms"),
        ("tables/hippocampus/verdict.json", "compare_arms"),
        ("tables/hippocampus/labels.json", "value_labels"),
        ("figures/training/hippocampus.png", "draw_training"),
        ("exports/hippocampus/volume/png", "export_volume"),
    ],
)
def test_what_is_removed_is_made_again(nano, product, rule):
    path = nano.folder / "results" / product
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert rule in nano.stale_rules()


def test_a_lost_record_of_snakemakes_is_told_before_a_run_and_where_there_is_nothing_to_do(nano):
    """Without it, results of other settings would pass for those of today, without a word."""
    assert "WARNING .snakemake" not in nano.run().stdout
    shutil.rmtree(nano.folder / ".snakemake/metadata")
    steps = "training: {steps: 6, batch_size: 2, patch: 64"
    nano.edit("tests/nano/config.yaml", steps, steps.replace("6", "7", 1))
    for arguments in ([], ["--forcerun", "list_data"]):
        done = nano.run(*arguments)
        (warning,) = [line for line in done.stdout.splitlines() if line.startswith("WARNING .snakemake")]
        assert "is lost" in warning and "--forceall" in warning
    assert done.stdout.index("WARNING .snakemake") < done.stdout.index("rule list_data")
