"""Dry runs of a Snakemake that is loaded once: each is a process forked from one that waits for orders.

Loading Snakemake takes as long as a plan, and the tests ask for more than a hundred.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
from functools import cache

HUNG = 900  # seconds: the longest run of a test takes a tenth of it. What takes longer hangs.


def plan(arguments, folder, environment, output):
    """Run snakemake with these arguments in a folder, its output to a file; return its exit code."""
    waiting = waiting_process()
    order = {"arguments": arguments, "folder": str(folder), "environment": environment, "output": str(output)}
    print(json.dumps(order), file=waiting.stdin, flush=True)
    return int(waiting.stdout.readline())


@cache
def waiting_process():
    command = [sys.executable, "-c", "from tests.shared.planner import wait_for_orders; wait_for_orders()"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    folder = __file__.removesuffix("tests/shared/planner.py")
    clean = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(command, cwd=folder, env=clean, **pipes)
    atexit.register(process.stdin.close)  # then it ends
    return process


def wait_for_orders():
    from snakemake.cli import main

    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            obey(main, **json.loads(line))
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def obey(main, *, arguments, folder, environment, output):
    """Become what `python -m snakemake` is in this folder and environment."""
    signal.alarm(HUNG)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    written = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for number, file in enumerate((os.open(os.devnull, os.O_RDONLY), written, written)):
        os.dup2(file, number)
    sys.argv[1:] = arguments
    main(arguments)
