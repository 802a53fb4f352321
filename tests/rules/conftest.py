"""A copy of the project in which the nano workflow has run once; each test works on a copy of that."""

import fcntl
import os
import shutil

import pytest

from tests.shared.nano_workflow import Workflow, copy_project


@pytest.fixture
def project(tmp_path):
    """The project without results."""
    return copy_project(tmp_path / "project")


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The project after one whole nano run, one for all processes of pytest: not to be changed."""
    pytest.importorskip("torch")
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder, done = shared / "finished", shared / "finished.done"
    with (shared / "finished.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until it is closed: the others wait for the first
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            run = copy_project(folder).run()
            assert run.returncode == 0, run.stdout
            done.touch()
    return Workflow(folder)


@pytest.fixture
def nano(finished, tmp_path):
    """A copy of the finished nano run, with all times of change, to be changed at will."""
    shutil.copytree(finished.folder, tmp_path / "nano", symlinks=True)
    return Workflow(tmp_path / "nano")
