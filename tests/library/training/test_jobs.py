"""A job as a script makes it, from what Snakemake gives to a rule's script."""

import json
from types import SimpleNamespace

from synthem.compute.precision import precision_here
from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import load_network, network_bytes
from synthem.training.jobs import TrainingJob
from synthem.training.segmenter import segmenter_trainer
from tests.shared.segmenter_settings import SEGMENTER, discs
from tests.shared.settings import edited

UNETS = edited(SEGMENTER, training__precision="auto", training__steps=3, training__snapshots=[2])
UNETS.pop("section")
PROGRESS = {"checkpoint_every": 2, "tensorboard": False, "live_every": 2, "prediction_parts": 1}
OUTPUT = {
    "network": "network.pt",
    "history": "history.csv",
    "provenance": "provenance.json",
    "snapshots": "snapshots",
}


def job(folder, *, unets=UNETS, progress=PROGRESS, fraction=1.0, **params):
    """As a script makes it; of the real `snakemake` it has what a script may use, and nothing else."""
    (folder / "input").write_text("a volume")
    snakemake = SimpleNamespace(
        rule="train_unet",
        params={
            "unets": unets,
            "compute": {"torch_threads": 1, "deterministic": False},
            "code": "c0de",
            "checkpoints": folder / "states",
            "live": folder / "live",
            **params,
        },
        config={"progress": progress},
        input=[str(folder / "input")],
        output={kind: folder / name for kind, name in OUTPUT.items()},
        resources=SimpleNamespace(gpu=1),
    )
    return TrainingJob("unets", snakemake, fraction=fraction)


def trained(one):
    return one.train(segmenter_trainer, [discs("real")], discs("validation", 9), section="unets", **UNETS)


def test_the_network_is_written_with_its_history_and_what_it_was_made_from(tmp_path):
    one = job(tmp_path)
    net, history = trained(one)
    one.write(net, history)
    assert network_bytes(load_network(tmp_path / "network.pt", SEGMENTERS)) == network_bytes(net)
    assert len((tmp_path / "history.csv").read_text().splitlines()) == 1 + 3
    (before,) = (tmp_path / "snapshots").iterdir()
    assert before.name == "step-00000002.pt"
    assert network_bytes(load_network(before, SEGMENTERS)) != network_bytes(net)
    origin = json.loads((tmp_path / "provenance.json").read_text())
    assert origin["settings"] == {
        "unets": UNETS,
        "compute": {"torch_threads": 1, "deterministic": False},
        "fraction": 1.0,
        "precision": precision_here("auto"),
    }
    assert origin["seed"] == UNETS["training"]["seed"] and origin["hardware"]["threads"] == 1
    assert origin["code"] == "c0de" and list(origin["inputs"]) == [str(tmp_path / "input")]


def test_a_half_done_training_goes_on_when_the_file_that_it_starts_from_has_moved(tmp_path, capsys):
    def started(place, content):
        """The params of it, without that file: no matter here what it does."""
        known = {"known": edited(UNETS, training__start__from=content), "start_content": content}
        return job(tmp_path, unets=edited(UNETS, training__start__from=place), **known)

    trained(started("old.pt", "5ha256"))
    moved = started("disk/new.pt", "5ha256")
    assert goes_on(moved, capsys)
    assert moved.origin["settings"]["unets"]["training"]["start"]["from"] == "disk/new.pt"
    assert "known" not in moved.origin["settings"]
    assert not goes_on(started("disk/new.pt", "0ther"), capsys)


def goes_on(one, capsys):
    """Whether a job takes the states that lie there."""
    capsys.readouterr()
    trained(one)
    return "goes on from" in capsys.readouterr().err


def test_how_often_states_are_saved_is_no_part_of_what_a_network_is_made_from(tmp_path, capsys):
    trained(job(tmp_path))
    assert goes_on(job(tmp_path, progress=PROGRESS | {"checkpoint_every": 1}), capsys)
    assert not goes_on(job(tmp_path, fraction=0.5), capsys)
    assert not goes_on(job(tmp_path, unets=edited(UNETS, training__seed=1)), capsys)
