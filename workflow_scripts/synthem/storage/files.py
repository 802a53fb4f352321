"""The only place that writes: a file appears whole under its final name, or not at all.

Data goes to a temporary name in the same folder, to the disk (fsync), and then to its final name in
one rename. So a killed job leaves no half file, and two readers never see different halves.
"""

import csv
import errno
import io
import json
import os
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

from synthem.errors import SynthemError, reading, write_error
from synthem.storage.temporaries import remove, remove_dead, temporary_name

NEEDED_TO_START = 2**18  # bytes, for Snakemake's own records
OURS = "a file this workflow wrote"
# Of writes alone: the disk or the quota is full, files are limited, the device fails; None: a short write.
OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, None)
NOT_OF_FOLDERS = (errno.EINVAL, errno.EBADF, errno.ENOSYS, errno.ENOTSUP)  # fsync over networks


@contextmanager
def writing(path, *, size=None):
    """Yields a temporary path to write a file to; renames it to `path` when the block ends well.

    size: bytes that it needs, where that is known, for the error of a full disk.
    """
    path = Path(path)
    temporary = temporary_name(path)
    with _errors_of_writing(path, temporary, size):
        path.parent.mkdir(parents=True, exist_ok=True)
        _refuse_link(path)
        remove_dead(path.parent)
        remove(temporary)  # what a killed job of the same number left
        yield temporary
        to_disk(temporary)
        os.replace(temporary, path)
        to_disk(path.parent)


@contextmanager
def writing_folder(path, *, size=None):
    """Yields a temporary folder to fill, which takes the place of `path` when the block ends well."""
    path = Path(path)
    temporary, old = temporary_name(path), temporary_name(path, "old")
    with _errors_of_writing(path, temporary, size):
        path.parent.mkdir(parents=True, exist_ok=True)
        _refuse_link(path)
        remove_dead(path.parent)
        for left in (temporary, old):
            remove(left)
        temporary.mkdir()
        try:
            yield temporary
            for file in [temporary, *sorted(temporary.rglob("*"))]:
                to_disk(file)
            _replace_folder(temporary, path, old)
            to_disk(path.parent)
        finally:
            remove(old)


def _replace_folder(new, path, old):
    """Folders cannot replace each other in one step: the old one leaves whole, never emptied in its place."""
    if not path.exists():
        os.replace(new, path)
        return
    os.replace(path, old)
    try:
        os.replace(new, path)
    except OSError:
        os.replace(old, path)
        raise


@contextmanager
def _errors_of_writing(path, temporary, size):
    """Turns errors of writing into FILE_WRITE, and leaves others; deletes the half file either way."""
    try:
        yield
    except Exception as error:
        cause = _write_failure(error, path, temporary)
        if cause is None:
            raise
        raise write_error(path, cause, size=size, written=_bytes_in(temporary)) from error
    finally:
        remove(temporary)


def _write_failure(error, path, temporary):
    """The OSError of writing to `temporary` that is behind an error; None if it has another cause.

    One that names no file is of a write: errors of reading have the name. A library that tidies up after a
    full disk may stumble again, and its second error hides the first.
    """
    path, temporary = (Path(os.path.abspath(place)) for place in (path, temporary))  # as libraries name them
    if isinstance(error, OSError):
        names = (name for name in (error.filename, error.filename2) if isinstance(name, str | bytes))
        named = {Path(os.path.abspath(os.fsdecode(name))) for name in names}
        own = all(name in (path, *path.parents) or name.is_relative_to(temporary) for name in named)
        return error if own and error.errno != errno.ENOMEM else None
    if isinstance(error, SynthemError):  # of a file within a folder that is being written
        within = error.code == "FILE_WRITE" and Path(os.path.abspath(error.where)).is_relative_to(temporary)
        return error.__cause__ if within else None
    hidden = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    hidden = _write_failure(hidden, path, temporary) if hidden else None
    return hidden if hidden and hidden.errno in OF_THE_DISK else None


def _bytes_in(path):
    """What a file, or all files of a folder, take of the disk so far."""
    inside = [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names]
    with suppress(OSError):
        return sum(os.lstat(file).st_blocks * 512 for file in [path, *inside])
    return 0


class PatientFile(io.FileIO):
    """A new binary file that keeps its first write error until it is closed.

    For the HDF5 library, which crashes the whole process when a write fails on a full disk.
    """

    def __init__(self, path):
        self.error = None
        super().__init__(path, "w+")

    def write(self, data):
        view, done = memoryview(data).cast("B"), 0
        try:
            while done < len(view):
                done += super().write(view[done:])
        except OSError as error:
            self.error = self.error or error
            self.seek(len(view) - done, os.SEEK_CUR)
        return len(view)

    def truncate(self, size=None):
        try:
            return super().truncate(size)
        except OSError as error:
            self.error = self.error or error
            return size

    def refuse_to_go_on(self):
        """Raise that error, if there is one: called between two writes, so that a long job ends at once."""
        if self.error:
            raise self.error

    def __exit__(self, kind, *details):
        super().__exit__(kind, *details)
        if kind is None:
            self.refuse_to_go_on()


def write_bytes(path, data):
    with writing(path, size=len(data)) as temporary:
        temporary.write_bytes(data)


def write_text(path, text):
    write_bytes(path, text.encode())


def write_json(path, value):
    """Plain data as JSON, keys in their order; not-a-number is refused, since JSON has none."""
    write_text(path, json.dumps(value, indent=1, allow_nan=False) + "\n")


def read_json(path):
    with reading(path, expected=OURS):
        return json.loads(Path(path).read_text(encoding="utf-8"))


def read_value(path, key, kind):
    """The value of a key of one of our JSON files, which must be of this type."""
    found = read_json(path)
    with reading(path, expected=OURS):
        if not isinstance(found, dict) or type(found.get(key)) is not kind:
            raise ValueError(f"`{key}` has no value that it can have")
        return found[key]


def write_table(path, rows, columns):
    """Rows (dicts) as CSV with exactly these columns; floats in full, so that reading gives them back."""
    text = io.StringIO()
    table = csv.DictWriter(text, columns, lineterminator="\n", extrasaction="raise")
    table.writeheader()
    table.writerows(rows)
    write_text(path, text.getvalue())


def write_history(path, history):
    """Losses per step as CSV; what was measured only now and then leaves blanks."""
    rows = [{"step": step} | row for step, row in enumerate(history, start=1)]
    write_table(path, rows, list(dict.fromkeys(key for row in rows for key in row)))


def _refuse_link(path):
    if path.is_symlink():
        raise SynthemError(
            "FILE_WRITE",
            path,
            f"a symbolic link to {os.readlink(path)}",
            expected="a plain file or nothing",
            fix="remove the link: results are not written through links",
        )


def to_disk(path):
    """Return when what was written lies on the disk; of a folder, where its file system can say so."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if not (os.path.isdir(path) and error.errno in NOT_OF_FOLDERS):
            raise
    finally:
        os.close(descriptor)


def check_named(path):
    """An error where a file that the config names is not there."""
    if not Path(path).is_file():
        raise SynthemError(
            "DATA_MISSING",
            path,
            "no such file",
            expected="a file that the config names",
            fix="correct the path in the config, or put the file there",
        )


def check_braces(home):
    """Refuse a folder of the project with braces in its path, which Snakemake fills in as it runs scripts."""
    if {"{", "}"} & set(str(home)):
        found = "braces in its path, in which Snakemake looks for a variable when it runs a script"
        fix = "move or clone it to a folder without braces; results may lie anywhere (--directory)"
        raise SynthemError("FILE_READ", home, found, expected="a path without { and }", fix=fix)


def check_folder(path):
    """Refuse a folder that files cannot be written to, or that cannot be made; nothing is left in it."""
    path = Path(path)
    if os.path.lexists(path) and not path.is_dir():
        found = "a link that leads nowhere" if path.is_symlink() else "a file"
        fix = "move it out of the way"
        raise SynthemError("FILE_WRITE", path, found, expected="a folder, or nothing", fix=fix)
    existing = next(folder for folder in (path, *path.absolute().parents) if folder.is_dir())
    try:
        with tempfile.TemporaryFile(dir=existing) as probe:
            probe.write(bytes(NEEDED_TO_START))
            probe.flush()
    except OSError as error:
        raise write_error(path, error, size=NEEDED_TO_START) from error
