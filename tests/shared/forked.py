"""Processes for tests, forked from one that has loaded torch already: starting them takes no time."""

import multiprocessing
import os
import sys
from unittest.mock import patch

LOADED = [
    "pytest",
    "tests.shared.killed_trainings",
]  # the server says nothing of a name that it does not find
context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(LOADED)


def start(job, *arguments):
    """Start `job`, a function of a module; return its process."""
    process = context.Process(target=job, args=arguments)
    path = os.pathsep.join(filter(None, sys.path))
    with patch.dict(os.environ, PYTHONPATH=path):  # the first start makes the server, which learns it so
        process.start()
    return process


def ended(process):
    """Wait for the end of a process; return its exit code."""
    process.join()
    return process.exitcode
