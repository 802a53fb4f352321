"""Weights of a user that the config names: they count by what they hold, wherever they lie."""

import shutil

import torch

NANO = "tests/nano/config.yaml"
LARVA = "results/pretraining/larva/base/network.pt"
NETWORKS = {
    "train_membranes": "results/membranes/larva/base/network.pt",
    "train_gan": "results/gans/hippocampus/base/budget-all/replicate-1/network.pt",
    "train_unet": "results/unets/hippocampus/real/budget-all/replicate-1/seed-1/network.pt",
    "pretrain_network": "results/pretraining/hippocampus/base/network.pt",
}
SMALL = """
pretraining: {generator: {base_width: 2}, discriminator: {base_width: 2}, training: {steps: 2, patch: 64}}
"""
STARTED = """
membranes: {training: {start: {from: weights/train_membranes.pt}}}
gans: {training: {start: {from: weights/train_gan.pt}}}
unets: {training: {start: {from: weights/train_unet.pt}}}
pretraining:
  generator: {base_width: 2}
  discriminator: {base_width: 2}
  training: {steps: 2, patch: 64, start: {from: weights/pretrain_network.pt}}
"""


def test_networks_start_from_what_files_hold_and_not_from_where_they_lie(small):
    configs = [NANO, "started.yaml"]
    (small.folder / "started.yaml").write_text(SMALL)
    assert small.run(LARVA, config=configs).returncode == 0
    (small.folder / "weights").mkdir()
    for rule, network in NETWORKS.items():
        path = LARVA if rule == "pretrain_network" else network
        shutil.copy(small.folder / path, small.folder / f"weights/{rule}.pt")
    (small.folder / "started.yaml").write_text(STARTED)
    done = small.run(*NETWORKS.values(), config=configs)
    assert done.returncode == 0, done.stdout
    assert small.stale(*NETWORKS.values(), config=configs) == set()

    # Elsewhere, by another name.
    (small.folder / "disk").mkdir()
    for rule in NETWORKS:
        (small.folder / f"weights/{rule}.pt").rename(small.folder / f"disk/{rule}-old.pt")
        small.edit("started.yaml", f"weights/{rule}.pt", f"{small.folder}/disk/{rule}-old.pt")
    assert small.stale(*NETWORKS.values(), config=configs) == set()

    # What is gone is not needed as long as nothing is to be made of it.
    unet = small.folder / "disk/train_unet-old.pt"
    unet.rename(small.folder / "kept.pt")
    assert small.stale(*NETWORKS.values(), config=configs) == set()
    (small.folder / NETWORKS["train_unet"]).unlink()
    done = small.run(*NETWORKS.values(), config=configs)
    assert done.returncode != 0 and "rule train" not in done.stdout
    assert done.stdout.count("ERROR") == 1 and f"ERROR DATA_MISSING {unet}: no such file" in done.stdout
    (small.folder / "kept.pt").rename(unet)
    assert small.run(*NETWORKS.values(), config=configs).returncode == 0

    # One that was never there says nothing of what the results were made from.
    small.edit("started.yaml", "disk/train_gan-old.pt", "disk/typo.pt")
    done = small.run("--dry-run", *NETWORKS.values(), config=configs)
    assert done.returncode != 0 and f"ERROR DATA_MISSING {small.folder}/disk/typo.pt" in done.stdout
    small.edit("started.yaml", "disk/typo.pt", "disk/train_gan-old.pt")

    for rule in NETWORKS:
        path = small.folder / f"disk/{rule}-old.pt"
        saved = torch.load(path, weights_only=True)
        name = next(name for name, one in saved["weights"].items() if one.is_floating_point())
        saved["weights"][name] += 1
        torch.save(saved, path)
    stale = small.stale(*NETWORKS.values(), config=configs)
    assert set(NETWORKS.items()) <= stale


def test_weights_of_inception_count_by_what_they_hold(small):
    configs = [NANO, "measured.yaml"]
    features = "results/synthesis/hippocampus/synthetic/budget-all/replicate-1/features.h5"
    (small.folder / "measured.yaml").write_text("realism: {wanted: true, inception: v3.pth}")
    (small.folder / "v3.pth").write_bytes(b"weights")
    # No matter what is measured: with the real weights that takes a minute.
    script = "open(snakemake.output.features, 'w').write(snakemake.params.inception)"
    (small.folder / "workflow_scripts/measure_images.py").write_text(script)
    done = small.run(features, config=configs)
    assert done.returncode == 0 and (small.folder / features).read_text() == "v3.pth", done.stdout
    assert small.stale(features, config=configs) == set()

    (small.folder / "disk").mkdir()
    moved = small.folder / "disk/inception.pth"
    (small.folder / "v3.pth").rename(moved)
    small.edit("measured.yaml", "v3.pth", "disk/inception.pth")
    assert small.stale(features, config=configs) == set()

    moved.write_bytes(b"others")
    assert small.stale(features, config=configs) == {("measure_images", features)}
    moved.write_bytes(b"weights")
    assert small.stale(features, config=configs) == set()

    moved.unlink()
    assert small.stale(features, config=configs) == set()
    assert small.run("--dry-run", "check", config=configs).returncode == 0
    (small.folder / features).unlink()
    done = small.run(features, config=configs)
    assert done.returncode != 0 and "rule " not in done.stdout
    assert "ERROR DATA_MISSING disk/inception.pth: no such file" in done.stdout


def test_semantics_of_a_pretraining_count_by_what_they_hold(small):
    configs = [NANO, "seen.yaml"]
    network = NETWORKS["pretrain_network"]
    (small.folder / "seen.yaml").write_text(f"{SMALL}\n".replace("steps: 2", "steps: 3"))
    assert small.run(NETWORKS["train_membranes"], config=configs).returncode == 0
    shutil.copy(small.folder / NETWORKS["train_membranes"], small.folder / "seen.pt")
    small.edit("seen.yaml", "pretraining: {", "pretraining: {semantics: seen.pt, ")
    done = small.run(network, config=configs)
    assert done.returncode == 0, done.stdout
    log = (small.folder / "results/logs/pretrain_network/hippocampus/base.log").read_text()
    assert "features of the encoder of seen.pt" in log
    assert small.stale(network, config=configs) == set()

    (small.folder / "disk").mkdir()
    moved = small.folder / "disk/old.pt"
    (small.folder / "seen.pt").rename(moved)
    small.edit("seen.yaml", "seen.pt", "disk/old.pt")
    assert small.stale(network, config=configs) == set()

    held = moved.read_bytes()
    moved.write_bytes(b"others")
    assert small.stale(network, config=configs) == {("pretrain_network", network)}
    moved.unlink()
    pretrained = (small.folder / network).read_bytes()
    (small.folder / "longer.yaml").write_text("pretraining: {training: {steps: 4}}")
    done = small.run(network, config=[*configs, "longer.yaml"])
    assert done.returncode != 0 and done.stdout.count("ERROR") == 1, done.stdout
    assert "ERROR DATA_MISSING disk/old.pt: no such file" in done.stdout
    assert (small.folder / network).read_bytes() == pretrained
    (small.folder / network).unlink()
    done = small.run(network, config=configs)
    assert done.returncode != 0 and "rule " not in done.stdout
    assert "ERROR DATA_MISSING disk/old.pt: no such file" in done.stdout
    moved.write_bytes(held)
    assert small.run(network, config=configs).returncode == 0


def test_a_network_whose_start_is_gone_is_kept_though_it_should_be_trained_anew(small):
    configs = [NANO, "started.yaml"]
    network = small.folder / NETWORKS["train_gan"]
    small.run(NETWORKS["train_gan"])
    shutil.copy(network, small.folder / "old.pt")
    started = "gans: {training: {steps: 4, start: {from: old.pt}}}"
    (small.folder / "started.yaml").write_text(started)
    done = small.run(NETWORKS["train_gan"], config=configs)
    assert done.returncode == 0, done.stdout
    held = network.read_bytes()

    (small.folder / "old.pt").rename(small.folder / "kept.pt")
    (small.folder / "started.yaml").write_text(started.replace("steps: 4", "steps: 5"))
    for dry in ([], ["--dry-run"]):
        done = small.run(*dry, NETWORKS["train_gan"], config=configs)
        assert done.returncode != 0, done.stdout
        assert network.read_bytes() == held
        assert done.stdout.count("ERROR") == 1 and "ERROR DATA_MISSING old.pt: no such file" in done.stdout
