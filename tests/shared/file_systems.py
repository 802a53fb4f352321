"""Where tests write: in memory, where there is room."""

import os
import re
from pathlib import Path

# Copies of the project, thousands of files each, come and go there in a tenth of the time that a disk takes.
MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30  # bytes: eight times what all tests have there at once


def has_room(memory, meminfo=Path("/proc/meminfo")):
    """Whether programs run from this file system in memory, and both have ROOM."""
    if not (memory.is_dir() and meminfo.exists()):  # not Linux
        return False
    kilobytes = re.search(r"MemAvailable: +(\d+)", meminfo.read_text())
    space = os.statvfs(memory)
    free = min(space.f_bavail * space.f_frsize, 1024 * int(kilobytes.group(1)) if kilobytes else 0)
    return free > ROOM and not space.f_flag & os.ST_NOEXEC and os.access(memory, os.W_OK)
