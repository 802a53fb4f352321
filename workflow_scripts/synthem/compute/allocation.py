"""Settings of glibc's malloc: a process keeps freed memory. No torch: Snakemake itself reads this."""

import ctypes
import os

# For jobs, which inherit it; a process reads it when it starts. Else glibc's cache of small pieces holds what
# is cut off large ones, so that these are not joined again when they are freed, and memory grows for nothing.
ENVIRONMENT = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # as malloc.h of glibc has them
NEVER = -1


def keep_freed_memory():
    """Keep what is freed, for a network frees and takes the same arrays at each step; whether that is done.

    Large ones would go back to the kernel, which clears new pages for the next: a fifth of the time of a
    prediction on a processor. Only glibc can be set so, and only where ENVIRONMENT was set at the start.
    """
    if any(value not in os.environ.get(name, "") for name, value in ENVIRONMENT.items()):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, TypeError, AttributeError):  # musl, macOS, Windows
        return False
    return bool(mallopt(M_MMAP_MAX, 0)) and bool(mallopt(M_TRIM_THRESHOLD, NEVER))
