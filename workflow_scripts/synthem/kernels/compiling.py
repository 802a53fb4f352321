"""Compiles loops over voxels by numba, with one cache on disk outside the source tree."""

import fcntl
import os
import secrets
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock

import numba
from numba.core.bytecode import FunctionIdentity
from numba.core.caching import UserProvidedCacheLocator

from synthem.storage.code import Code

SCRIPTS = Path(__file__).parents[2]

# Numba names machine code by a function's name, its arguments and a number, and would count from 1 in every
# process. So two processes may give one name to two functions, such as the quicksorts within np.sort and
# np.argsort, and a third, which loads both from the cache, would run one for the other without a word.
FunctionIdentity._unique_ids = iter(lambda: secrets.randbits(62), None)


def kernel(function):
    """Compile `function` at its first call with each kind of arguments, or take it from the cache.

    It runs without Python's lock, so threads may share out slices among them, and it follows IEEE
    arithmetic: a result depends neither on the machine's vector units nor on the number of threads.
    """
    with _cached_in(cache_folder(function.__code__.co_filename)) as cached:
        compiled = numba.njit(function, cache=cached, nogil=True, error_model="numpy")
    if cached and compiled is not function:  # it is, where NUMBA_DISABLE_JIT is set
        compiled.compile = _in_turn(compiled.compile)
    return compiled


class ByContent(UserProvidedCacheLocator):
    """Where numba stores a kernel: in the folder that `cache_folder` names after what the library contains.

    numba would add the path of the source, and every copy of the library would compile every kernel anew.
    """

    @classmethod
    def get_suitable_cache_subpath(cls, py_file):
        return ""


def _in_turn(compile):
    """A dispatcher's `compile` for many processes: one compiles a kernel, and the others wait and load it.

    Without that, dozens of jobs that start at once would all compile the same; and two that stored one kernel
    for different kinds of arguments would number their files alike: the index of one would name the machine
    code of the other. numba calls it once for each kind of arguments, looks into the cache, and stores there.
    """

    def compile_or_load(signature):
        with COMPILING:
            try:
                return compile(signature)
            except OSError:  # it is compiled but could not be stored: it is compiled again next time
                return compile(signature)

    return compile_or_load


class CompileLock:
    """The right to compile: one process has it at a time, and may take it again for kernels within kernels.

    It ends with the process at the latest. Threads of a process wait for each other as well.
    """

    def __init__(self):
        self.threads, self.taken, self.file = RLock(), 0, None

    def __enter__(self):
        self.threads.acquire()
        if not self.taken:
            with suppress(OSError):
                self.file = (cache_root() / "lock").open("a")
                fcntl.flock(self.file, fcntl.LOCK_EX)
        self.taken += 1

    def __exit__(self, *error):
        self.taken -= 1
        if not self.taken and self.file:
            self.file.close()
            self.file = None
        self.threads.release()


COMPILING = CompileLock()


def cache_folder(source):
    """Where the compiled kernels of one source file are kept.

    numba recompiles when that file changes, but not when a kernel or a constant that it imports from another
    module does. So the folder's name holds a hash of all library modules that the file reaches.
    """
    return cache_root() / Code(SCRIPTS).hash(source)[:16]


def cache_root():
    """NUMBA_CACHE_DIR, or the user's own; never a shared one such as /tmp: code is loaded from it."""
    own = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("NUMBA_CACHE_DIR") or own / "synthem" / "kernels")


@contextmanager
def _cached_in(folder):
    """Lets numba use this folder; yields whether it can. Without a cache each process compiles anew."""
    before = numba.config.CACHE_DIR, numba.config.CACHE_LOCATOR_CLASSES
    try:
        folder.mkdir(parents=True, exist_ok=True)
        usable = os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        usable = False
    numba.config.CACHE_DIR, numba.config.CACHE_LOCATOR_CLASSES = str(folder), f"{__name__}.ByContent"
    try:
        yield usable
    finally:
        numba.config.CACHE_DIR, numba.config.CACHE_LOCATOR_CLASSES = before
