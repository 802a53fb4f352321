"""One run at a time in a folder, whatever the command line says of Snakemake's own lock."""

import errno
import fcntl
import os
import socket
from pathlib import Path

from synthem.errors import SynthemError

UNSUPPORTED = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL)  # some network file systems


def alone(folder):
    """A lock of the folder, as an open file: it lasts until the process ends, however that comes about.

    An error where another run has it. With `--nolock` Snakemake lets both go on: the one whose training finds
    the other's fails, and deletes as its own what the other one has finished meanwhile.
    """
    path = Path(folder) / "synthem-run.lock"
    file = open(path, "a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.seek(0)
        raise SynthemError(
            "FILE_READ",
            os.path.abspath(os.curdir),
            f"another run of Snakemake works in this folder, {file.read().strip() or 'somewhere'}; "
            "one would delete what the other has made",
            expected="one run at a time (--nolock is for a folder that a killed one left locked)",
            fix="wait for its end, or run in a copy of the folder",
        ) from error
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise
        return file
    file.truncate(0)
    file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
    file.flush()
    return file
