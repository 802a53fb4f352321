import os
import signal
import subprocess
import sys

import pytest

from synthem.runs.ending import block_of, last_words
from tests.shared.project import LIBRARY

ERROR = "ERROR DATA_SHAPE a.tif: 3 axes (expected 2). Fix: save it flat."
SAVED = (
    "ERROR TRAINING_STOPPED step-7.pt: SIGTERM after step 7 of 9 (expected time to finish). Fix: run again."
)
# Another thread takes the signal, as if it had come in the moment before the main one fell asleep.
ASLEEP = """
import signal, threading
from synthem.runs.ending import hear_stop_requests

woken = threading.Lock()
woken.acquire()
signal.signal(signal.SIGINT, lambda *_: woken.release())
hear_stop_requests(jobs_here=False)
kill = lambda: signal.pthread_kill(threading.get_ident(), signal.SIGINT)
threading.Timer(0.2, kill).start()
print("awake" if woken.acquire(timeout=60) else "overslept")
"""
# What Snakemake's handler of log records does: the exception that Ctrl-C raised in it is gone.
SWALLOWED = """
import os, signal, time
from synthem.runs.ending import hear_stop_requests, leave_at_ctrl_c

leave_at_ctrl_c()
try:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(60)
except SystemExit:
    pass
{then}
print("it went on")
"""


@pytest.fixture
def log(tmp_path):
    def written(text, name="a.log"):
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return written


def test_the_block_of_a_log_is_its_first_lines(log):
    assert block_of(log(f"{ERROR}\n{ERROR}\n\nTraceback\n\n12:00:00 step 1\n")) == f"{ERROR}\n{ERROR}"
    assert block_of(log("12:00:00 step 1\nERROR of another program\n")) == ""
    assert block_of("no/such.log") == ""


def test_an_error_that_was_seen_is_not_repeated(log):
    words = last_words([("ingest_volume", [log(ERROR)], True)])
    assert "ERROR" not in words and "Failed: ingest_volume (" in words


def test_an_error_of_a_job_on_another_machine_is_shown(log):
    words = last_words([("ingest_volume", [log(ERROR)], False)])
    assert words.startswith(f"{ERROR}\nFailed: ingest_volume (")


def test_a_job_without_an_error_of_its_own_died(log):
    words = last_words([("train_gan", [log("12:00:00 step 1\n")], True)])
    assert words.startswith("ERROR STEP_DIED train_gan: ") and "memory" in words


def test_a_training_that_was_told_to_stop_did_not_fail(log):
    assert last_words([("train_gan", [log(SAVED)], False)]).startswith("Stopped. ")
    both = last_words([("train_gan", [log(SAVED)], True), ("ingest_volume", [log(ERROR, "b.log")], True)])
    assert "Failed: ingest_volume" in both and "train_gan" not in both


def test_a_request_that_finds_the_main_thread_falling_asleep_wakes_it():
    environment = os.environ | {"PYTHONPATH": str(LIBRARY)}
    done = subprocess.run([sys.executable, "-c", ASLEEP], capture_output=True, text=True, env=environment)
    assert done.stdout == "awake\n", done.stderr
    assert done.stderr.count("Stopping (SIGINT)") == 1


@pytest.mark.parametrize("then", ["time.sleep(60)", "hear_stop_requests(jobs_here=True)"])
def test_ctrl_c_before_the_first_step_is_not_lost_where_snakemake_drops_it(then):
    environment = os.environ | {"PYTHONPATH": str(LIBRARY)}
    program = SWALLOWED.format(then=then)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stdout) == (128 + signal.SIGINT, "")
    assert done.stderr == "\nStopped before the first step.\n"
