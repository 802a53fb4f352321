"""What files of --configfile change in the config of the project, and what they leave alone."""

import json

SHOW = """
import json
print("CONFIG", json.dumps(config))
"""


def config_of(project, *configs):
    """The config with which Snakemake starts."""
    with (project.folder / "Snakefile").open("a") as file:
        file.write(SHOW)
    done = project.run("--dry-run", config=["tests/nano/config.yaml", *configs])
    assert done.returncode == 0, done.stdout
    *_, shown = [line for line in done.stdout.splitlines() if line.startswith("CONFIG ")]
    return json.loads(shown.removeprefix("CONFIG "))


def flat(value, place=""):
    """{place: value} of all that is no mapping."""
    if not isinstance(value, dict):
        return {place.removeprefix("."): value}
    return {key: one for name, part in value.items() for key, one in flat(part, f"{place}.{name}").items()}


def test_a_file_changes_the_places_that_it_names_and_no_other(project):
    """Two places of one YAML anchor are one mapping for Python: a change of one would be a change of both."""
    (project.folder / "mine.yaml").write_text("""
unets:
  network: {boundless: {base_width: 9}}
  training: {loss: {bce: 2}, optimiser: {schedule: {linear: {decay_from: 0.7}}}}
membranes: {training: {augment: {blur: {sigma: 4}}}}
gans:
  guards: {every: 7}
  training: {optimisers: {discriminator: {clip_norm: 3}}}
""")
    before, after = flat(config_of(project)), flat(config_of(project, "mine.yaml"))
    assert before.keys() == after.keys()
    assert {place: value for place, value in after.items() if value != before[place]} == {
        "unets.network.boundless.base_width": 9,
        "unets.training.loss.bce": 2,
        "unets.training.optimiser.schedule.linear.decay_from": 0.7,
        "membranes.training.augment.blur.sigma": 4,
        "gans.guards.every": 7,
        "gans.training.optimisers.discriminator.clip_norm": 3,
    }


def test_a_later_file_wins_key_by_key(project):
    (project.folder / "first.yaml").write_text("split: {test: 0.3, gap_nm: 0}")
    (project.folder / "second.yaml").write_text("split: {test: 0.2}")
    split = config_of(project, "first.yaml", "second.yaml")["split"]
    assert split == {"test": 0.2, "gap_nm": 0, "fold": 0}
