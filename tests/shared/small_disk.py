"""A really small file system, to be filled."""

import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder, size="1m", options=""):
    """A file system of its own at `folder`, of 1 MB unless said otherwise."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}{options}", "tmpfs", folder]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a full disk needs root, who may mount one")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(disk, *, leave):
    """Fill a disk until about `leave` bytes are free."""
    (Path(disk) / "other-data").unlink(missing_ok=True)
    state = os.statvfs(disk)
    size = state.f_bavail * state.f_frsize - leave
    with open(Path(disk) / "other-data", "wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(size, 1))
