"""Finished runs of the nano workflow, made once for all tests."""

import fcntl
import os
import shutil

from tests.shared.nano_workflow import Workflow


def made_once(tmp_path_factory, name, make):
    """The folder that `make` fills once for all processes of pytest: the first makes it, the others wait."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder, done = shared / name, shared / f"{name}.done"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until it is closed
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            done.touch()
    return Workflow(folder)


def complete(workflow):
    run = workflow.run()
    assert run.returncode == 0, run.stdout


def copy_of(workflow, folder):
    shutil.copytree(workflow.folder, folder, symlinks=True)
    return Workflow(folder)
