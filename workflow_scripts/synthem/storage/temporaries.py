"""Temporary names for files that are being written, and the removal of those that killed jobs left.

`.<name>.<machine>.<process>.part` is being written, `.<name>.<machine>.<process>.old` makes room for it. The
machine is in the name because results often lie on a disk that several share, and the number of a process
means nothing to the others.
"""

import hashlib
import os
import re
import shutil
import socket
import time
from contextlib import suppress
from functools import cache

PATTERN = re.compile(r"[.].+?[.](?P<machine>[0-9a-f]{8})[.](?P<process>[0-9]+)[.](?:part|old)")
DEAD_AFTER = 7 * 86400  # seconds without a change: of another machine nothing else can be known


def temporary_name(path, kind="part"):
    """The name beside `path` under which this process writes it."""
    return path.with_name(f".{path.name}.{this_machine()}.{os.getpid()}.{kind}")


def remove_dead(folder):
    """Delete what dead jobs left in a folder: those of this machine, and what is older than any job."""
    with suppress(OSError):
        hidden = [name for name in os.listdir(folder) if name[0] == "."]  # few, where files are many
        for name, found in zip(hidden, map(PATTERN.fullmatch, hidden), strict=True):
            path = os.path.join(folder, name)
            if found and (_process_is_gone(**found.groupdict()) or _is_old(path)):
                remove(path)


def remove(path):
    """Delete a file, a link or a folder, if it is there; what cannot be deleted stays."""
    with suppress(OSError):
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path, ignore_errors=True)
        else:
            os.unlink(path)


@cache
def this_machine():
    """Eight hex digits for this machine, or for the container, which numbers its own processes."""
    try:
        numbering = os.readlink("/proc/self/ns/pid")
    except OSError:  # macOS has neither
        numbering = ""
    return hashlib.sha256(f"{socket.gethostname()} {numbering}".encode()).hexdigest()[:8]


def _process_is_gone(machine, process):
    if machine != this_machine():
        return False
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:  # another user's
        return False
    return False


def _is_old(path):
    """Whether neither it nor anything within has changed for a week."""
    within = [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in (".", *names)]
    return time.time() - max(os.lstat(place).st_mtime for place in (path, *within)) > DEAD_AFTER
