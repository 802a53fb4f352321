"""A copy of the project in which the nano workflow has run once; each test works on a copy of that."""

import shutil

import pytest
from nano_workflow import Workflow, copy_project


@pytest.fixture
def project(tmp_path):
    """The project without results."""
    return copy_project(tmp_path / "project")


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The project after one whole nano run: not to be changed."""
    workflow = copy_project(tmp_path_factory.mktemp("nano") / "project")
    done = workflow.run(timeout=600)
    assert done.returncode == 0, done.stdout
    return workflow


@pytest.fixture
def nano(finished, tmp_path):
    """A copy of the finished nano run, with all times of change, to be changed at will."""
    shutil.copytree(finished.folder, tmp_path / "nano", symlinks=True)
    return Workflow(tmp_path / "nano")
