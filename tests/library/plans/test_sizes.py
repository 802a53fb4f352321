"""`size: auto`: what is chosen for which machine, once for a folder."""

import json
import os
from functools import reduce

import pytest

from synthem.config.checking import check_config, read_yaml
from synthem.config.study import merged
from synthem.plans import sizes
from synthem.plans.sizes import (
    SIZES,
    Machine,
    fitting,
    patches_in,
    patches_of,
    preset_of,
    size_for,
    size_in,
    this_machine,
)
from tests.shared.demo_config import SCHEMA, edited, study_in
from tests.shared.project import PROJECT

GPU = Machine(16, 128, 80)  # large, where the slices are


def demo_of(side, **changes):
    """size -> (config, Study) of the demo on slices of side x side pixels, with the patches of the size."""

    def study_of(size):
        patches = {f"{name}__training__patch": preset_of(size)[name]["training"]["patch"] for name in TRAINED}
        shaped = {"phantoms__hippocampus__shape": [44, side, side]}
        return check_config(edited(**shaped, **patches, **changes), SCHEMA)

    return study_of


TRAINED = ("unets", "gans")


@pytest.mark.parametrize(
    ("machine", "size"),
    [
        (Machine(2, 24, 0), "small"),
        (Machine(31, 128, 0), "small"),
        (Machine(32, 64, 0), "medium"),
        (Machine(64, 32, 0), "small"),
        (Machine(8, 32, 4), "small"),
        (Machine(8, 32, 8), "medium"),
        (Machine(8, 32, 24), "large"),
        (Machine(2, 8, 80), "large"),
    ],
)
def test_a_larger_machine_gets_a_larger_size(machine, size):
    assert size_for(machine) == size


def test_a_word_is_itself_and_asks_no_machine(tmp_path):
    assert size_in(tmp_path, "medium", None, machine=None) == "medium"
    assert (
        size_in(tmp_path, "no size", None, machine=None) == "no size"
    )  # the schema says what is wrong with it
    assert not list(tmp_path.iterdir())


def test_auto_is_chosen_once_and_kept_on_another_machine(tmp_path, capsys):
    assert size_in(tmp_path, "auto", demo_of(320), machine=lambda: Machine(2, 24, 0)) == "small"
    assert "size: auto is small here (2 cores, 24 GiB, no GPU)" in capsys.readouterr().err
    assert size_in(tmp_path, "auto", demo_of(320), machine=lambda: GPU) == "small"
    assert not capsys.readouterr().err


@pytest.mark.parametrize(("machine", "size"), [(Machine(2, 24, 0), "small"), (GPU, "large")])
def test_the_embedded_source_of_membranes_is_as_large_as_the_patches(tmp_path, capsys, machine, size):
    """It was 160 pixels wide in every size: every machine got `small`, and was told to lower patches."""

    def study_of(size):
        layers = [read_yaml((PROJECT / "config.yaml").read_text()), preset_of(size), changes]
        return check_config(reduce(merged, layers), SCHEMA)

    changes = {"source": "larva", "phantoms": {"hippocampus": {"shape": [44, 400, 400]}}}
    assert "larva" in patches_of(study_of("large")[1], {})
    assert size_in(tmp_path, "auto", study_of, machine=lambda: machine) == size
    assert "are smaller than" not in capsys.readouterr().err


@pytest.mark.parametrize("left", ["", "{", "[]", '{"length": 2}', '{"size": "auto"}', '{"size": "demo"}'])
def test_what_is_remembered_and_cannot_be_read_is_chosen_anew(tmp_path, left):
    (tmp_path / "synthem-size.json").write_text(left)
    assert size_in(tmp_path, "auto", demo_of(320), machine=lambda: GPU) == "large"
    assert json.loads((tmp_path / "synthem-size.json").read_text())["size"] == "large"


PATCHES = {"small": 192, "medium": 256, "large": 320}  # of presets/size-*.yaml


def test_the_largest_patch_of_a_size_is_that_of_its_u_nets():
    assert {size: max(patches_in(preset_of(size)).values()) for size in SIZES} == PATCHES
    assert preset_of("demo") == {}


@pytest.mark.parametrize(
    ("shape", "size", "why"),
    [
        ((320, 900), "large", ""),
        ((319, 900), "medium", "slices of `mine`, 319 x 900 pixels, are smaller than the patches of large"),
        ((900, 255), "small", "slices of `mine`, 900 x 255 pixels, are smaller than the patches of large"),
        ((192, 192), "small", "slices of `mine`, 192 x 192 pixels, are smaller than the patches of large"),
        (
            (96, 191),
            "small",
            "slices of `mine`, 96 x 191 pixels, are smaller than its patches: set a and b to 96 or less",
        ),
    ],
)
def test_patches_of_a_chosen_size_fit_into_the_shorter_side_of_the_smallest_slices(shape, size, why):
    slices = {"other": (2000, 2000), "mine": shape}
    assert fitting("large", slices, lambda one: {"mine": {"b": PATCHES[one], "a": 192}}) == (size, why)


def test_slices_that_nobody_knows_and_those_that_only_others_learn_from_do_not_count():
    assert fitting("large", {}, lambda one: {"mine": {"a": PATCHES[one]}}) == ("large", "")
    slices = {"mine": (400, 400), "source": (200, 200)}
    patches = {"mine": {"a": 320}, "source": {"b": 200}}
    assert fitting("large", slices, lambda one: patches) == ("large", "")


def test_a_machine_that_is_small_takes_no_larger_size_for_large_slices():
    assert fitting("small", {"mine": (2000, 2000)}, lambda one: {"mine": {"a": PATCHES[one]}}) == (
        "small",
        "",
    )


def test_only_patches_that_the_study_trains_on_count_and_those_of_a_file_of_ones_own_win():
    painting, alone = edited(unets__training__patch=96), edited(study__arms=["real"])
    assert patches_of(study_in(painting), {}) == {
        "hippocampus": {"unets.training.patch": 96, "gans.training.patch": 128},
        "larva": {
            "membranes.training.patch": 128
        },  # the target has no mask of membranes: a network predicts them
    }
    assert patches_of(study_in(alone), {}) == {"hippocampus": {"unets.training.patch": 128}}


def test_u_nets_of_a_data_set_that_is_another_volume_learn_from_its_slices():
    arms = {"study__arms": ["real", "both"], "arms__both": {"sets": {"real": 0.5, "theirs": 0.5}}}
    study = study_in(edited(data_sets__theirs={"kind": "volume", "volume": "larva"}, **arms))
    assert patches_of(study, {}) == dict.fromkeys(("hippocampus", "larva"), {"unets.training.patch": 128})


def test_auto_falls_back_to_a_size_that_fits_says_why_and_keeps_to_it(tmp_path, capsys):
    assert size_in(tmp_path, "auto", demo_of(300), machine=lambda: GPU) == "medium"
    because = (
        "16 cores, 128 GiB, a GPU of 80 GiB; slices of `hippocampus`, 300 x 300 pixels, are smaller than "
        "the patches of large"
    )
    assert capsys.readouterr().err == f"size: auto is medium here ({because}), and stays so in this folder\n"
    assert json.loads((tmp_path / "synthem-size.json").read_text()) == {"size": "medium", "because": because}
    assert size_in(tmp_path, "auto", demo_of(900), machine=lambda: GPU) == "medium"


def test_auto_keeps_to_nothing_before_the_slices_are_known(tmp_path, capsys):
    missing = {
        "volumes__hippocampus": {"image": "nowhere.tif", "masks": {}, "labels": {"mitochondria": "m.tif"}}
    }
    assert size_in(tmp_path, "auto", demo_of(300, **missing), machine=lambda: GPU) == "large"
    said = capsys.readouterr().err
    assert "size: auto is large here (16 cores, 128 GiB, a GPU of 80 GiB) until slices are known: " in said
    assert "nowhere.tif" in said and not list(tmp_path.iterdir())


def test_auto_looks_at_the_machine_alone_where_no_process_can_read_images(tmp_path, capsys, monkeypatch):
    """As where Snakemake has an environment of its own, without numpy."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho Traceback >&2\necho No module named numpy >&2\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(sizes.sys, "executable", str(python))
    assert size_in(tmp_path, "auto", demo_of(300), machine=lambda: GPU) == "large"
    why = "sizes of slices were not seen: No module named numpy), and stays so in this folder"
    assert why in capsys.readouterr().err


def test_this_machine_has_cores_and_memory():
    memory = next(line for line in open("/proc/meminfo") if line.startswith("MemTotal"))
    found = this_machine()
    assert found.cores == len(os.sched_getaffinity(0))
    assert found.memory_gib == pytest.approx(int(memory.split()[1]) / 2**20, rel=0.01)


def test_the_memory_of_the_largest_gpu_counts(tmp_path, monkeypatch):
    told = tmp_path / "nvidia-smi"
    told.write_text("#!/bin/sh\nprintf '8192\\n24576\\n'\n")
    told.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert this_machine().gpu_gib == 24
    for hidden in ("", "-1"):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
        assert this_machine().gpu_gib == 0
