"""Public files from the network, pinned by their hash and resumed where an earlier run was cut off.

The one exception to `files`: what came of a large file must outlive a killed run, so it grows as
`<target>.part`. The final name still appears in one rename, and only for the pinned bytes.
"""

import fcntl
import hashlib
import os
import time
import urllib.request
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError

from synthem.errors import SynthemError, write_error
from synthem.log import say

SILENT_SECONDS = 60  # a server that sends nothing for so long is given up
PROGRESS_SECONDS = 10
PIECE_BYTES = 1 << 16


class _NotDownloaded(Exception):
    """The network, the server or another process is in the way; the disk is not."""


def fetch(url, target, *, sha256):
    """Have the file with this sha256 at `target`: the one that is there already, else a download of `url`."""
    target = Path(target)
    try:
        if target.exists():
            _require_hash(target, sha256, fix="move it away, then run again: the pinned one is downloaded")
        else:
            _download(url, target, sha256)
    except _NotDownloaded as error:
        raise SynthemError(
            "DATA_DOWNLOAD",
            url,
            error,
            expected="a server that sends the file",
            fix="run again, which downloads only what is missing; or download it by other means to "
            f"{target}; it is then used as it is",
        ) from error
    except OSError as error:
        raise write_error(target, error) from error


def _download(url, target, sha256):
    pooch = _pooch(url, target)
    pooch.get_logger().setLevel("WARNING")
    part = target.with_name(f"{target.name}.part")

    def resume(url, temporary, _):
        os.unlink(temporary)  # pooch made it, empty: a killed run would leave it behind
        with _alone_with(part) as file:
            _complete(file, url, target.name)
            _require_pinned(part, url, sha256)
            os.replace(part, temporary)

    pooch.retrieve(
        url, known_hash=f"sha256:{sha256}", fname=target.name, path=target.parent, downloader=resume
    )


def _pooch(url, target):
    """Imported only to download: a file that came by other means needs no pooch."""
    try:
        import pooch
    except ImportError as error:
        raise SynthemError(
            "DATA_MISSING",
            target,
            "no such file, and the library pooch that downloads it is not installed",
            expected=f"the library pooch, or the file of {url}",
            fix="pip install pooch",
        ) from error
    return pooch


def _require_pinned(part, url, sha256):
    """A part of another version spoils what is added to it: it goes, so that the next run starts anew."""
    try:
        _require_hash(
            part,
            sha256,
            fix="run again: these bytes were deleted, so it starts anew; should it fail again, "
            f"{url} has another file than the pinned one",
        )
    except SynthemError:
        part.unlink()
        raise


def _require_hash(path, sha256, *, fix):
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
    if found != sha256:
        raise SynthemError(
            "DATA_FORMAT",
            path,
            f"{size} bytes with sha256 {found}",
            expected=f"the pinned file, sha256 {sha256}",
            fix=fix,
        )


@contextmanager
def _alone_with(part):
    """The part, open to add to; two processes that add to one part would mix their bytes."""
    with part.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _NotDownloaded("another process downloads it to the same place") from error
        yield file


def _complete(file, url, name):
    """Append the missing bytes of the file at `url`, or all of it where the server sends no parts."""
    with _network_errors():
        answer = _answer(url, first=file.tell())
    if answer is None:
        return
    with answer:
        if answer.status == 206:
            say(f"{name}: {_megabytes(file.tell())} were here already")
        elif file.tell():
            file.seek(0)
            file.truncate()
        spoke = time.monotonic()
        for piece, total in _pieces(answer, have=file.tell()):
            file.write(piece)
            if time.monotonic() - spoke >= PROGRESS_SECONDS:
                spoke = time.monotonic()
                say(f"{name}: {_megabytes(file.tell())} of {total}")
    file.flush()
    os.fsync(file.fileno())
    say(f"{name}: {_megabytes(file.tell())}, complete")


def _answer(url, first):
    """The response of the server from byte `first` on; None where there are no more bytes."""
    if not url.startswith(("https://", "http://")):
        raise HTTPException("neither https nor http")
    request = urllib.request.Request(url, headers={"User-Agent": "synthem"})
    if first:
        request.add_header("Range", f"bytes={first}-")
    try:
        return urllib.request.urlopen(request, timeout=SILENT_SECONDS)
    except HTTPError as error:
        if first and error.code == 416:
            return None
        raise


def _pieces(answer, have):
    """The bytes of an answer piece by piece, each with the size of the whole file in words."""
    with _network_errors():
        length = answer.headers["Content-Length"]
        total = have + int(length) if length else 0
        in_words = _megabytes(total) if total else "an unknown size"
        while piece := answer.read(PIECE_BYTES):
            have += len(piece)
            yield piece, in_words
        if have < total:  # which http.client takes for the end
            raise HTTPException(f"the connection ended after {have} of {total} bytes")


@contextmanager
def _network_errors():
    try:
        yield
    except (OSError, HTTPException, ValueError) as error:
        raise _NotDownloaded(str(error).strip("<>") or type(error).__name__) from error


def _megabytes(size):
    return f"{size / 1e6:.1f} MB"
