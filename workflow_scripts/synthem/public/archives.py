"""A .zip archive -> files in a folder; what it names outside of the folder is refused."""

import zipfile
from pathlib import Path, PurePosixPath

from synthem.errors import SynthemError
from synthem.storage.files import writing
from synthem.storage.zips import DAMAGED_ZIP

PIECE_BYTES = 1 << 20


def unpack(archive, folder, *, inside):
    """Put every file below `inside` (a folder of the archive, "" for all) into `folder`; return how many.

    Each file appears whole or not at all; those that are there already are written again.
    """
    try:
        with zipfile.ZipFile(archive) as packed:
            members = [
                one for one in packed.infolist() if one.filename.startswith(inside) and not one.is_dir()
            ]
            for member in members:
                _unpack_one(packed, member, Path(folder) / _inner(archive, member.filename[len(inside) :]))
            return len(members)
    except DAMAGED_ZIP as error:
        raise _damaged(archive, error) from error


def _inner(archive, name):
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or not path.parts:
        raise _damaged(archive, f"it names `{name}`, which lies outside")
    return path


def _unpack_one(packed, member, target):
    with packed.open(member) as source, writing(target) as temporary, open(temporary, "wb") as out:
        while piece := source.read(PIECE_BYTES):
            out.write(piece)


def _damaged(archive, error):
    fix = "delete it and run again"
    return SynthemError(
        "DATA_FORMAT", archive, f"not unpacked: {error}", expected="a sound .zip file", fix=fix
    )
