"""Errors of a user's files, in one form for all readers, and the limits that a header must keep."""

import difflib
import math
import os
import re
from contextlib import contextmanager
from pathlib import Path

from synthem.errors import SynthemError

LARGEST_BYTES = 2**40  # more than this in one source is a forged header
LARGEST_PLANE = 512 * 2**20  # a plane is decoded whole, and so is a chunk
MOST_LISTED = 20  # arrays in a message
KINDS = (
    "a TIFF, MRC or NIfTI file",
    "a folder or a pattern of PNG, TIFF or JPEG slices",
    "`file.h5:dataset`",
    "a Zarr store",
)


def refuse_giant(where, shape, dtype, limit=None, what="the header announces"):
    """An error where the array that a header announces is larger than any true one."""
    limit = limit or LARGEST_BYTES
    announced = math.prod(int(size) for size in shape) * dtype.itemsize
    if announced > limit:
        raise SynthemError(
            "DATA_TOO_LARGE",
            where,
            f"{what} {announced / 2**30:.1f} GiB",
            expected=f"at most {limit / 2**30:g} GiB",
            fix="check the file, or cut the stack",
        )


def missing(where, found, *, fix="correct the path"):
    return SynthemError("DATA_MISSING", where, found, expected=" or ".join(KINDS), fix=fix)


def _remedy(path):
    """What to do about a path that does not exist, by what is odd about it."""
    if not path.isprintable():
        return "write paths with /, or in single quotes: in double quotes YAML reads \\t as a tab"
    if drive := re.match(r"([A-Za-z]):[\\/]", path):
        inside = path[3:].replace("\\", "/")
        return f"write it as this system does; in WSL: /mnt/{drive[1].lower()}/{inside}"
    if re.search(r"[$%]\w", path):
        return "write the folder out, or `~` for your home: variables are not filled in"
    if "\\" in path:
        return "write / between folders"
    if whole := _longer(Path(path)):
        return f"put it in quotes, for it has spaces: '{whole}'"
    return f"did you mean `{meant}`" if (meant := _alike(Path(path))) else "correct the path"


def _longer(path):
    """The one path beside it that goes on behind a space: a shell cuts paths there that are not quoted."""
    try:
        longer = [name for name in os.listdir(path.parent) if name.startswith(f"{path.name} ")]
    except (OSError, ValueError):
        return None
    return path.with_name(longer[0]) if len(longer) == 1 else None


def _alike(path):
    """The path with its first name that does not exist replaced by the one beside it that is most like it."""
    lost = next((part for part in (*reversed(path.parents), path) if not os.path.lexists(part)), path)
    try:
        close = difflib.get_close_matches(lost.name, os.listdir(lost.parent), 1)
    except (OSError, ValueError):
        return None
    return lost.parent / close[0] / path.relative_to(lost) if close else None


def listed(found, kind):
    """The first of the arrays `found` in a file, in words; "no dataset" where there are none."""
    return ", ".join(found[:MOST_LISTED]) + ", ..." * (len(found) > MOST_LISTED) or f"no {kind}"


def damaged(where, error):
    return SynthemError(
        "DATA_FORMAT",
        where,
        f"not readable: {error or type(error).__name__}",
        expected="an undamaged file of the kind of its name",
        fix="copy or export it again",
    )


def not_one_stack(where, found, *, fix="save one of them as a file of its own"):
    """The error of a file that is sound, and holds several stacks, or a part of one."""
    return SynthemError("DATA_FORMAT", where, found, expected="one stack, all of it in one file", fix=fix)


@contextmanager
def decoding(where):
    """Turns whatever a decoder raises on a damaged file into one SynthemError."""
    try:
        yield
    except (SynthemError, MemoryError):
        raise
    except Exception as error:  # decoders raise almost anything on damaged input
        raise damaged(where, error) from error


def check_plain(file):
    """An error unless it is a plain file that is not empty; a pipe would keep the run waiting for ever."""
    if not os.path.isfile(file):
        unsuitable = "neither a file nor a folder" if os.path.exists(file) else "no such file or folder"
        unsuitable = "a folder where a file should be" if os.path.isdir(file) else unsuitable
        raise missing(file, unsuitable, fix=_remedy(str(file)))
    if os.path.getsize(file) == 0:
        raise damaged(file, "0 bytes")


def unknown_packing(file, name):
    return SynthemError(
        "DATA_FORMAT",
        file,
        f"compression {name}",
        expected="none, gzip, or another that loses nothing and is common",
        fix="save it with gzip or without compression",
    )
