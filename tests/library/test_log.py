import errno
import os
import signal
import subprocess
import sys

import pytest

from synthem.errors import SynthemError, SynthemErrors
from synthem.log import error_block, logged_to, say
from tests.shared.project import LIBRARY


def problem(where="a.tif"):
    return SynthemError("DATA_SHAPE", where, "3 axes", expected="2", fix="save it flat")


def failing(path, error):
    """Run a script that says something and fails; its exit code."""
    with pytest.raises(SystemExit) as caught, logged_to(path):
        say("half done")
        raise error
    return caught.value.code


def test_an_error_stands_first_then_the_traceback_then_the_progress(tmp_path):
    assert failing(tmp_path / "r" / "x.log", problem()) == 1
    lines = (tmp_path / "r" / "x.log").read_text().splitlines()
    assert lines[0] == str(problem())
    assert lines[2] == "Traceback (most recent call last):"
    assert lines[-1].endswith("half done")


def test_only_the_block_goes_to_the_output(tmp_path, capsys):
    failing(tmp_path / "x.log", problem())
    assert capsys.readouterr() == ("", f"{problem()}\n")


def test_several_problems_are_all_shown(tmp_path, capsys):
    failing(tmp_path / "x.log", SynthemErrors([problem("a"), problem("b")]))
    assert capsys.readouterr().err == f"{problem('a')}\n{problem('b')}\n"


def test_a_step_that_ends_well_leaves_its_progress(tmp_path, capsys):
    with logged_to(tmp_path / "x.log"):
        say("one")
        say("two")
    lines = (tmp_path / "x.log").read_text().splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == ["one", "two"]
    assert capsys.readouterr().err == ""


def test_progress_can_be_read_while_the_step_runs(tmp_path):
    with logged_to(tmp_path / "x.log"):
        say("one")
        assert (tmp_path / "x.log").read_text().endswith("one\n")


AT_ITS_END = """
import atexit, os, signal, sys
from synthem.log import logged_to, say

atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT) or print("ended"))
with logged_to(sys.argv[1]):
    os.kill(os.getpid(), signal.SIGINT)
"""


def test_a_second_ctrl_c_while_python_ends_a_script_is_no_traceback(tmp_path):
    command = [sys.executable, "-c", AT_ITS_END, str(tmp_path / "x.log")]
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(LIBRARY)}
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "ended\n", "")


BETWEEN = """
import os, signal, sys
from synthem.log import logged_to

def ctrl_c(frame, event, argument):
    if [event, frame.f_code.co_name] == sys.argv[2:] and frame.f_back.f_code.co_filename == "<string>":
        sys.setprofile(None)
        os.kill(os.getpid(), signal.SIGINT)

sys.setprofile(ctrl_c)
with logged_to(sys.argv[1]):
    pass
"""


@pytest.mark.parametrize("moment", [["return", "__enter__"], ["call", "__exit__"]], ids=["before", "after"])
def test_ctrl_c_between_a_with_and_its_block_is_no_traceback(tmp_path, moment):
    """There no `except` waits for it yet, or no more: Python itself would tell the user."""
    command = [sys.executable, "-c", BETWEEN, str(tmp_path / "x.log"), *moment]
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(LIBRARY)}
    )
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")


def test_ctrl_c_ends_a_step_without_a_word_on_the_terminal(tmp_path, capsys):
    assert failing(tmp_path / "x.log", KeyboardInterrupt()) == 130  # what a shell says of SIGINT
    assert capsys.readouterr().err == ""
    assert (tmp_path / "x.log").read_text().endswith("stopped by Ctrl-C\n")


def test_an_exit_is_no_error(tmp_path, capsys):
    assert failing(tmp_path / "x.log", SystemExit(7)) == 7
    assert capsys.readouterr().err == ""


def test_without_a_log_progress_goes_to_the_terminal(capsys):
    say("hello")
    assert capsys.readouterr().err.endswith(" hello\n")


def test_a_log_that_cannot_be_opened_is_a_write_error(tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SystemExit) as caught, logged_to(tmp_path / "file" / "x.log"):
        pass
    assert caught.value.code == 1
    assert capsys.readouterr().err.startswith("ERROR FILE_WRITE ")


def test_an_error_is_told_when_the_log_cannot_be_written(tmp_path, capsys):
    path = tmp_path / "x.log"
    with pytest.raises(SystemExit), logged_to(path):
        path.unlink()
        path.mkdir()
        raise problem()
    assert capsys.readouterr().err == f"{problem()}\n"


def test_a_name_that_is_not_utf8_reaches_log_and_output(tmp_path, capsys):
    failing(tmp_path / "x.log", ValueError("bad name \udcff.tif"))
    assert r"\udcff.tif" in (tmp_path / "x.log").read_text()
    assert capsys.readouterr().err.startswith("ERROR UNEXPECTED this step: ValueError: bad name")


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."),
        OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)),
        RuntimeError("std::bad_alloc"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
        RuntimeError("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED"),  # of cuDNN 9
        RuntimeError("GET was unable to find an engine to execute this computation"),
    ],
)
def test_running_out_of_memory_says_what_to_lower(error):
    block = error_block(error)
    assert block.startswith("ERROR MEMORY this step: ") and "batch_size" in block and "\n" not in block


def test_a_full_disk_anywhere_is_a_write_error():
    assert error_block(OSError(errno.ENOSPC, "No space left on device")).startswith("ERROR FILE_WRITE ")


def test_a_missing_package_is_named_as_it_is_installed_with_its_environment():
    block = error_block(ModuleNotFoundError("No module named 'skimage.measure'", name="skimage.measure"))
    assert block.startswith("ERROR ENVIRONMENT scikit-image: No module named 'skimage.measure'")
    assert sys.prefix in block


@pytest.mark.parametrize(
    "prefix, fix",
    [
        ("/home/me/synthem/.venv", "delete /home/me/synthem/.venv, then: make setup"),
        ("/home/me/synthem/.snakemake/conda/ab12_", "--sdm conda"),
        ("/usr", "run `make setup` and use .venv/bin/snakemake"),
    ],
)
def test_a_broken_package_is_remedied_where_it_was_installed(monkeypatch, prefix, fix):
    monkeypatch.setattr(sys, "prefix", prefix)
    assert fix in error_block(ImportError("libcudart.so.13: cannot open shared object file", name="torch"))


def test_a_name_that_the_project_itself_lacks_is_a_fault_of_the_program():
    error = ImportError("cannot import name 'x' from 'synthem.storage.files'", name="synthem.storage.files")
    assert error_block(error).startswith("ERROR UNEXPECTED ")


def test_an_unknown_error_is_one_line_with_its_type():
    block = error_block(KeyError("a\nb"))
    assert block.startswith("ERROR UNEXPECTED this step: KeyError: ") and len(block.splitlines()) == 1


def test_the_log_is_closed_after_an_error(tmp_path, capsys):
    failing(tmp_path / "x.log", problem())
    capsys.readouterr()
    say("later")
    assert capsys.readouterr().err.endswith("later\n")
    assert "later" not in (tmp_path / "x.log").read_text()
    assert sys.stderr is not None
