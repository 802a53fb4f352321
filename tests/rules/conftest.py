"""The nano workflow, run once for all tests; each test works on a copy of that."""

import shutil

import pytest

from tests.shared.finished_runs import complete, copy_of, made_once
from tests.shared.nano_workflow import copy_project, kill_what_still_runs

NANO = "tests/nano/config.yaml"


@pytest.fixture(autouse=True)
def nothing_outlives_its_test():
    yield
    kill_what_still_runs()


@pytest.fixture
def project(tmp_path):
    """The project without results."""
    return copy_project(tmp_path / "project")


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The project after one whole nano run: not to be changed."""
    pytest.importorskip("torch")
    return made_once(tmp_path_factory, "finished", lambda folder: complete(copy_project(folder)))


@pytest.fixture(scope="session")
def finished_small(finished, tmp_path_factory):
    """The same with one arm of synthetic data and one replicate: not to be changed."""

    def make(folder):
        small = copy_of(finished, folder)
        small.edit(NANO, "replicates: 2", "arms: [real, mixed], replicates: 1")
        for path in [*(small.folder / "results").rglob("*")]:  # a smaller run leaves what it does not need
            arm = path.name == "synthetic" and path.parents[1].name != "synthesis"
            if (arm or path.name == "replicate-2") and path.is_dir():
                shutil.rmtree(path)
            elif path.name.startswith("replicate-2"):
                path.unlink(missing_ok=True)
        complete(small)

    return made_once(tmp_path_factory, "finished_small", make)


@pytest.fixture
def nano(finished, tmp_path):
    """A copy of the finished nano run, with all times of change, to be changed at will."""
    return copy_of(finished, tmp_path / "nano")


@pytest.fixture
def small(finished_small, tmp_path):
    """A copy of the small one: for tests that run much of it again."""
    return copy_of(finished_small, tmp_path / "small")
