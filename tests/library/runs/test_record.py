"""The record of a run: how long its rules took, and networks of other settings that it refuses."""

import pytest

from synthem.errors import SynthemError
from synthem.runs.record import durations, refuse_other_settings
from synthem.storage.files import write_json

EXPECTED = {
    "unets": {
        "real/budget-all": {"steps": 6},
        "real/budget-2": {"steps": 5},
        "mixed/budget-all": {"steps": 6},
    },
    "gans": {"base/budget-all": {"steps": 9}},
}


def network(folder, place, rule, **settings):
    path = folder / place / "provenance.json"
    write_json(path, {"rule": rule, "settings": settings})
    return str(path)


def test_networks_of_the_settings_of_the_run_pass(tmp_path):
    unet = network(
        tmp_path, "results/unets/v/real/budget-all/replicate-1/seed-1", "train_unet", unets={"steps": 6}
    )
    gan = network(tmp_path, "results/gans/v/base/budget-all/replicate-1", "train_gan", gans={"steps": 9})
    other = network(tmp_path, "results/membranes/v/base", "train_membranes", membranes={"steps": 1})
    place = "results/unets/v/real/budget-2/replicate-1/seed-1"  # each budget has settings of its own
    few = network(tmp_path, place, "train_unet", unets={"steps": 5})
    refuse_other_settings([unet, gan, other, few], EXPECTED)


@pytest.mark.parametrize("prefix", ["", "module/"])
def test_networks_of_other_settings_are_refused_with_their_folders(tmp_path, prefix):
    places = [f"{prefix}results/unets/v/mixed/budget-all/replicate-{number}/seed-1" for number in (1, 2, 3)]
    paths = [network(tmp_path, place, "train_unet", unets={"steps": 60}) for place in places[:2]]
    paths.append(network(tmp_path, places[2], "train_unet", unets={"steps": 6}))
    with pytest.raises(
        SynthemError, match="FILE_READ .*2 of 3 networks, this one among them, were not"
    ) as told:
        refuse_other_settings(paths, EXPECTED)
    assert told.value.fix == f"run again after: rm -r {tmp_path / places[0]} {tmp_path / places[1]}"


def test_a_file_that_a_network_started_from_counts_by_what_it_held(tmp_path):
    """As the network was trained, it lay elsewhere; in a run of the same path, it may hold something else."""

    def section(start):
        return {"training": {"start": {"from": start}}}

    expected = {"unets": {"real/budget-all": section("abc")}}
    place = "results/unets/v/real/budget-all/replicate-1/seed-1"
    for content in ("abc", "xyz"):
        about = {"unets": section("old/place.pt"), "start_content": content}
        unet = network(tmp_path / content, place, "train_unet", **about)
        if content == "abc":
            refuse_other_settings([unet], expected)
            continue
        with pytest.raises(SynthemError, match="not trained with the settings of this run"):
            refuse_other_settings([unet], expected)


def test_a_rule_took_what_all_sessions_of_its_trainings_took(tmp_path):
    """60 seconds and, of a training that was stopped after 100, another 30; a check of no states, 5."""
    for place, seconds in (("train_gan/v/a", 60), ("train_gan/v/b", 30), ("check_volumes", 5)):
        path = tmp_path / "benchmarks" / f"{place}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"s\tmax_rss\n{seconds}\t100\n")
    write_json(tmp_path / "checkpoints/train_gan/v/b/sessions.json", {"x": [100, 29]})
    rows = durations(tmp_path / "benchmarks", {})
    assert {row["rule"]: (row["jobs"], row["seconds"]) for row in rows} == {
        "check_volumes": (1, 5),
        "train_gan": (2, 190),
    }


def test_what_was_removed_of_a_study_is_no_part_of_its_time(tmp_path):
    run = {"budget": [3], "replicate": [1, 2], "seed": [1], "volume": ["v"], "name": ["real", "base"]}
    unets = "train_unet/v/real/budget-3/replicate-"
    present = [f"{unets}1/seed-1", f"{unets}2/seed-1", "train_gan/v/base/budget-3/replicate-1"]
    present += ["score_forest/v/budget-3/replicate-1", "draw_video/v/real/budget-3/replicate-1/seed-1.png"]
    present += [
        "draw_grid/v/real/budget-3",
        "train_membranes/larva/base",
        "collect_scores/v",
        "check_volumes",
    ]
    removed = [f"{unets}3/seed-1", f"{unets}1/seed-2", "train_unet/v/real/budget-8/replicate-1/seed-1"]
    removed += ["train_unet/v/mixed/budget-3/replicate-1/seed-1", "train_gan/v/base/budget-3/replicate-3"]
    removed += ["train_unet/w/real/budget-3/replicate-1/seed-1", "score_forest/v/budget-3/replicate-3"]
    removed += ["draw_video/v/real/budget-3/replicate-3/seed-1.png"]
    for place in present + removed:
        path = tmp_path / f"{place}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("s\tmax_rss\n1\t100\n")
    jobs = {row["rule"]: row["jobs"] for row in durations(tmp_path, run)}
    assert sum(jobs.values()) == len(present)
    assert jobs["train_unet"] == 2 and jobs["train_gan"] == jobs["score_forest"] == jobs["draw_video"] == 1
