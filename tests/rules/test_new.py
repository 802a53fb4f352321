"""A config proposed for a user's files: by `make new`, with questions at a terminal, passed by the check."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import yaml
from PIL import Image

from tests.shared.project import PROJECT

FILES = ["--image", "tests/nano/data/image", "--mask", "tests/nano/data/mitochondria.tif"]


def new(folder, *arguments, **streams):
    command = [sys.executable, "-m", "synthem.proposals.proposing", *arguments]
    environment = os.environ | {"PYTHONPATH": "workflow_scripts"}
    return subprocess.Popen(command, cwd=folder, env=environment, text=True, **streams)


def test_a_proposed_config_passes_the_check(project):
    done = new(project.folder, *FILES, "--voxel", "5 5 5", stdout=subprocess.PIPE)
    said = done.communicate()[0]
    assert done.returncode == 0 and "make run CONFIG=my.yaml TARGET=check" in said, said
    checked = project.run("check", config="my.yaml")
    assert checked.returncode == 0, checked.stdout
    assert "mine    masks/mitochondria" in checked.stdout
    patches = "unets.training.patch (192) and gans.training.patch (192)"  # of `size: small`
    assert f"slices of 64 x 64 pixels are smaller than patches, which reflection fills up: set {patches}" in (
        checked.stdout
    )


def test_a_config_proposed_for_tiles_in_colour_passes_the_check(project):
    chance = np.random.default_rng(0)
    for part in ("photographs", "nuclei"):
        (project.folder / part).mkdir()
    for number in range(12):
        height, width = 60 + 3 * number, 90 - 2 * number
        photograph = chance.integers(0, 255, (height, width, 3), np.uint8)
        mask = np.zeros((height, width), np.uint8)
        for one in range(14):
            y, x = 8 * (one // 7), 8 * (one % 7)
            mask[y : y + 5, x : x + 5] = one + 1
        name = f"case {7 * number}.png"  # with gaps between their numbers
        Image.fromarray(photograph).save(project.folder / "photographs" / name)
        Image.fromarray(mask).save(project.folder / "nuclei" / name)
    files = ["--image", "photographs", "--mask", "nuclei", "--voxel", "4000 500 500"]
    assert new(project.folder, *files, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).wait() == 0
    checked = project.run("check", config="my.yaml")
    assert checked.returncode == 0, checked.stdout
    assert "tiles of 12 sizes" in checked.stdout and "168 instances" in checked.stdout  # 12 x 14
    assert "train 98 objects" in checked.stdout and "test 70 objects" in checked.stdout


def test_a_config_with_a_blank_is_refused_by_the_check_with_its_key(project):
    new(project.folder, *FILES, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).wait()
    checked = project.run("check", config="my.yaml")
    assert checked.returncode != 0
    assert "ERROR CONFIG_VALUE volumes.mine.voxel_size_nm: text 'FILL-IN'" in checked.stdout


def test_at_a_terminal_it_asks_what_no_file_says_until_the_answer_makes_sense(project):
    leader, terminal = os.openpty()
    os.rename(project.folder / "tests/nano/data/mitochondria.tif", project.folder / "m.tif")
    process = new(project.folder, *FILES[:3], "m.tif", stdin=terminal, stdout=terminal, stderr=terminal)
    os.write(leader, b"er\nlarge\n30 6 5\n")
    os.close(terminal)
    said = b""
    with suppress(OSError):  # at its end a terminal has an error, not an end
        while part := os.read(leader, 4096):
            said += part
    os.close(leader)
    assert process.wait() == 0
    assert b"What does the mask mark" in said and said.count(b"How large is a voxel") == 2
    assert b"ERROR CONFIG_VALUE VOXEL: `large`" in said
    written = yaml.safe_load((project.folder / "my.yaml").read_text())
    assert written["structure"] == "er" and written["volumes"]["mine"]["voxel_size_nm"] == [30, 6, 5]


def test_make_new_hands_over_a_network_in_place_of_a_mask(tmp_path):
    for name in ("Makefile", "workflow_scripts"):
        (tmp_path / name).symlink_to(PROJECT / name)
    (tmp_path / "envs").mkdir()
    (tmp_path / "envs/setup.sh").write_text("#!/bin/sh\n")
    (tmp_path / "envs/setup.sh").chmod(0o755)
    words = [f"IMAGE={PROJECT / 'tests/nano/data/image'}", "NETWORK=absent.zip", "VOXEL=5 5 5"]
    words += [f"BIN={Path(sys.executable).parent}"]
    done = subprocess.run(["make", "new", *words], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0 and "ERROR DATA_MISSING absent.zip: no such file" in done.stderr


def test_make_new_hands_over_all_options_and_executes_none(tmp_path):
    """Without the set-up, which test_setup.py has."""
    for name in ("Makefile", "workflow_scripts"):
        (tmp_path / name).symlink_to(PROJECT / name)
    (tmp_path / "envs").mkdir()
    setup = tmp_path / "envs/setup.sh"
    setup.write_text("#!/bin/sh\n")
    setup.chmod(0o755)
    folder = tmp_path / "$(shell touch executed) `touch executed` \"'"
    folder.symlink_to(PROJECT / "tests/nano/data/image")
    options = {
        "IMAGE": folder.name,
        "MASK": PROJECT / "tests/nano/data/mitochondria.tif",
        "NAME": "brain",
        "VOXEL": "30 6 5",
        "STRUCTURE": "er",
        "FOREGROUND": "dark",
        "LABELLED": "all",
        "TEST_IMAGE": folder.name,
        "TEST_MASK": PROJECT / "tests/nano/data/mitochondria.tif",
        "TEST_LABELLED": "0-3 5",
        "TILES": "yes",
        "CONFIG": "other `touch executed` $(shell touch executed).yaml",
        "BIN": Path(sys.executable).parent,
    }
    words = [f"{key}={value}" for key, value in options.items()]
    done = subprocess.run(["make", "new", *words], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    written = yaml.safe_load((tmp_path / options["CONFIG"]).read_text())
    assert written["volumes"]["brain"] == {
        "image": folder.name,
        "masks": {"er": {"files": str(options["MASK"]), "foreground": "dark"}},
        "tiles": True,
        "voxel_size_nm": [30, 6, 5],
        "test": {
            "image": folder.name,
            "masks": {"er": {"files": str(options["TEST_MASK"]), "foreground": "dark"}},
            "labelled_slices": ["0-3", 5],
        },
    }
    assert not (tmp_path / "executed").exists()
