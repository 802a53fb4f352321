"""A study of two targets: the verdict of each, and one of both."""

import csv

import pytest

TWO = """
targets: [hippocampus, larva]
study: {arms: [real, coarse]}
arms: {coarse: {sets: {real: 1}, variant: coarse}}
variants: {coarse: {watershed: {bodies: {smallest_nm3: 3.0e+5}}}}
"""
TABLES = "results/tables/{}comparison.csv"
PAGE = "results/report/index.html"
OF_BOTH = {"compare_targets", "list_reports"}


def rows_of(project, target=""):
    with (project.folder / TABLES.format(target)).open() as file:
        return list(csv.DictReader(file))


@pytest.mark.long
def test_both_are_judged_as_one_with_the_mean_of_their_differences(nano):
    (nano.folder / "two.yaml").write_text(TWO)
    configs = ["tests/nano/config.yaml", "two.yaml"]
    done = nano.run(PAGE, config=configs)
    assert done.returncode == 0, done.stdout
    (both,), alone = rows_of(nano), [rows_of(nano, f"{name}/")[0] for name in ("hippocampus", "larva")]
    assert both["volume"] == "hippocampus + larva" and both["arm"] == "coarse"
    assert int(both["n_blocks"]) == sum(int(row["n_blocks"]) for row in alone)
    means = sum(float(row["difference"]) for row in alone) / 2
    assert float(both["difference"]) == pytest.approx(means)
    page = (nano.folder / PAGE).read_text()
    assert page.index("All as one") < page.index("larva/index.html")
    assert nano.stale(PAGE, config=configs) == set()
    scores = nano.folder / TABLES.format("larva/").replace("comparison", "scores")
    scores.write_text(scores.read_text().replace("larva,real", "larva,other"))
    behind = {rule for rule, _ in nano.stale(PAGE, config=configs)}
    assert OF_BOTH <= behind and "train_unet" not in behind
    (nano.folder / "two.yaml").write_text(TWO.replace("hippocampus, larva", "hippocampus"))
    assert not OF_BOTH & nano.stale_rules("tables", config=configs), "one target has no other"
