"""The order of .ci/run: what goes side by side there, and that none of it can fail unheard."""

import shutil
import subprocess

import pytest

from tests.shared.project import PROJECT

pytestmark = pytest.mark.tools
# Each program stands in a file of the step's name, which tells the others that it has begun.
STEP = """#!/usr/bin/env bash
touch "$BEGUN/{name}"
{waits}
echo "said by {name}"
[ "$FAILS" != {name} ]
"""
# For another step that is to begin beside it, 20 seconds at most.
WAITS = """
for _ in $(seq 200); do [ -e "$BEGUN/{other}" ] && break; sleep 0.1; done
[ -e "$BEGUN/{other}" ] || exit 1
"""
MAKE = """#!/usr/bin/env bash
case $1 in test-tissue) exec tissue ;; setup) exec setup ;; test) exec tests ;; esac
"""


@pytest.fixture
def run(tmp_path):
    """A function that runs .ci/run where each program says that it was there and ends: (code, output)."""
    project, programs, begun = tmp_path / "synthem", tmp_path / "programs", tmp_path / "begun"
    shared = tmp_path / "shared"
    places = {name: project / f".ci/{name}" for name in ("slurm", "conda", "newest", "demo")}
    places |= {name: programs / name for name in ("tissue", "setup", "apt-get", "tests")}
    texts = {places[name]: STEP.format(name=name, waits="") for name in places}
    for name, other in (("demo", "tissue"), ("setup", "apt-get")):
        texts[places[name]] = STEP.format(name=name, waits=WAITS.format(other=other))
    texts |= {programs / "make": MAKE, programs / "git": "#!/bin/sh\n", programs / "python3": "#!/bin/sh\n"}
    texts |= {shared / name: "" for name in ("slurm/start-slurm.sh", "conda/make-channel.py")}
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    begun.mkdir()
    for name in ("bash", "cat", "dirname", "mktemp", "nproc", "seq", "sleep", "tail", "touch"):
        (programs / name).symlink_to(shutil.which(name))
    shutil.copy2(PROJECT / ".ci/run", project / ".ci/run")

    def run(fails=""):
        environment = {"PATH": str(programs), "BEGUN": str(begun), "FAILS": fails, "TMPDIR": str(tmp_path)}
        command = [shutil.which("bash"), project / ".ci/run"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        return done.returncode, done.stdout

    return run


def test_every_step_is_made_and_shown_and_the_demo_beside_real_tissue(run):
    code, said = run()
    assert code == 0 and "=== Done" in said, said
    for name in ("setup", "apt-get", "slurm", "conda", "newest", "demo", "tissue", "tests"):
        assert said.count(f"said by {name}\n") == 1, said


@pytest.mark.parametrize("step", ["setup", "slurm", "conda", "newest", "demo", "tissue", "tests"])
def test_a_step_that_fails_ends_it_with_what_the_step_said(run, step):
    code, said = run(fails=step)
    assert code == 1 and "=== Done" not in said
    assert f"said by {step}\n" in said


def test_a_machine_without_a_browser_is_told_so_and_goes_on(run):
    code, said = run(fails="apt-get")
    assert code == 0 and "No browser: chromium cannot be installed." in said
