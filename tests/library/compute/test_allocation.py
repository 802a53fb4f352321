import os
import subprocess
import sys

import pytest

from synthem.compute.allocation import ENVIRONMENT

pytest.importorskip("torch")  # the program below needs it
MEGABYTES, PAGES_OF_ONE = 64, 256
RUN = """
import resource
import sys

import torch

sys.path.insert(0, sys.argv[1])
from synthem.compute.allocation import keep_freed_memory

print(keep_freed_memory())
for _ in range(12):
    torch.ones(int(sys.argv[2]) * 2**20, dtype=torch.uint8)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_minflt, used.ru_maxrss)
"""


def run(environment):
    """Whether memory is kept; pages asked from the kernel and most kilobytes after each of 12 arrays."""
    folder = next(path for path in sys.path if path.endswith("workflow_scripts"))
    command = [sys.executable, "-c", RUN, folder, str(MEGABYTES)]
    clean = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT}
    ran = subprocess.run(command, env=clean | environment, capture_output=True, text=True, check=True)
    kept, *rows = ran.stdout.splitlines()
    return kept == "True", *zip(*(map(int, row.split()) for row in rows), strict=True)


def test_memory_that_was_freed_is_not_asked_from_the_kernel_again():
    kept, pages, most = run(ENVIRONMENT)
    if not kept:
        pytest.skip("the C library is not glibc: it cannot be told")
    # The place of the first may be too short by some bytes for the second.
    assert pages[-1] - pages[1] < PAGES_OF_ONE * MEGABYTES / 2, "not even half of one of the other ten"
    assert most[-1] - most[1] < 1024 * MEGABYTES / 2


def test_without_the_environment_of_the_workflow_nothing_changes():
    kept, pages, _ = run({})
    assert not kept
    assert pages[-1] - pages[0] > 10 * PAGES_OF_ONE * MEGABYTES, "each array is asked for anew"
    assert not run({"GLIBC_TUNABLES": "glibc.malloc.arena_max=2"})[0], "the user's own setting stands"
