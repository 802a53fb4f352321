"""A rule's log: progress while it runs, the error block first when it fails."""

import errno
import signal
import sys
import time
import traceback
from contextlib import contextmanager, suppress
from pathlib import Path

from synthem.edits import refuse_edited
from synthem.errors import SynthemError, SynthemErrors, write_error

# A file name that is not UTF-8 must not turn one error into another.
TEXT = {"encoding": "utf-8", "errors": "backslashreplace"}
NO_MEMORY = (  # of torch and the system; then of cuDNN, which takes its own; last, no algorithm has room
    *("out of memory", "t allocate memory", "bad_alloc"),
    *("alloc_failed", "allocation_failed", "unable to find an engine"),
)
DISTRIBUTIONS = {
    "PIL": "pillow",
    "skimage": "scikit-image",
    "yaml": "pyyaml",
}  # of other names than their imports
interrupts = []  # Ctrl-C while a script runs: what a library swallowed while it was loaded is not forgotten
_log = None


def say(line):
    """One plain line of progress, with the time, to the rule's log (or to the terminal without one)."""
    line = f"{time.strftime('%H:%M:%S')} {line}"
    if _log:
        with suppress(OSError):  # a full disk is the error of what is to be kept, not of its log
            print(line, file=_log, flush=True)
            return
    print(line, file=sys.stderr, flush=True)


@contextmanager
def logged_to(path):
    """Log to `path`; an error ends the script, its block in the output and, with a traceback, in the log.

    The other imports of a script stand in the block, too: a missing package, or Ctrl-C while torch is loaded,
    is then an error like any other.
    """
    global _log
    path = Path(path)
    try:
        with _interrupts_noted():
            _log = _opened(path)
            refuse_edited(getattr(sys.modules["__main__"], "__file__", ""))
            yield
    except KeyboardInterrupt:  # Snakemake reports what was stopped
        say("stopped by Ctrl-C")
        sys.exit(128 + signal.SIGINT)
    except Exception as error:
        block = error_block(error)
        print(block, file=sys.stderr, flush=True)
        _put_first(path, f"{block}\n\n{traceback.format_exc()}")
        sys.exit(1)
    finally:
        if _log:
            with suppress(OSError):  # what a full disk did not take went to the output
                _log.close()
        _log = None


@contextmanager
def _interrupts_noted():
    """Notes each Ctrl-C: Python drops an exception that is raised while an object is deleted.

    After it the script only ends: another Ctrl-C would be no more than a traceback of torch's own end.
    """

    def interrupt(number, frame):
        interrupts.append(signal.Signals(number).name)
        sys.excepthook = _but_ctrl_c
        raise KeyboardInterrupt

    interrupts.clear()
    before = signal.getsignal(signal.SIGINT)
    wanted = before is signal.default_int_handler  # a shell lets its background jobs ignore Ctrl-C
    if wanted:
        signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        if wanted:
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def _but_ctrl_c(kind, error, trace):
    """Python's last word of an error, none of Ctrl-C: between a `with` and its block nothing catches it."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)


def _opened(path):
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("w", **TEXT)
    except OSError as error:
        raise write_error(path, error) from error


def _put_first(path, text):
    """Put the error before the progress in the log; a log that cannot be written is left as it is."""
    with suppress(OSError):
        progress = path.read_text(**TEXT)
        path.write_text(f"{text}\n{progress}", **TEXT)


def error_block(error):
    """Any exception -> the lines `ERROR <CODE> <where>: ...` that a user reads."""
    if isinstance(error, SynthemError | SynthemErrors):
        return str(error)
    if isinstance(error, ImportError) and not (error.name or "").startswith("synthem"):
        known = _broken_environment(error)
    elif isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        known = write_error(error.filename or "results", error)
    elif isinstance(error, MemoryError) or any(words in str(error).lower() for words in NO_MEMORY):
        known = SynthemError(
            "MEMORY",
            "this step",
            str(error) or "memory ran out",
            expected="the step to fit",
            fix="lower batch_size, patch or base_width, or give the rule `mem_mb` in a cluster's profile",
        )
    else:
        known = SynthemError(
            "UNEXPECTED",
            "this step",
            f"{type(error).__name__}: {error}",
            expected="no such error",
            fix="see the traceback in the log; if your data is not the cause, please report it",
        )
    return str(known)


def _broken_environment(error):
    """A package that cannot be imported: which one, where, and how to get an environment that has it."""
    package = (error.name or "a package").split(".")[0]
    prefix = Path(sys.prefix)
    if ".snakemake" in prefix.parts:
        fix = f"delete {prefix}; Snakemake makes it anew with --sdm conda"
    elif prefix.name == ".venv":
        fix = f"delete {prefix}, then: make setup"
    else:
        fix = "run `make setup` and use .venv/bin/snakemake, or let Snakemake make environments: --sdm conda"
    return SynthemError(
        "ENVIRONMENT",
        DISTRIBUTIONS.get(package, package),
        f"{error}; the environment is {prefix}",
        expected="every package of envs/",
        fix=fix,
    )
