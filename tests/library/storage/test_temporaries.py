import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from synthem.storage import temporaries
from synthem.storage.files import write_bytes, writing, writing_folder

LIBRARY = str(Path(temporaries.__file__).parents[2])
WEEK = 7 * 86400
WRITES = """
import sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from synthem.storage import files
if sys.argv[3] == "swapping":
    def replace(*names):
        if str(names[1]).endswith(".old"):
            real(*names)
        print("half", flush=True)
        time.sleep(60)
    real, files.os.replace = files.os.replace, replace
with (files.writing if sys.argv[3] == "file" else files.writing_folder)(sys.argv[2]) as temporary:
    if sys.argv[3] == "file":
        temporary.write_text("half")
    else:
        (temporary / "sub").mkdir()
        (temporary / "sub" / "0.png").write_text("half")
    if sys.argv[3] != "swapping":
        print("half", flush=True)
        time.sleep(60)
"""


def started(path, kind):
    """A process in the middle of writing."""
    command = [sys.executable, "-c", WRITES, LIBRARY, path, kind]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"half\n"
    process.stdout.close()
    return process


def killed(path, kind):
    process = started(path, kind)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def hidden(folder):
    return sorted(name for name in os.listdir(folder) if name.startswith("."))


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_a_killed_job_left_goes_with_the_next_write_to_its_place(tmp_path, kind):
    for _ in range(2):
        killed(tmp_path / "result", kind)
    assert len(hidden(tmp_path)) == 1  # the second job removed what the first left
    write_bytes(tmp_path / "another", b"new")
    assert hidden(tmp_path) == []


def test_a_folder_killed_in_the_middle_of_its_swap_leaves_nothing_after_the_next_write(tmp_path):
    with writing_folder(tmp_path / "result") as root:
        (root / "old").write_text("old")
    killed(tmp_path / "result", "swapping")
    assert [name.rsplit(".", 1)[1] for name in hidden(tmp_path)] == ["old", "part"]
    with writing_folder(tmp_path / "result") as root:
        (root / "new").write_text("new")
    assert os.listdir(tmp_path) == ["result"] and os.listdir(tmp_path / "result") == ["new"]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_a_living_job_writes_stays(tmp_path, kind):
    process = started(tmp_path / "result", kind)
    try:
        write_bytes(tmp_path / "result2", b"new")
        assert len(hidden(tmp_path)) == 1
    finally:
        process.kill()
        process.wait()


def age(path, seconds):
    os.utime(path, (time.time() - seconds,) * 2, follow_symlinks=False)


def test_of_another_machine_only_what_nobody_has_touched_for_a_week_goes(tmp_path, monkeypatch):
    """A job on another node of a cluster has a number that means nothing here."""
    monkeypatch.setattr(socket, "gethostname", lambda: "node17")
    temporaries.this_machine.cache_clear()
    there = temporaries.this_machine()
    monkeypatch.undo()
    temporaries.this_machine.cache_clear()
    assert there != temporaries.this_machine()
    gone = 2**22 + 1  # no process has such a number
    fresh, stale = (tmp_path / f".{name}.h5.{there}.{gone}.part" for name in "ab")
    fresh.write_text("half")
    stale.write_text("half")
    age(fresh, WEEK - 3600)
    age(stale, WEEK + 3600)
    growing, left = (tmp_path / f".{name}.{there}.{gone}.part" for name in "cd")
    for folder in (growing, left):
        (folder / "sub").mkdir(parents=True)
        (folder / "sub" / "0.png").write_text("half")
        for path in (folder / "sub" / "0.png", folder / "sub", folder):
            age(path, WEEK + 3600)
    age(growing / "sub" / "0.png", 60)
    write_bytes(tmp_path / "new", b"new")
    assert hidden(tmp_path) == sorted([fresh.name, growing.name])


def test_files_of_others_stay_however_old(tmp_path):
    names = [
        ".part",
        ".a.part",
        ".a.h5.123.part",
        "a.0123abcd.7.part",
        ".snakemake",
        ".a.0123abcd.7.parts",
        ".DS_Store",
    ]
    for name in names:
        (tmp_path / name).write_text("mine")
        age(tmp_path / name, 100 * WEEK)
    write_bytes(tmp_path / "new", b"new")
    assert sorted(os.listdir(tmp_path)) == sorted([*names, "new"])


def test_a_link_in_the_place_of_a_temporary_goes_and_not_what_it_names(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("kept")
    link = tmp_path / f".a.{temporaries.this_machine()}.{2**22 + 1}.part"
    link.symlink_to(tmp_path / "kept")
    write_bytes(tmp_path / "new", b"new")
    assert not link.is_symlink() and (tmp_path / "kept" / "file").read_text() == "kept"


def test_the_own_temporary_of_a_block_within_a_block_stays(tmp_path):
    with writing(tmp_path / "outer") as temporary:
        temporary.write_text("outer")
        write_bytes(tmp_path / "inner", b"inner")
    assert (tmp_path / "outer").read_text() == "outer"
