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

    def start():
        started.append(
            subprocess.Popen(
                [tmp_path / "envs/setup.sh"],
                env=os.environ | {"PYTHON": sys.executable, "TORCH": "none"},
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
    first = set_up()
    wait_for(tmp_path / ".venv", first)
    second = set_up()
    said = ended(first), ended(second)
    assert ["Setting up .venv" in words for words in said] == [True, False]
    assert "Another set-up is at work" in said[1]
    assert packages(tmp_path / ".venv")
    assert ended(set_up()) == ""  # nothing left to do


def test_after_a_set_up_that_was_killed_the_next_begins_anew(set_up, tmp_path):
    first = set_up()
    wait_for(tmp_path / ".venv", first)
    second = set_up()
    os.killpg(first.pid, signal.SIGKILL)
    assert "Setting up .venv" in ended(second)
    assert packages(tmp_path / ".venv")
