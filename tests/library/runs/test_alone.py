import os
import subprocess
import sys

import pytest

from synthem.errors import SynthemError
from synthem.runs.alone import alone

HOLDS = """
import sys
from synthem.runs.alone import alone

lock = alone(sys.argv[1])
print("held", flush=True)
input()
"""


def test_a_second_run_is_refused_until_the_first_has_ended_or_died(tmp_path):
    command = [sys.executable, "-c", HOLDS, tmp_path]
    paths = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": paths}
    with subprocess.Popen(command, **pipes) as first:
        assert first.stdout.readline() == "held\n"
        with pytest.raises(SynthemError, match=f"FILE_READ .* another run .*, process {first.pid} on "):
            alone(tmp_path)
        first.kill()
        first.wait()
    alone(tmp_path).close()


def test_a_run_ends_with_the_file_that_it_holds(tmp_path):
    alone(tmp_path).close()
    with alone(tmp_path) as held:
        held.seek(0)
        assert held.read().startswith(f"process {os.getpid()} on ")


def test_where_a_file_system_has_no_locks_the_run_goes_on(tmp_path, monkeypatch):
    def flock(file, how):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("fcntl.flock", flock)
    alone(tmp_path).close()
