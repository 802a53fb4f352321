"""Data with true instances of the structure: networks are scored as in the challenge of ISBI 2012, too."""

import csv

WITH_INSTANCES = """
volumes:
  hippocampus:
    labels: {mitochondria: tests/nano/data/mitochondria.tif}
study: {arms: [real], replicates: 1}
"""
TABLE = "results/tables/hippocampus/isbi.csv"


def test_only_data_with_true_instances_is_scored_as_a_challenge_of_cells(project):
    (project.folder / "instances.yaml").write_text(WITH_INSTANCES)
    configs = ["tests/nano/config.yaml", "instances.yaml"]
    for config, wanted in ((configs[0], False), (configs, True)):
        assert project.run("check", config=config).returncode == 0  # before, the targets are not known
        assert (TABLE in project.run("--dry-run", "tables", config=config).stdout) == wanted
    made = project.run(TABLE, config=configs)
    assert made.returncode == 0, made.stdout
    (row,) = csv.DictReader((project.folder / TABLE).open())
    assert (row["volume"], row["arm"], row["budget"], row["replicate"]) == ("hippocampus", "real", "all", "1")
    assert 0 < float(row["v_rand_best"]) <= 1
    assert 0 <= float(row["v_rand_threshold"]) < 1
