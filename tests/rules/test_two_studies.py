"""Two finished folders of results, held against each other."""

import csv
import re
import shutil

from tests.shared.nano_workflow import jobs_in

FOLDERS = ("compare", "--config", "compare=[results-old, results]")


def test_two_finished_folders_are_compared_again_where_one_of_them_changed(nano):
    shutil.copytree(nano.folder / "results", nano.folder / "results-old")
    provenance = nano.folder / "results-old/report/hippocampus/provenance.json"
    text = provenance.read_text().replace('"boundary_tolerance_nm": 20.0', '"boundary_tolerance_nm": 5.0')
    # As from a stack that was edited in its place since.
    text = re.sub('("content": {\\s*"hippocampus"): "[0-9a-f]+"', r'\1: "0123456789abcdef"', text)
    provenance.write_text(text)
    done = nano.run(*FOLDERS)
    assert {rule for rule, _ in jobs_in(done)} == {"compare_results"}
    assert "metrics.boundary_tolerance_nm: 5.0 -> 20.0" in done.stdout
    assert "volumes.hippocampus (its content): 0123456789ab -> " in done.stdout
    assert "volumes.larva" not in done.stdout
    assert "IoU, new less old:\n  hippocampus, real, all 9 labelled slices: no answer: in the" in done.stdout
    with (nano.folder / "results/compared.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["arm"], row["n_replicates"], row["verdict"]) for row in rows] == [
        (arm, "2", "no answer") for arm in ("real", "mixed", "synthetic")
    ]
    assert " better than what needs no network" in rows[0]["reason"]
    assert nano.stale_rules(*FOLDERS) == set()
    scores = nano.folder / "results-old/tables/hippocampus/scores.csv"
    scores.write_text(scores.read_text().replace("mixed", "renamed"))
    assert nano.stale_rules(*FOLDERS) == {"compare_results"}
    assert nano.stale() == set(), "the study itself knows nothing of it"


def test_without_two_folders_the_comparison_says_what_to_type(nano):
    done = nano.run("compare")
    assert done.returncode != 0
    assert "ERROR CONFIG_VALUE compare: 0 folders" in done.stdout
    assert 'snakemake compare --config compare="[results-old, results]"' in done.stdout
