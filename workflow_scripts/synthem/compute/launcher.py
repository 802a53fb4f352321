"""Starts the ranks that train one network together, each a process, and ends them all where one fails."""

import json
import os
import pickle
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import deque
from contextlib import contextmanager, suppress

import torch
import torch.distributed as dist

from synthem.errors import SynthemError
from synthem.log import say

LINES_KEPT = 30  # of the output of a process, for the log if it fails
GRACE = 10  # seconds from the end of one process to that of all: time to say why
START = "from synthem.compute.launcher import main; main()"
REQUESTS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)


def side_by_side(count, train, *arguments, **settings):
    """`train(...)`, a function of a module that saves checkpoints, by `count` processes if more than one.

    They leave the finished training in its checkpoints; `train` takes the result from there without a further
    step. Each process has a copy of the data and a GPU of its own; without any, they share the processor.
    """
    if count > 1:
        refuse_missing_gpus(count)
        say(f"{count} processes train together, each with its shard of every batch")
        job = pickle.dumps((train, arguments, settings, torch.get_num_threads()))
        with tempfile.TemporaryDirectory() as folder:
            watch([Rank(number, count, f"{folder}/meeting") for number in range(count)], job)
    return train(*arguments, **settings)


def refuse_missing_gpus(count):
    there = torch.cuda.device_count()
    if there == 0:
        say(f"WARNING no GPU here: {count} processes share the processor")
    elif there < count:
        raise SynthemError(
            "CONFIG_VALUE",
            "resources.gpu",
            f"{count} GPUs asked for, {there} found",
            expected="as many",
            fix="ask for fewer: `gpu` of the rule in the profile, or --set-resources RULE:gpu=N without one",
        )


class Rank:
    """One of the processes, as the one that started them has it."""

    def __init__(self, number, count, meeting):
        self.number, self.count, self.report = number, count, {}
        self.last_lines = deque(maxlen=LINES_KEPT)
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        # All are on this machine, whose name may not be known to the network.
        environment = {"GLOO_SOCKET_IFNAME": "lo", "NCCL_SOCKET_IFNAME": "lo"} | environment
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, str(number), str(count), meeting], env=environment, **pipes
        )
        readers = (self._pass_on_lines, self._read_report)
        self.readers = [threading.Thread(target=reader, daemon=True) for reader in readers]
        for reader in self.readers:
            reader.start()

    def give(self, job):
        """The pipe stays open: a process whose starter is gone reads its end, and ends, too."""
        with suppress(BrokenPipeError):  # it died already: `watch` will see
            self.process.stdin.write(job)
            self.process.stdin.flush()

    def _pass_on_lines(self):
        """The output of rank 0 goes to the log; the last lines of the others are kept in case they fail."""
        for line in self.process.stderr:
            text = re.sub(r"^\d\d:\d\d:\d\d ", "", line.decode(errors="replace").rstrip())
            if self.number == 0:
                say(text)
            else:
                self.last_lines.append(text)

    def _read_report(self):
        for line in self.process.stdout:
            with suppress(ValueError):
                self.report = json.loads(line)

    def end(self):
        self.process.kill()
        self.process.wait()
        for reader in self.readers:
            reader.join()
        with suppress(BrokenPipeError):
            self.process.stdin.close()

    def error(self):
        """Why it failed: its own report, or how its process ended."""
        if self.report:
            return SynthemError(**self.report)
        status = self.process.returncode
        return SynthemError(
            "TRAINING_PROCESS",
            f"process {self.number + 1} of {self.count}",
            f"killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}",
            expected="all processes to live until the end",
            fix="run again: training goes on from its last checkpoint; if memory ran out, on a cluster"
            " give the rule `mem_mb` in its profile",
        )


def watch(ranks, job):
    """Wait for all ranks; the error of the first that failed, where one did."""
    try:
        with requests_passed_on(ranks[0]):
            for rank in ranks:
                rank.give(job)
            failed = []
            while not failed and any(rank.process.poll() is None for rank in ranks):
                time.sleep(0.05)
                failed = [rank for rank in ranks if rank.process.poll() not in (None, 0)]
            end = time.monotonic() + GRACE
            while any(rank.process.poll() is None for rank in ranks) and time.monotonic() < end:
                time.sleep(0.05)
            failed = [rank for rank in ranks if rank.process.poll() not in (None, 0)]
    finally:
        for rank in ranks:
            rank.end()
    # What follows from another's end (a lost connection, our own kill) explains nothing: an error of ours
    # comes first, then that a process was killed, then the error of some library.
    own = [rank.error() for rank in ranks if rank.report.get("code", "UNEXPECTED") != "UNEXPECTED"]
    errors = own or [rank.error() for rank in sorted(failed, key=lambda rank: bool(rank.report))]
    if errors:
        for line in [line for rank in failed for line in rank.last_lines]:
            say(line)
        raise errors[0]


@contextmanager
def requests_passed_on(first):
    """Requests to stop go to the first process, which saves the state; the others follow it."""
    if threading.current_thread() is not threading.main_thread():  # only the main thread hears signals
        yield
        return

    def pass_on(number, _):
        first.process.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in REQUESTS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def main():
    """What each process does: join the group, train, and report an error."""
    number, count, meeting = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    for request in REQUESTS if number else ():
        signal.signal(request, signal.SIG_IGN)
    train, arguments, settings, threads = pickle.load(sys.stdin.buffer)
    threading.Thread(target=end_with_starter, daemon=True).start()
    torch.set_num_threads(threads)
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    try:
        if torch.cuda.is_available():
            torch.cuda.set_device(number)
        dist.init_process_group(backend, init_method=f"file://{meeting}", rank=number, world_size=count)
        train(*arguments, **settings)
        dist.destroy_process_group()
        leave({}, status=0)
    except SynthemError as error:
        names = ("code", "where", "found", "expected", "fix")
        leave({name: getattr(error, name) for name in names})
    except Exception as error:
        traceback.print_exc()
        found = f"{type(error).__name__}: {error}"
        words = {"expected": "no such error", "fix": "see the traceback in the log"}
        leave({"code": "UNEXPECTED", "where": f"process {number + 1} of {count}", "found": found} | words)


def leave(report, status=1):
    """At once: threads of torch or our own may wait for a process that is gone."""
    print(json.dumps(report), flush=True)
    sys.stderr.flush()
    os._exit(status)


def end_with_starter():
    sys.stdin.buffer.read()
    os._exit(1)
