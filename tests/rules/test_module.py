"""Another workflow uses this one as a module, names only what differs, and goes on from its results."""

import re

import h5py
import pytest
import yaml

from tests.shared.nano_workflow import Workflow, jobs_in
from tests.shared.project import PROJECT

OWN = """
configfile: "config.yaml"

{module}

rule own:
    default_target: True
    input:
        "{results}/volumes/hippocampus/volume.h5",
    output:
        "own.txt",
    shell:
        "wc -c {{input}} > {{output}}"
"""
# U-Nets start from a network that the config names by its path.
TRANSFER = """
pretraining:
  generator: {base_width: 2}
  discriminator: {base_width: 2}
  training: {steps: 3, patch: 64}
unets:
  network: {kind: boundless, boundless: {base_width: 2}}
  training: {steps: 3, patch: 32, start: {from: results/pretraining/hippocampus/base/network.pt}}
"""


class Outer(Workflow):
    """A folder with a workflow of its own beside the project."""

    def __init__(self, folder, *, prefix):
        super().__init__(folder)
        self.results = folder / prefix / "results"
        results = self.results.relative_to(folder)
        (folder / "Snakefile").write_text(OWN.format(module=of_readme(prefix), results=results))
        (folder / "synthem").symlink_to(PROJECT)
        (folder / "data").symlink_to(PROJECT / "tests/nano/data")
        nano = (PROJECT / "tests/nano/config.yaml").read_text().replace("tests/nano/data", "data")
        nano = yaml.safe_load(nano) | yaml.safe_load(TRANSFER)
        (folder / "config.yaml").write_text(yaml.safe_dump({"synthem": nano}))

    def run(self, *arguments):
        profile = ("--workflow-profile", "synthem/profiles/default")
        done = super().run(*arguments, *profile, config=None)
        assert done.returncode == 0, done.stdout
        return done


def of_readme(prefix):
    """The lines that docs/usage.md tells to write."""
    readme = (PROJECT / "docs/usage.md").read_text()
    (lines,) = re.findall(r"  ```python\n(  module synthem:.*?)  ```\n", readme, re.DOTALL)
    assert 'prefix: "em"' in lines
    lines = lines.splitlines()
    return "\n".join(line[2:] for line in lines if prefix or "prefix:" not in line)


@pytest.mark.parametrize("prefix", ["", "em"], ids=["beside the results of others", "with a prefix"])
def test_a_module_checks_runs_and_plans_everything_with_what_its_config_names(tmp_path, prefix):
    outer = Outer(tmp_path, prefix=prefix)
    outer.run("synthem_check")
    assert {path.name for path in (outer.results / "checks").iterdir()} == {"volumes.json", "hierarchy.txt"}
    assert "image" in (outer.results / "checks/hierarchy.txt").read_text()

    outer.run("synthem_volumes")
    outer.run()
    with h5py.File(outer.results / "volumes/larva/volume.h5") as volume:
        assert volume["image"].shape == (8, 64, 64)  # of the config that the module was given
    assert str(outer.results.relative_to(tmp_path)) in (tmp_path / "own.txt").read_text()
    assert jobs_in(outer.run("synthem_volumes", "--dry-run")) == set()

    planned = jobs_in(outer.run("synthem_all", "--dry-run"))
    rules = {rule for rule, _ in planned}
    assert rules >= {
        "synthem_pretrain_network",
        "synthem_train_unet",
        "synthem_filter_volume",
    }  # it decides what follows
    assert "synthem_ingest_volume" not in rules
    assert {output.partition("results/")[0] for _, output in planned} == {f"{prefix}/" if prefix else ""}

    if prefix:
        networks_start_train_and_are_kept_below_it(outer, tmp_path)


def networks_start_train_and_are_kept_below_it(outer, tmp_path):
    network = "unets/hippocampus/real/budget-all/replicate-1/seed-1/network.pt"
    outer.run(f"em/results/{network}")
    assert (outer.results / network).exists()
    trained = {path.name for path in (outer.results / "checkpoints").iterdir()}
    assert trained == {"pretrain_network", "train_unet"}
    assert not (tmp_path / "results").exists()
