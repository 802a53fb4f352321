"""What a result was made from: hashes of the content of files, settings, versions."""

import hashlib
import json
import os
import platform
import stat
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from synthem.errors import SynthemError
from synthem.storage.files import write_text
from synthem.storage.release import this_synthem

PACKAGES = (
    *("numpy", "scipy", "scikit-image", "torch", "matplotlib", "snakemake", "numba"),
    *("h5py", "tifffile", "imagecodecs", "pillow"),
)


def content_hash(paths, memory):
    """Hash of the content of files, in their order; a file that is missing or unreadable counts as such.

    `memory` (a JSON file) recalls the hash of each file whose size and times of change are as they were, so
    a large stack is read once, not at every start of Snakemake. The time of the last change of any kind
    (ctime) counts too: copying with the old date, or setting it back, does not hide an edit.
    """
    memory = Path(memory)
    known, fresh = _recalled(memory), {}
    for path in sorted({str(path) for path in paths}):
        try:
            state = os.stat(path)
            stamp = [state.st_size, state.st_mtime_ns, state.st_ctime_ns]
            entry = known.get(path)
            if not entry or entry[:3] != stamp:
                entry = [*stamp, file_hash(path) if stat.S_ISREG(state.st_mode) else "not a file"]
        except (OSError, ValueError):  # ValueError: a name that no file can have
            entry = [0, 0, 0, "missing"]
        fresh[path] = entry
    if any(known.get(path) != entry for path, entry in fresh.items()):
        _remember(memory, known | fresh)
    return _sha256(json.dumps([[Path(path).name, fresh[str(path)][3]] for path in paths]).encode())


def _recalled(memory):
    """The entries of the memory that have the right form; a damaged memory counts as empty."""
    try:
        known = json.loads(memory.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {
        path: entry
        for path, entry in known.items()
        if isinstance(entry, list) and [type(part) for part in entry] == [int, int, int, str]
    }


def _remember(memory, known):
    """Write the memory; where the folder cannot be written, files are read again next time."""
    with suppress(SynthemError):
        write_text(memory, json.dumps(known))


def file_hash(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(*, settings, code, inputs):
    """A hash of all that decides a result: settings, code and the content of the input files."""
    files = [file_hash(path) for path in inputs]
    return _sha256(json.dumps([settings, code, files], sort_keys=True).encode())


def settings_hash(settings):
    """A hash of plain data; the order of keys does not matter."""
    return _sha256(json.dumps(settings, sort_keys=True).encode())


def provenance(*, rule, settings, seed, code, inputs, device, hardware):
    """A record of what a result was made from. No dates: equal runs on one machine have equal records.

    seed: what all chance of the run follows from. hardware: {what: its name or number}.
    """
    return {
        "rule": rule,
        "settings": settings,
        "settings_hash": settings_hash(settings),
        "seed": seed,
        "code": code,
        "inputs": {str(path): file_hash(path) for path in inputs},
        "device": device,
        "hardware": hardware,
        "synthem": this_synthem(),
        "versions": versions(),
    }


def versions():
    """Versions of Python and of the packages that are installed here."""
    found = {"python": platform.python_version(), "system": f"{sys.platform} {platform.machine()}"}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _sha256(data):
    return hashlib.sha256(data).hexdigest()
