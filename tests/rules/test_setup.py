"""The set-up of .venv, really done, with a lock of two small packages and without torch."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

from tests.shared.project import PROJECT

pytestmark = pytest.mark.tools


@pytest.fixture
def set_up(tmp_path):
    """Start a set-up in a project that needs next to nothing; all use one folder."""
    lock = (PROJECT / "envs/requirements.lock").read_text()
    (tmp_path / "envs").mkdir()
    shutil.copy2(PROJECT / "envs/setup.sh", tmp_path / "envs")
    shutil.copy2(PROJECT / "pyproject.toml", tmp_path)
    (tmp_path / "envs/requirements.lock").write_text(
        "".join(re.findall(r"^(?:uv|tabulate)==.*\n", lock, re.MULTILINE))
    )
    started = []

    def start(torch=""):
        started.append(
            subprocess.Popen(
                [tmp_path / "envs/setup.sh"],
                env=os.environ | {"PYTHON": sys.executable, "TORCH": torch},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        )
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def wait_for(path, process):
    while not path.exists() and process.poll() is None:
        time.sleep(0.02)


def ended(process):
    said = process.communicate()[0]
    if "package index: pip could not install uv" in said:
        pytest.skip("no package index can be reached")
    assert process.returncode == 0, said
    return said


def packages(venv):
    command = [venv / "bin/python", "-c", "import tabulate; print(tabulate.__version__)"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_of_two_set_ups_at_once_one_works_and_the_other_waits(set_up, tmp_path):
    first = set_up("none")
    wait_for(tmp_path / ".venv/torch", first)
    second = set_up()
    said = ended(first), ended(second)
    assert ["Setting up .venv" in words for words in said] == [True, False]
    assert "Another set-up is at work" in said[1]
    assert packages(tmp_path / ".venv")
    assert ended(set_up()) == ""  # nothing left to do


def test_after_a_set_up_that_was_killed_the_next_begins_anew(set_up, tmp_path):
    first = set_up("none")
    wait_for(tmp_path / ".venv/torch", first)
    second = set_up()
    os.killpg(first.pid, signal.SIGKILL)
    assert "Setting up .venv" in ended(second)
    assert packages(tmp_path / ".venv")


def test_the_choice_of_torch_holds_for_every_later_make_that_names_none(set_up, tmp_path):
    """A `make run` without TORCH would delete the build that `make setup TORCH=cuda` took."""
    assert "Without torch" in ended(set_up("none"))
    assert ended(set_up()) == ended(set_up("none")) == ""
    lock = tmp_path / "envs/requirements.lock"
    lock.write_text(f"# an update\n{lock.read_text()}")
    assert "Without torch" in ended(set_up())
    (
        tmp_path / ".venv/torch"
    ).unlink()  # one that was made before the choice was kept, and is named once more
    assert ended(set_up("none")) == ended(set_up()) == ""


def test_a_mistyped_choice_of_torch_leaves_all_as_it_is(set_up, tmp_path):
    (tmp_path / ".venv").mkdir()
    process = set_up("cuda13")
    assert process.communicate()[0].startswith(
        "ERROR SETUP TORCH: 'cuda13' (expected auto, cuda or none). Fix: "
    )
    assert process.returncode == 1 and (tmp_path / ".venv").exists()
