"""A network that starts from what another has learnt without labels (Herreros Fraile 2021)."""

import json
import shutil

import torch

from tests.shared.nano_workflow import jobs_in


def test_a_unet_starts_from_a_pretrained_network_and_keeps_its_frozen_layers(small):
    (small.folder / "transfer.yaml").write_text(
        "pretraining:\n"
        "  semantics: encoder\n"
        "  generator: {base_width: 2}\n"
        "  discriminator: {base_width: 2}\n"
        "  training: {steps: 3, patch: 64}\n"
        "unets:\n"
        "  network: {kind: boundless, boundless: {base_width: 2}}\n"
        "  training:\n"
        "    start: {from: 'results/pretraining/{volume}/base/network.pt', layers: 8, freeze_layers: 8}\n"
    )
    target = "results/unets/hippocampus/real/budget-all/replicate-1/seed-1/network.pt"
    configs = ["tests/nano/config.yaml", "transfer.yaml"]
    done = small.run(target, config=configs)
    assert done.returncode == 0, done.stdout
    first, last = (
        torch.load(small.folder / path, weights_only=True)["weights"]
        for path in ("results/pretraining/hippocampus/base/network.pt", target)
    )
    changed = [name for name in first if not torch.equal(first[name], last[name])]
    layers = {int(name.split(".")[1]) for name in changed}
    assert layers and min(layers) >= 8, changed

    figure = small.run("--dry-run", "results/figures/training/hippocampus.png", config=configs).stdout
    assert "results/pretraining/hippocampus/base/history.csv" in figure, (
        "its losses are drawn with those of the others"
    )

    log = (small.folder / "results/logs/pretrain_network/hippocampus/base.log").read_text()
    assert "features of the encoder of results/membranes/larva/base/network.pt" in log

    small.edit("transfer.yaml", "boundless: {base_width: 2", "boundless: {base_width: 3")
    done = small.run(target, config=configs)
    assert done.returncode != 0 and "rule " not in done.stdout, "told before anything is trained"
    assert "ERROR CONFIG_VALUE unets.training.start.from: `results/pretraining/hippocampus" in done.stdout
    assert "whose base_width is 2, for a network whose base_width is 3" in done.stdout


def test_each_target_starts_from_the_network_of_its_own(project):
    (project.folder / "transfer.yaml").write_text(
        "targets: [hippocampus, larva]\n"
        "study: {arms: [real]}\n"
        "unets:\n"
        "  network: {kind: boundless, boundless: {base_width: 8}}\n"
        "  training: {start: {from: 'results/pretraining/{volume}/base/network.pt'}}\n"
    )
    configs = ["tests/nano/config.yaml", "transfer.yaml"]
    assert project.run("check", config=configs).returncode == 0
    for target, other in (("hippocampus", "larva"), ("larva", "hippocampus")):
        network = f"results/unets/{target}/real/budget-all/replicate-1/seed-1/network.pt"
        jobs = jobs_in(project.run("--dry-run", network, config=configs))
        started = {path for rule, path in jobs if rule == "pretrain_network"}
        assert started == {f"results/pretraining/{target}/base/network.pt"}, other


def test_a_pretraining_starts_from_that_of_another_volume(project):
    target, other = (f"results/pretraining/{volume}/base/network.pt" for volume in ("hippocampus", "larva"))
    (project.folder / "transfer.yaml").write_text(
        "pretraining:\n"
        "  generator: {base_width: 2}\n"
        "  discriminator: {base_width: 2}\n"
        f"  training: {{steps: 3, patch: 64, start: {{from: {other}}}}}\n"
    )
    done = project.run(target, config=["tests/nano/config.yaml", "transfer.yaml"])
    assert done.returncode == 0, done.stdout
    names = {path: started_from(project.folder / path, "pretraining") for path in (target, other)}
    assert names == {target: other, other: ""}


def test_the_membranes_of_the_source_that_others_start_from_start_from_nothing(project):
    """The network of the source that names itself was a circle, which Snakemake refused in its own words."""
    own = "results/membranes/larva/base/network.pt"
    (project.folder / "transfer.yaml").write_text(f"membranes: {{training: {{start: {{from: {own}}}}}}}\n")
    configs = ["tests/nano/config.yaml", "transfer.yaml"]
    assert project.run("check", config=configs).returncode == 0
    done = project.run("--dry-run", own, config=configs)
    assert done.returncode == 0 and "rule train_membranes" in done.stdout, done.stdout


def test_a_gan_starts_from_that_of_another_volume_which_starts_from_nothing(small):
    target, other = (
        f"results/gans/{volume}/base/budget-all/replicate-1/network.pt" for volume in ("hippocampus", "larva")
    )
    (small.folder / "transfer.yaml").write_text(
        "gans:\n"
        "  generator: {resize_unet: {base_width: 2}}\n"
        f"  training: {{steps: 2, start: {{from: {other}}}}}\n"
    )
    configs = ["tests/nano/config.yaml", "transfer.yaml"]
    done = small.run(target, config=configs)
    assert done.returncode == 0, done.stdout
    names = {path: started_from(small.folder / path, "gans") for path in (target, other)}
    assert names == {target: other, other: ""}

    # Named or not, the other one is the same; what starts from it is not.
    small.edit("transfer.yaml", other, '""')
    jobs = small.stale(target, other, config=configs)
    assert jobs == {("train_gan", target)}

    shutil.copy(small.folder / other, small.folder / "old.pt")
    small.edit("transfer.yaml", '""', "old.pt")
    small.edit("transfer.yaml", "base_width: 2", "base_width: 3")
    done = small.run(target, config=configs)
    assert done.returncode != 0
    assert "ERROR NETWORK_FILE old.pt" in done.stdout and "in the file and" in done.stdout


def started_from(network, section):
    origin = json.loads((network.parent / "provenance.json").read_text())
    return origin["settings"][section]["training"]["start"]["from"]
