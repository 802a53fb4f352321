import os
import subprocess
import sys
from pathlib import Path

import pytest

from synthem.kernels.compiling import cache_folder
from tests.shared.project import LIBRARY

MODULE = """
from synthem.kernels.compiling import kernel
{imports}

@kernel
def double(x):
    return {body}
"""
RUN = """
import sys
sys.path[:0] = sys.argv[1:3]
import numpy as np
from doubled import double
kind = getattr(np, sys.argv[3])
print(double(kind(3)) / 2, type(double(kind(1))).__name__, len(double.stats.cache_hits))
"""
OUTER = """
from doubled import double
from synthem.kernels.compiling import kernel

@kernel
def quadruple(x):
    return double(double(x))
"""
RUN_OUTER = """
import sys
sys.path[:0] = sys.argv[1:3]
from outer import quadruple
print(quadruple(3.0), len(quadruple.stats.cache_hits))
"""
SORTING = """
import numpy as np
from synthem.kernels.compiling import kernel

@kernel
def sorted_by(values):
    return np.{how}(values)
"""
RUN_SORTING = """
import sys
sys.path[:0] = sys.argv[1:3]
import numpy as np
from importlib import import_module
from numba.core.bytecode import FunctionIdentity
[next(FunctionIdentity._unique_ids) for _ in range(int(sys.argv[3]))]
for name in sys.argv[4:]:
    found = import_module(name).sorted_by(np.array([30, 10, 20]))
    print(*found)
"""


def start(folder, kind, **environment):
    command = [sys.executable, "-c", RUN, str(LIBRARY), str(folder), kind]
    return subprocess.Popen(
        command, env=os.environ | environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def printed(process):
    out, errors = process.communicate()
    assert process.returncode == 0, errors
    return out.split()


def write_kernel(folder, body="x + x", imports=""):
    (folder / "doubled.py").write_text(MODULE.format(body=body, imports=imports))


def test_processes_that_compile_at_once_for_different_types_leave_a_cache_that_all_can_use(tmp_path):
    write_kernel(tmp_path)
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    types = {"float64": "float", "int64": "int"}
    for hits in ("0", "1"):  # at first they race to store, then they load
        started = {kind: start(tmp_path, kind, **cache) for kind in types}
        found = {kind: printed(process) for kind, process in started.items()}
        assert found == {kind: ["3.0", name, hits] for kind, name in types.items()}
    assert not list(tmp_path.glob("**/__pycache__/*.nb*"))  # nothing compiled beside the source


def test_of_processes_that_need_a_kernel_at_once_one_compiles_it(tmp_path):
    # `outer` compiles `double` while it has the turn itself.
    write_kernel(tmp_path)
    (tmp_path / "outer.py").write_text(OUTER)
    command = [sys.executable, "-c", RUN_OUTER, str(LIBRARY), str(tmp_path)]
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    processes = [subprocess.Popen(command, env=environment, text=True, **pipes) for _ in range(4)]
    assert sorted(printed(process) for process in processes) == [["12.0", "0"], *[["12.0", "1"]] * 3]


def test_where_no_folder_can_be_written_kernels_still_run(tmp_path):
    write_kernel(tmp_path)
    (tmp_path / "file").touch()  # no folder can be made below it
    assert printed(start(tmp_path, "int64", NUMBA_CACHE_DIR=str(tmp_path / "file" / "cache")))[0] == "3.0"
    assert not list(tmp_path.glob("**/*.nbi"))


def test_what_cannot_be_stored_on_a_full_disk_still_runs(tmp_path):
    write_kernel(tmp_path)
    limited = RUN.replace(
        "import sys\n", "import resource, sys\nresource.setrlimit(resource.RLIMIT_FSIZE, (9, 9))\n", 1
    )
    command = [sys.executable, "-c", limited, str(LIBRARY), str(tmp_path), "int64"]
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    assert printed(subprocess.Popen(command, env=environment, text=True, **pipes)) == ["3.0", "int", "0"]
    assert printed(start(tmp_path, "int64", NUMBA_CACHE_DIR=str(tmp_path / "cache"))) == ["3.0", "int", "0"]


def test_a_copy_of_the_library_takes_the_kernels_of_the_first_from_the_cache(tmp_path):
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    for name, body, hits in (("first", "x + x", "0"), ("copy", "x + x", "1"), ("edited", "2 * x", "0")):
        folder = tmp_path / name
        folder.mkdir()
        write_kernel(folder, body)
        assert printed(start(folder, "int64", **cache)) == ["3.0", "int", hits], name


def test_threads_that_need_kernels_within_kernels_at_once_end(tmp_path):
    write_kernel(tmp_path)
    (tmp_path / "outer.py").write_text(OUTER)
    threads = """
from threading import Thread
from doubled import double
threads = [Thread(target=kernel, args=(x,)) for x in (1, 1.0, 1j) for kernel in (quadruple, double)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(quadruple.signatures), len(double.signatures))
"""
    program = RUN_OUTER.replace("print(", "#") + threads
    command = [sys.executable, "-c", program, str(LIBRARY), str(tmp_path)]
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    assert printed(subprocess.Popen(command, env=environment, text=True, **pipes)) == ["3", "3"]


def test_without_compilation_kernels_are_plain_functions(tmp_path):
    write_kernel(tmp_path)
    plain = RUN.replace(", len(double.stats.cache_hits)", "")
    command = [sys.executable, "-c", plain, str(LIBRARY), str(tmp_path), "int64"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    assert printed(subprocess.Popen(command, env=environment, text=True, **pipes)) == ["3.0", "int64"]


def test_an_edit_of_an_imported_library_module_gives_another_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("synthem.kernels.compiling.SCRIPTS", tmp_path)
    low = tmp_path / "synthem" / "deep" / "low.py"
    low.parent.mkdir(parents=True)
    low.write_text("STEP = 1\n")
    (tmp_path / "synthem" / "middle.py").write_text("from synthem.deep.low import STEP\n")
    write_kernel(tmp_path, imports="from synthem.middle import STEP")

    def folder():
        return cache_folder(tmp_path / "doubled.py")

    before = folder()
    assert folder() == before
    low.write_text("STEP = 2\n")
    assert folder() != before


@pytest.mark.parametrize(
    ("environment", "root"),
    [
        ({"NUMBA_CACHE_DIR": "/a", "XDG_CACHE_HOME": "/b", "HOME": "/c"}, "/a"),
        ({"XDG_CACHE_HOME": "/b", "HOME": "/c"}, "/b/synthem/kernels"),
        ({"HOME": "/c"}, "/c/.cache/synthem/kernels"),
    ],
)
def test_the_cache_lies_where_the_user_says_or_in_the_users_own_folder(monkeypatch, environment, root):
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert cache_folder(__file__).parent == Path(root)


def test_two_functions_that_processes_compile_apart_are_not_taken_for_each_other(tmp_path):
    """Each sorts by a quicksort within numba, of one name: the one moves values, the other places."""
    for name in ("sort", "argsort"):
        (tmp_path / f"by_{name}.py").write_text(SORTING.format(how=name))

    def run(*names, before=0):
        command = [sys.executable, "-c", RUN_SORTING, str(LIBRARY), str(tmp_path), str(before), *names]
        environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return printed(subprocess.Popen(command, env=environment, text=True, **pipes))

    assert run("by_sort") == ["10", "20", "30"]
    # As if three other functions had been compiled before: by numba's own count both then have one number.
    assert run("by_argsort", before=3) == ["1", "2", "0"]
    assert run("by_sort", "by_argsort") == ["10", "20", "30", "1", "2", "0"]


def test_no_two_processes_give_one_number_to_functions(tmp_path):
    number = """
import sys
sys.path.insert(0, sys.argv[1])
import synthem.kernels.compiling
from numba.core.bytecode import FunctionIdentity
print(FunctionIdentity.from_function(lambda: 0).unique_id)
"""
    command = [sys.executable, "-c", number, str(LIBRARY)]
    assert len({subprocess.check_output(command) for _ in range(3)}) == 3
