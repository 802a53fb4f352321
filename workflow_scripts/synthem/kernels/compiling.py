"""Loops over voxels, compiled by numba, with one compile cache on disk outside the source tree."""

import fcntl
import hashlib
import os
import re
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import numba
from numba.core.caching import FunctionCache

SCRIPTS = Path(__file__).parents[2]
IMPORTED = re.compile(rb"^(?:from|import) (synthem\.[\w.]+)", re.MULTILINE)


def kernel(function):
    """Compile `function` at its first call with each kind of arguments, or take it from the cache.

    It runs without Python's lock, so threads may share out slices among them, and it follows IEEE
    arithmetic: a result depends neither on the machine's vector units nor on the number of threads.
    """
    with _cached_in(cache_folder(function.__code__.co_filename)) as cached:
        compiled = numba.njit(function, nogil=True, error_model="numpy")
        if cached:
            compiled._cache = SharedCache(function)
    return compiled


class SharedCache(FunctionCache):
    """numba's cache for many processes: of those that miss a kernel, one compiles it, and the others wait.

    Without that, dozens of jobs that start at once would all compile the same; and two that stored one kernel
    for different kinds of arguments would number their files alike: the index of one would name the machine
    code of the other.
    """

    def load_overload(self, sig, target_context):
        found = super().load_overload(sig, target_context)
        if found is None:
            COMPILING.take()  # numba compiles next, and then stores
            found = super().load_overload(sig, target_context)  # another may have stored it meanwhile
            if found is not None:
                COMPILING.leave()
        return found

    def save_overload(self, sig, data):
        try:
            with suppress(OSError):  # what cannot be stored is compiled again next time
                super().save_overload(sig, data)
        finally:
            COMPILING.leave()


class Turn:
    """The right to compile: one process has it at a time, and may take it again for kernels within kernels.

    It ends with the process at the latest. numba lets one thread compile at a time, so threads share a turn.
    """

    def __init__(self):
        self.taken, self.lock = 0, None

    def take(self):
        if not self.taken:
            with suppress(OSError):
                self.lock = (cache_root() / "lock").open("a")
                fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.taken += 1

    def leave(self):
        self.taken -= 1
        if not self.taken and self.lock:
            self.lock.close()
            self.lock = None


COMPILING = Turn()


def cache_folder(source):
    """Where the compiled kernels of one source file are kept.

    numba recompiles when that file changes, but not when a kernel or a constant that it imports from another
    module does. So the folder's name holds a hash of all library modules that the file reaches.
    """
    return cache_root() / hashlib.sha256(b"".join(_reached(Path(source)))).hexdigest()[:16]


def cache_root():
    """NUMBA_CACHE_DIR, or the user's own; never a shared one such as /tmp: code is loaded from it."""
    own = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("NUMBA_CACHE_DIR") or own / "synthem" / "kernels")


@contextmanager
def _cached_in(folder):
    """Let numba use this folder, and say whether it can; without a cache each process compiles anew."""
    before = numba.config.CACHE_DIR
    try:
        folder.mkdir(parents=True, exist_ok=True)
        usable = os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        usable = False
    numba.config.CACHE_DIR = str(folder)
    try:
        yield usable
    finally:
        numba.config.CACHE_DIR = before


@cache
def _reached(source):
    """The texts of a source file and of all library modules that it imports, directly or not."""
    texts, waiting = {}, [source]
    while waiting:
        path = waiting.pop()
        if path not in texts and path.is_file():
            texts[path] = path.read_bytes()
            names = [name.decode() for name in IMPORTED.findall(texts[path])]
            waiting += [SCRIPTS / f"{name.replace('.', '/')}.py" for name in names]
    return [texts[path] for path in sorted(texts)]
