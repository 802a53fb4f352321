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
    """numba's cache, stored to by one process at a time.

    Two that store the same kernel at once, for different kinds of arguments, number their files alike: the
    index of one would name the machine code of the other.
    """

    def save_overload(self, sig, data):
        with suppress(OSError):  # what cannot be stored is compiled again next time
            with Path(self.cache_path, "lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)  # until the file is closed, whatever happens to the process
                super().save_overload(sig, data)


def cache_folder(source):
    """Where the compiled kernels of one source file are kept.

    numba recompiles when that file changes, but not when a kernel or a constant that it imports from another
    module does. So the folder's name holds a hash of all library modules that the file reaches.
    """
    root = os.environ.get("NUMBA_CACHE_DIR") or _home() / "synthem" / "kernels"
    return Path(root) / hashlib.sha256(b"".join(_reached(Path(source)))).hexdigest()[:16]


def _home():
    """The user's own folder for caches. Never a shared one such as /tmp: compiled code is loaded from it."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


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
