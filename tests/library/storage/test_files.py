import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.storage import files
from synthem.storage.files import (
    check_braces,
    check_folder,
    read_json,
    read_value,
    to_disk,
    write_bytes,
    write_json,
    write_table,
    writing,
    writing_folder,
)
from synthem.storage.tables import read_table
from tests.shared.small_disk import fill, small_disk

LIBRARY = str(Path(files.__file__).parents[2])


def code_of(action, *arguments):
    with pytest.raises(SynthemError) as caught:
        action(*arguments)
    return caught.value.code


def killed_in_the_middle(program, *arguments):
    """Run a program that says when it is in the middle of writing, and kill it there."""
    run = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import sys, time; sys.path.insert(0, {LIBRARY!r})\n{program}",
            *map(str, arguments),
        ],
        stdout=subprocess.PIPE,
    )
    assert run.stdout.readline() == b"half\n"
    run.send_signal(signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL
    run.stdout.close()


def test_a_file_appears_whole_with_its_folders(tmp_path):
    write_bytes(tmp_path / "a" / "b.bin", b"data")
    assert (tmp_path / "a" / "b.bin").read_bytes() == b"data"
    assert os.listdir(tmp_path / "a") == ["b.bin"]


def test_an_error_half_way_keeps_the_old_file_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), writing(path) as temporary:
        temporary.write_text("half")
        1 / 0  # noqa: B018
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_kill_half_way_keeps_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    killed_in_the_middle(
        """
from synthem.storage.files import writing
with writing(sys.argv[1]) as temporary:
    temporary.write_text("half"); print("half", flush=True); time.sleep(9999)
""",
        path,
    )
    assert path.read_text() == "old"
    write_bytes(path, b"new")
    assert path.read_text() == "new"


def test_a_kill_half_way_leaves_no_new_file(tmp_path):
    path = tmp_path / "a.txt"
    killed_in_the_middle(
        """
from synthem.storage.files import writing
with writing(sys.argv[1]) as temporary:
    temporary.write_text("half"); print("half", flush=True); time.sleep(9999)
""",
        path,
    )
    assert not path.exists()


def test_a_kill_half_way_keeps_the_old_folder(tmp_path):
    folder = tmp_path / "png"
    with writing_folder(folder) as root:
        (root / "0.png").write_text("old")
    killed_in_the_middle(
        """
from synthem.storage.files import writing_folder
with writing_folder(sys.argv[1]) as root:
    (root / "0.png").write_text("half"); print("half", flush=True); time.sleep(9999)
""",
        folder,
    )
    assert [file.read_text() for file in folder.iterdir()] == ["old"]


def test_a_folder_takes_the_place_of_the_old_one(tmp_path):
    folder = tmp_path / "png"
    for name in ("old", "new"):
        with writing_folder(folder) as root:
            (root / name).write_text(name)
    assert os.listdir(folder) == ["new"]
    assert os.listdir(tmp_path) == ["png"]


def test_a_folder_that_fails_half_way_keeps_the_old_one(tmp_path):
    folder = tmp_path / "png"
    with writing_folder(folder) as root:
        (root / "old").write_text("old")
    with pytest.raises(ZeroDivisionError), writing_folder(folder) as root:
        (root / "new").write_text("half")
        1 / 0  # noqa: B018
    assert os.listdir(folder) == ["old"]
    assert os.listdir(tmp_path) == ["png"]


def test_a_folder_that_cannot_take_its_place_leaves_the_old_one(tmp_path, monkeypatch):
    folder = tmp_path / "png"
    with writing_folder(folder) as root:
        (root / "old").write_text("old")
    replace = os.replace

    def failing(source, target):
        if str(source).endswith(".part"):
            raise OSError(errno.EIO, "Input/output error")
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(SynthemError, match="FILE_WRITE"), writing_folder(folder) as root:
        (root / "new").write_text("new")
    assert os.listdir(folder) == ["old"]


def test_what_a_killed_job_of_the_same_number_left_does_no_harm(tmp_path):
    target = tmp_path / "elsewhere.txt"
    target.write_text("kept")
    (tmp_path / f".a.txt.{os.getpid()}.part").symlink_to(target)
    left = tmp_path / f".png.{os.getpid()}.part"
    left.mkdir()
    (left / "half.png").write_text("half")
    write_bytes(tmp_path / "a.txt", b"new")
    with writing_folder(tmp_path / "png") as root:
        (root / "0.png").write_text("new")
    assert target.read_text() == "kept"
    assert (tmp_path / "a.txt").read_text() == "new"
    assert os.listdir(tmp_path / "png") == ["0.png"]


def test_results_are_not_written_through_links(tmp_path):
    (tmp_path / "target").write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    assert code_of(write_bytes, tmp_path / "link", b"new") == "FILE_WRITE"
    assert (tmp_path / "target").read_text() == "kept"


def test_a_folder_that_cannot_be_made_is_a_write_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SynthemError, match=r"place of a folder: \S+/file \([0-9.]+ GB free") as caught:
        write_bytes(tmp_path / "file" / "a.txt", b"")
    assert caught.value.code == "FILE_WRITE"
    with pytest.raises(SynthemError, match="FILE_WRITE"), writing_folder(tmp_path / "file" / "png"):
        pass


def test_a_name_that_is_too_long_is_a_write_error(tmp_path):
    assert code_of(write_bytes, tmp_path / ("a" * 300), b"") == "FILE_WRITE"


def test_a_full_disk_is_a_write_error_and_keeps_the_old_file(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        write_bytes(disk / "a.bin", b"old")
        with pytest.raises(SynthemError, match="is full: 1.0 MB were free for this, about 2.0 MB are needed"):
            write_bytes(disk / "a.bin", bytes(2_000_000))
        assert (disk / "a.bin").read_bytes() == b"old"
        assert os.listdir(disk) == ["a.bin"]


def test_the_full_disk_is_named_that_a_link_of_results_leads_to(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        (tmp_path / "results").symlink_to(disk)
        fill(disk, leave=0)
        with pytest.raises(SynthemError, match=f"FILE_WRITE {tmp_path}/results.*the disk {disk} is full"):
            write_bytes(tmp_path / "results/a.bin", bytes(2**20))


def test_a_file_system_that_brings_no_folder_to_the_disk_loses_no_file():
    """/proc answers as some file systems of networks do; of a file, it is an error."""
    folder = Path("/proc/self")
    with pytest.raises(OSError, match="Invalid argument"):
        to_disk(folder / "status")
    to_disk(folder)


def test_a_full_disk_does_not_crash_the_hdf5_library(tmp_path):
    program = f"""
import sys; sys.path.insert(0, {LIBRARY!r})
import numpy as np
from synthem.storage.arrays import write_arrays
noise = np.random.default_rng(0).integers(0, 255, (8, 600, 600), dtype=np.uint8)
write_arrays(sys.argv[1], {{"image": noise}}, {{}})
"""
    with small_disk(tmp_path / "disk") as disk:
        run = subprocess.run([sys.executable, "-c", program, disk / "v.h5"], capture_output=True, text=True)
        assert run.returncode == 1
        assert "ERROR FILE_WRITE" in run.stderr and "about 2.9 MB are needed" in run.stderr
        assert os.listdir(disk) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_an_error_of_the_disk_without_a_name_is_a_write_error(tmp_path, number):
    with pytest.raises(SynthemError) as caught, writing(tmp_path / "a.txt"):
        raise OSError(number, os.strerror(number))
    assert caught.value.code == "FILE_WRITE"
    assert "quota on that disk is used up" in caught.value.found  # for there is room


def test_a_write_error_is_known_by_full_and_relative_names_and_behind_what_it_led_to(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    number, words = errno.ENOSPC, "No space left on device"

    def stumbling(temporary):
        try:
            raise OSError(number, words, str(temporary.absolute() / "sub"))
        finally:
            {}["closing"]  # as a library does that tidies up

    for failing in (stumbling, lambda temporary: open(temporary / "missing" / "x", "w")):
        with pytest.raises(SynthemError, match="FILE_WRITE folder: "), writing_folder("folder") as temporary:
            failing(temporary)
    with pytest.raises(KeyError), writing("a.txt") as temporary:
        try:
            raise OSError(number, words, "/elsewhere/b.txt")
        finally:
            {}["closing"]


def test_an_error_of_reading_another_file_is_not_a_write_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="other.txt"), writing(tmp_path / "a.txt"):
        (tmp_path / "other.txt").read_text()
    with pytest.raises(FileNotFoundError, match="other.txt"), writing_folder(tmp_path / "a"):
        (tmp_path / "other.txt").read_text()


def test_a_patient_file_keeps_the_first_error_until_it_is_closed(monkeypatch, tmp_path):
    raw = files.PatientFile("/dev/full")
    with pytest.raises(OSError, match="No space left"), raw:
        assert raw.write(b"1234") == 4
        assert raw.write(b"5678") == 4


def test_a_patient_file_holds_what_was_written(tmp_path):
    with files.PatientFile(tmp_path / "a.bin") as raw:
        raw.write(b"12345678")
        raw.seek(2)
        raw.write(np.arange(2, dtype=np.uint16).view())
        raw.truncate(7)
    assert (tmp_path / "a.bin").read_bytes() == b"12\0\0\1\x007"


def test_two_writers_at_once_leave_one_whole_file(tmp_path):
    program = f"""
import sys; sys.path.insert(0, {LIBRARY!r})
from synthem.storage.files import write_text
for _ in range(30): write_text(sys.argv[1], sys.argv[2] * 100_000)
"""
    path = tmp_path / "a.txt"
    runs = [subprocess.Popen([sys.executable, "-c", program, path, letter]) for letter in "ab"]
    seen = set()
    while any(run.poll() is None for run in runs):
        seen |= {path.read_text()} if path.exists() else set()
        time.sleep(0.001)
    assert [run.returncode for run in runs] == [0, 0]
    assert seen | {path.read_text()} <= {"a" * 100_000, "b" * 100_000}


def test_floats_of_a_table_read_back_exactly(tmp_path):
    values = [0.1, 1 / 3, 1e-300, 123456789.123456789, -2.5e17, 5e-324]
    write_table(tmp_path / "t.csv", [{"x": value} for value in values], ["x"])
    assert [row["x"] for row in read_table(tmp_path / "t.csv")] == values


def test_a_table_refuses_a_column_it_was_not_promised(tmp_path):
    with pytest.raises(ValueError, match="surprise"):
        write_table(tmp_path / "t.csv", [{"x": 1, "surprise": 2}], ["x"])


def test_json_keeps_the_order_of_keys_and_refuses_not_a_number(tmp_path):
    write_json(tmp_path / "a.json", {"b": 1, "a": [0.1]})
    assert list(read_json(tmp_path / "a.json").items()) == [("b", 1), ("a", [0.1])]
    with pytest.raises(ValueError):
        write_json(tmp_path / "a.json", {"a": float("nan")})
    assert read_json(tmp_path / "a.json")["b"] == 1


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"half a file"])
def test_damaged_json_is_a_read_error(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    assert code_of(read_json, tmp_path / "a.json") == "FILE_READ"


@pytest.mark.parametrize("content", ["{}", "[]", '{"enough": "no"}', '{"enough": 1}'])
def test_json_without_the_value_that_it_must_have_is_a_read_error(tmp_path, content):
    (tmp_path / "a.json").write_text(content)
    assert code_of(read_value, tmp_path / "a.json", "enough", bool) == "FILE_READ"
    (tmp_path / "a.json").write_text('{"enough": false}')
    assert read_value(tmp_path / "a.json", "enough", bool) is False


def test_missing_json_is_a_read_error(tmp_path):
    assert code_of(read_json, tmp_path / "a.json") == "FILE_READ"


def test_a_history_leaves_blank_what_was_not_measured(tmp_path):
    files.write_history(tmp_path / "h.csv", [{"loss": 0.5}, {"loss": 0.25, "dice": 0.75}])
    assert (tmp_path / "h.csv").read_text() == "step,loss,dice\n1,0.5,\n2,0.25,0.75\n"


def test_a_folder_that_results_can_go_to_is_left_as_it_was(tmp_path):
    check_folder(tmp_path / "not" / "yet")
    check_folder(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_project_below_a_folder_with_braces_is_refused():
    """Snakemake ended such a run at its first script: `NameError: The name 'lab' is unknown`."""
    check_braces("/home/me/lab/project")
    for home in ("/home/me/{lab}/project", "/home/me/lab}/project"):
        with pytest.raises(SynthemError, match="FILE_READ /home/me/.*: braces in its path"):
            check_braces(home)


def test_a_place_where_no_folder_can_be_is_a_write_error(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("nowhere")
    for place, found in (("file", "a file"), ("link", "a link that leads nowhere")):
        with pytest.raises(SynthemError, match=f"FILE_WRITE .*{place}: {found} "):
            check_folder(tmp_path / place)


def test_a_folder_that_takes_no_files_is_a_write_error():
    with pytest.raises(SynthemError, match="FILE_WRITE /proc/synthem"):
        check_folder("/proc/synthem")
