"""Networks for other programs: what is made, what a change makes again, and a network that starts from it."""

import json

import torch

from tests.shared.nano_workflow import jobs_in

NANO = "tests/nano/config.yaml"
RUN = "results/exports/hippocampus/{}/budget-all/replicate-1/seed-1/network.{}"
ARMS = ("real", "mixed")


def exports(small, *forms, **others):
    words = {"networks": list(forms), **others}
    (small.folder / "exports.yaml").write_text(json.dumps({"exports": words}))
    return {"config": [NANO, "exports.yaml"]}


def test_a_network_of_each_arm_is_exported_and_another_form_exports_it_alone(small):
    config = exports(small, "safetensors")
    files = [RUN.format(arm, "safetensors") for arm in ARMS]
    # The record and the page hold the whole config.
    assert small.stale(**config) == {("export_network", file) for file in files} | {
        ("record_provenance", "results/report/hippocampus/provenance.json"),
        ("write_report", "results/report/hippocampus/index.html"),
    }
    done = small.run(*files, **config)
    assert {rule for rule, _ in jobs_in(done)} == {"export_network"} and done.returncode == 0
    before = [(small.folder / file).read_bytes() for file in files]
    assert before[0] != before[1]

    config = exports(small, "safetensors", "bioimageio")
    packages = [RUN.format(arm, "bioimageio.zip") for arm in ARMS]
    assert small.stale(*files, *packages, **config) == {("export_network", file) for file in packages}
    done = small.run(*packages, **config)
    assert done.returncode == 0, done.stdout
    assert all((small.folder / file).read_bytes()[:2] == b"PK" for file in packages)

    config = exports(small, "safetensors", "bioimageio", authors=["Ada Lovelace"])
    changed = {("export_network", file) for file in files + packages}
    assert small.stale(*files, *packages, **config) == changed

    # A user's file to start from: the first weights are those of the network that was shared.
    (small.folder / "mine.safetensors").write_bytes(before[0])
    still = "{start: {from: mine.safetensors}, optimiser: {learning_rate: 1.0e-9}}"
    (small.folder / "start.yaml").write_text(f"unets: {{training: {still}}}\n")
    target = "results/unets/hippocampus/real/budget-all/replicate-1/seed-1/network.pt"
    shared = weights(small.folder / target)
    done = small.run(target, config=[NANO, "start.yaml"])
    assert done.returncode == 0 and {rule for rule, _ in jobs_in(done)} == {"train_unet"}, done.stdout
    learnt = weights(small.folder / target)
    assert learnt.keys() == shared.keys()
    for name in (name for name in learnt if name.endswith(("weight", "bias"))):
        torch.testing.assert_close(learnt[name], shared[name], atol=1e-6, rtol=0)

    small.edit(NANO, "base_width: 2, depth: 2, kaiming", "base_width: 3, depth: 2, kaiming")
    done = small.run(target, config=[NANO, "start.yaml"])
    assert done.returncode != 0 and "ERROR NETWORK_FILE mine.safetensors: " in done.stdout
    assert "tensors differ: " in done.stdout


def weights(path):
    return torch.load(path, weights_only=True)["weights"]


def test_a_package_that_the_images_forbid_is_an_error_of_the_check(small):
    (small.folder / "boundless.yaml").write_text("unets: {network: {kind: boundless}}\n")
    config = exports(small, "bioimageio")["config"]
    assert small.run("check", config=config).returncode == 0  # U-Nets see 16 bits as they are
    done = small.run("check", config=[*config, "boundless.yaml"])
    words = "ERROR CONFIG_CONTRADICTION exports.networks of hippocampus: bioimageio, with uint16 images"
    assert done.returncode != 0 and words in done.stdout
