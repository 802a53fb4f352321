"""The container: it is not built here, but its parts are held against the project, its commands run."""

import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from tests.shared.project import PROJECT

pytestmark = pytest.mark.tools
INSIDE = "/opt/synthem"


def sections():
    """{name: lines} of the definition; the header stands under ""."""
    text = (PROJECT / "envs/synthem.def").read_text()
    header, *rest = re.split(r"^%", text, flags=re.MULTILINE)
    parts = {"": header} | dict(part.split("\n", 1) for part in rest)
    return {
        name: [line.strip() for line in part.splitlines() if line.strip()] for name, part in parts.items()
    }


def test_it_has_the_python_of_the_environments_and_the_lock():
    (version,) = re.findall(r"^From: python:(\d+\.\d+)-", "\n".join(sections()[""]), re.MULTILINE)
    environments = [yaml.safe_load(path.read_text()) for path in (PROJECT / "envs").glob("*.yaml")]
    assert {f"python ={version}"} == {
        word for one in environments for word in one["dependencies"] if word.startswith("python ")
    }
    assert f"envs/requirements.lock {INSIDE}/envs/requirements.lock" in sections()["files"]


def test_what_it_imports_to_test_itself_is_locked():
    locked = (PROJECT / "envs/requirements.lock").read_text() + "torch==\n"
    (test,) = sections()["test"]
    for package in re.search(r"import ([\w, ]+)", test).group(1).split(", "):
        name = {"skimage": "scikit-image"}.get(package, package)
        assert re.search(rf"^{name}==", locked, re.MULTILINE), package


def test_its_commands_make_the_environment_that_it_runs(tmp_path):
    """With a lock of two small packages and without torch, in another folder."""
    for line in sections()["files"]:
        source, target = line.split()
        place = tmp_path / os.path.relpath(target, INSIDE)
        place.parent.mkdir(exist_ok=True)
        shutil.copy2(PROJECT / source, place)
    lock = tmp_path / "envs/requirements.lock"
    lock.write_text("".join(re.findall(r"^(?:uv|tabulate)==.*\n", lock.read_text(), re.MULTILINE)))
    commands = "\n".join(sections()["post"]).replace(INSIDE, str(tmp_path))
    variables = os.environ | {"TORCH": "none", "PYTHON": sys.executable}
    done = subprocess.run(["sh", "-eu", "-c", commands], env=variables, capture_output=True, text=True)
    if "package index: pip could not install uv" in done.stderr:
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr
    (path,) = re.findall(r"PATH=(\S+):\$PATH", "\n".join(sections()["environment"]))
    python = path.replace(INSIDE, str(tmp_path)) + "/python"
    assert subprocess.run([python, "-c", "import tabulate"]).returncode == 0
