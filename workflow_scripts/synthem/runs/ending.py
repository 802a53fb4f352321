"""The last lines of a run that failed or was stopped: what is kept, and how to go on."""

import os
import signal
import sys
import threading
import time
import warnings
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

from synthem.errors import SynthemError, full_disk
from synthem.log import TEXT
from synthem.runs.cluster import ended_by_cluster
from synthem.runs.unaccepted import not_accepted

HEARD_WITHIN = 1  # seconds: by then a job that a terminal has told is at its end, or ignores another Ctrl-C
_requests = []
_early = []  # Ctrl-C before the first step


def leave_at_ctrl_c():
    """Let Ctrl-C before the first step end with a line: while Snakemake plans, it has no words for it."""
    if threading.current_thread() is threading.main_thread():
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, _leave)


def _leave(number, frame):
    if not _early:
        print("\nStopped before the first step.", file=sys.stderr, flush=True)
    _early.append(number)
    warnings.simplefilter("ignore")  # of coroutines that nobody awaits any more
    # Snakemake drops what is raised while it prints a line.
    again = threading.Timer(HEARD_WITHIN, signal.pthread_kill, (threading.get_ident(), number))
    again.daemon = True
    again.start()
    sys.exit(128 + number)


def hear_stop_requests(*, jobs_here):
    """Print a line at Ctrl-C and SIGTERM before their old handlers run.

    jobs_here: whether jobs are processes of this one. On a cluster these are what cancels jobs there.
    """
    if threading.current_thread() is threading.main_thread():  # no other hears signals
        if signal.getsignal(signal.SIGINT) is _leave:
            if _early:
                sys.exit(128 + signal.SIGINT)
            signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in (signal.SIGINT, signal.SIGTERM):
            _answer(number, signal.getsignal(number), jobs_here=jobs_here)
        _wake_at_signals()


def _answer(number, before, *, jobs_here):
    def answer(number, frame):
        signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C would only end in tracebacks
        _requests.append(number)
        words = (
            "jobs stop, trainings save their state" if number == signal.SIGINT else "no new job is started"
        )
        print(f"\nStopping ({signal.Signals(number).name}): {words}.", file=sys.stderr, flush=True)
        if number == signal.SIGINT and jobs_here:
            late = threading.Timer(HEARD_WITHIN, pass_on)
            late.daemon = True
            late.start()
        before(number, frame)

    if callable(before):  # a shell lets its background jobs ignore Ctrl-C
        signal.signal(number, answer)


def _wake_at_signals():
    """Let a thread wake the main one until it has answered.

    Python's handlers run when the main thread is awake. A signal that comes in the moment in which it begins
    to wait for a lock would be kept until that opens, which for Snakemake is the end of the next job.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    threading.Thread(target=_wake, args=(reading, threading.get_ident()), daemon=True).start()


def _wake(reading, main):
    while number := os.read(reading, 1):
        while number[0] in (signal.SIGINT, signal.SIGTERM) and number[0] not in _requests:
            time.sleep(HEARD_WITHIN / 10)
            signal.pthread_kill(main, number[0])


def pass_on():
    """Stop the jobs, too, where the request went to Snakemake alone: a terminal sends Ctrl-C to all."""
    import psutil  # comes with Snakemake

    for job in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            job.send_signal(signal.SIGINT)


def last_words(failed, said=""):
    """The end of a run as text; `failed` has (step, its logs, whether its output was this terminal).

    said: the log of Snakemake, which has what a cluster said about jobs.
    """
    unseen, broken = [], []
    for step, logs, seen in failed:
        block = "\n".join(filter(None, map(block_of, logs)))
        stopped = was_stopped(block)
        cluster = ended_by_cluster(step, logs, said) if stopped or not block else None
        if stopped and not cluster:
            continue
        broken.append(f"{step} ({', '.join(logs)})")
        unseen += [] if block and seen else [str(cluster or block or _died(step, logs, said))]
    words = (
        [
            f"Failed: {', '.join(broken)}.",
            "What is finished is kept: mend the error and run the same command again.",
        ]
        if broken
        else [
            "Stopped. All that is finished is saved, and the states of trainings: the same command goes on."
        ]
    )
    return "\n".join([*unseen, *words])


def was_stopped(block):
    """Whether a step with these error lines ended because it was asked to."""
    return "ERROR TRAINING_STOPPED " in block or bool(_requests and not block)


def block_of(log):
    """The error lines that a log starts with; "" where there are none."""
    try:
        lines = Path(log).read_text(**TEXT).splitlines()
    except OSError:
        return ""
    return "\n".join(takewhile(lambda line: line.startswith("ERROR "), lines))


def _died(step, logs, said):
    """The error of a step that left none in its logs: of its results, of a full disk, or STEP_DIED."""
    if known := not_accepted(step, said) or next(filter(None, map(full_disk, logs)), None):
        return known
    fix = (
        "read the lines above; if there are none, it was killed, mostly for memory: lower --cores, batch_size"
    )
    return SynthemError(
        "STEP_DIED",
        step,
        f"it ended without a word of why in {', '.join(logs)}",
        expected="its results, or an error",
        fix=fix,
    )
