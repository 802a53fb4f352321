"""The only place that writes: a file appears whole under its final name, or not at all.

Data goes to a temporary name in the same folder, to the disk (fsync), and then to its final name in
one rename. So a killed job leaves no half file, and two readers never see different halves.
"""

import csv
import errno
import io
import json
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

from synthem.errors import SynthemError

# Errors of a write that name no file: the disk or the quota is full, the device fails.
OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)


@contextmanager
def writing(path):
    """Give a temporary path to write a file to; rename it to `path` when the block ends well."""
    path = Path(path)
    temporary = _temporary(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _refuse_link(path)
        temporary.unlink(missing_ok=True)  # what a killed job of the same number left
        with _own_errors(temporary):
            yield temporary
        _to_disk(temporary)
        os.replace(temporary, path)
        _to_disk(path.parent)
    except _ForeignError as error:
        raise error.__cause__ from None  # as it was
    except OSError as error:
        raise write_error(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


@contextmanager
def writing_folder(path):
    """Give a temporary folder to fill; it takes the place of `path` when the block ends well."""
    path = Path(path)
    temporary, old = _temporary(path), _temporary(path, "old")
    try:
        _refuse_link(path)
        for left in (temporary, old):
            shutil.rmtree(left, ignore_errors=True)
        temporary.mkdir(parents=True)
        with _own_errors(temporary):
            yield temporary
        for file in [temporary, *sorted(temporary.rglob("*"))]:
            _to_disk(file)
        _replace_folder(temporary, path, old)
        _to_disk(path.parent)
    except _ForeignError as error:
        raise error.__cause__ from None  # as it was
    except OSError as error:
        raise write_error(path, error) from error
    finally:
        for left in (temporary, old):
            shutil.rmtree(left, ignore_errors=True)


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


class _ForeignError(Exception):
    """An OSError inside a writing block that is about another file, such as one that is read there."""


@contextmanager
def _own_errors(temporary):
    """Tell errors of writing to `temporary` from errors of whatever else the block does."""
    try:
        yield
    except OSError as error:
        named = str(error.filename or "") + str(error)
        if str(temporary) in named or (error.filename is None and error.errno in OF_THE_DISK):
            raise
        raise _ForeignError from error


def _temporary(path, kind="part"):
    return path.with_name(f".{path.name}.{os.getpid()}.{kind}")


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

    def __exit__(self, kind, *details):
        super().__exit__(kind, *details)
        if self.error and kind is None:
            raise self.error


def write_bytes(path, data):
    with writing(path) as temporary:
        temporary.write_bytes(data)


def write_text(path, text):
    write_bytes(path, text.encode())


def write_json(path, value):
    """Keys keep the order in which the program made them; not-a-number is refused, JSON has none."""
    write_text(path, json.dumps(value, indent=1, allow_nan=False) + "\n")


def read_json(path):
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SynthemError(
            "FILE_READ",
            path,
            f"not readable as JSON: {error}",
            expected="a file this workflow wrote",
            fix="delete it and run again",
        ) from error


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


def _to_disk(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_folder(path):
    """Refuse a folder that files cannot be written to, or that cannot be made; nothing is left in it."""
    path = Path(path)
    if os.path.lexists(path) and not path.is_dir():
        found = "a link that leads nowhere" if path.is_symlink() else "a file"
        fix = "move it out of the way"
        raise SynthemError("FILE_WRITE", path, found, expected="a folder, or nothing", fix=fix)
    existing = next(folder for folder in (path, *path.absolute().parents) if folder.is_dir())
    try:
        tempfile.TemporaryFile(dir=existing).close()
    except OSError as error:
        raise write_error(path, error) from error


def write_error(path, error):
    """The OSError of a write as FILE_WRITE, with the space that is left."""
    space = ""
    for parent in Path(path).absolute().parents:
        with suppress(OSError):
            space = f" ({shutil.disk_usage(parent).free / 1e9:.1f} GB free)"
            break
    return SynthemError(
        "FILE_WRITE",
        path,
        f"{error.strerror or error}{space}",
        expected="a writable folder with enough space",
        fix="free space or permit writing, then run again: finished results are kept",
    )
