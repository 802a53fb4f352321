"""Presets of networks go on top of a config for data, and name what is trained."""

import numpy as np
import pytest
import tifffile
import yaml

from tests.shared.nano_workflow import PROJECT, copy_project

NANO = "tests/nano/config.yaml"
OF_DATA = {
    *("biapy", "cremi", "isbi2012", "isbi2012_affinities", "lucchi", "lucchi++", "nnunet", "nuclei"),
    *("vnc", "vnc-source", "demo"),
}
SIZES = {"size-small": 16, "size-medium": 32, "size-large": 64}  # and the base width of their U-Nets
# What goes together, and the rules that train then.
TOGETHER = [
    (("gan-pix2pix", "unet-thesis"), {"train_gan"}),
    (("gan-skip-patch", "unet-lucchi-report"), {"train_gan"}),
    (("gan-mode-seeking",), {"train_gan"}),
    (("gan-tutorial", "gan-tutorial-vanilla"), {"train_gan"}),
    (("membrane-transfer", "stylegan"), {"train_gan", "train_membranes", "train_stylegan"}),
    (("gan-oasis", "boundless-thesis"), {"train_gan", "pretrain_network"}),
    (("unet3d-thesis",), set()),
    (("study-standard",), {"train_gan", "paste_objects", "copy_pairs"}),
    (("study-short",), {"train_gan", "paste_objects", "copy_pairs"}),
]
# gan-tutorial is for a volume with synapses.
SYNAPSES = "volumes: {hippocampus: {masks: {synapses: synapses.tif}}}"
# The comment of boundless-thesis asks for this.
START = "{start: {from: results/pretraining/hippocampus/base/network.pt, layers: 8, freeze_layers: 8}}"


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """The project after the check of the nano data: a dry run then shows what would be trained."""
    project = copy_project(tmp_path_factory.mktemp("presets") / "project")
    (project.folder / "start.yaml").write_text(f"unets: {{training: {START}}}")
    (project.folder / "synapses.yaml").write_text(SYNAPSES)
    elsewhere = np.roll(tifffile.imread(project.folder / "tests/nano/data/mitochondria.tif"), 20, axis=1)
    tifffile.imwrite(project.folder / "synapses.tif", elsewhere)
    assert project.run("check").returncode == 0
    return project


@pytest.mark.parametrize(("names", "rules"), TOGETHER, ids=["+".join(names) for names, _ in TOGETHER])
def test_a_dry_run_trains_what_they_name(checked, names, rules):
    files = [NANO, *(str(PROJECT / "presets" / f"{name}.yaml") for name in names)]
    files += ["start.yaml"] if "boundless-thesis" in names else []
    files += ["synapses.yaml"] if "gan-tutorial" in names else []
    jobs = checked.stale_rules(config=files)
    assert {"ingest_volume", "train_unet"} | rules <= jobs
    assert ("train_gan" in jobs) == ("train_gan" in rules)


def test_a_size_lies_between_the_defaults_and_a_file_of_ones_own(checked):
    """Every size passes as a config; a key of the user wins over it, and what it does not name stays."""
    (checked.folder / "own.yaml").write_text("unets: {training: {patch: 96}}")
    (checked.folder / "shown.smk").write_text(
        'include: "Snakefile"\n'
        'print("SHOWN", config["size"], sorted(config["unets"]["network"]["unet"].items()))\n'
        'print("SHOWN", config["unets"]["training"]["patch"])\n'
    )
    shown = ("-s", "shown.smk", "-n", "check")
    for name, width in SIZES.items():
        size = name.removeprefix("size-")
        done = checked.run(*shown, "--config", f"size={size}", config="own.yaml")
        network = [("base_width", width), ("depth", 4), ("kaiming", True)]
        assert f"SHOWN {size} {network}\nSHOWN 96\n" in done.stdout, done.stdout
    done = checked.run_alone(*shown, "--config", "size=auto", config="own.yaml")
    assert "size: auto is small here" in done.stdout and "SHOWN auto" not in done.stdout  # on any machine:
    slices = "slices of `hippocampus`, 160 x 160 pixels"  # U-Nets' patches are 96, and the source has 192
    assert f"{slices}, are smaller than its patches: set gans.training.patch to 160 or less" in done.stdout
    assert "size: auto is " not in checked.run(*shown, "--config", "size=auto", config="own.yaml").stdout


def test_every_preset_is_tried():
    tried = {name for names, _ in TOGETHER for name in names}
    assert tried | OF_DATA | SIZES.keys() == {path.stem for path in (PROJECT / "presets").glob("*.yaml")}


def test_every_preset_begins_with_what_it_is():
    for path in (PROJECT / "presets").glob("*.yaml"):
        head = path.read_text().splitlines()[0]
        assert head.startswith("# ") and len(head) > 40, path


def test_presets_that_name_a_training_take_16_bits_where_these_are_fast():
    """All but the demo, whose table is compared from machine to machine."""
    trained = ("membranes", "gans", "pretraining", "mask_generator", "stylegan", "unets")
    for path in (PROJECT / "presets").rglob("*.yaml"):
        preset = yaml.safe_load(path.read_text())
        trainings = [preset[name]["training"] for name in trained if "training" in preset.get(name, {})]
        if path.stem == "demo" or not any("steps" in training for training in trainings):
            continue
        assert {training.get("precision") for training in trainings} == {"auto"}, path
        if {"membranes", "unets"} & preset.keys():
            assert preset["inference"]["precision"] == "auto", path
