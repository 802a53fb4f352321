"""What a run began with, kept for its jobs: an edit while they wait must change no result.

A file is named by what it holds, so runs of one project may go on side by side.
"""

import hashlib
import json
import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from synthem.edits import BEGUN_WITH
from synthem.storage.files import write_text

REGISTRY = "synthem/networks/registry.py"
LAYERS = "layers"  # the key of the kept file at which the config stands
UNUSED = 60 * 24 * 3600  # seconds after the last job that read a file until a later run deletes it


def keep_for_jobs(folder, layers, code, networks):
    """Write the config and the code that a run begins with; tell its jobs where, and return the path.

    layers: what makes the config, one mapping over the other. code: a `storage.code.Code` of the folder of
    all scripts. networks: dotted names of all classes that the config may choose. The file is YAML with keys
    at the top: Snakemake can read it in the place of a user's own.
    """
    text = json.dumps({LAYERS: layers, **files_of(code, networks)})
    path = Path(folder).absolute() / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
    if path.exists():
        os.utime(path)
    else:
        write_text(path, text)
    _delete_unused(path.parent)
    os.environ[BEGUN_WITH] = str(path)
    return path


def files_of(code, networks):
    """Which files each script may run, and their hashes, for `edits.refuse_edited`."""
    root = Path(code.root).absolute()
    found = {script.name: code.reached(script.name) for script in sorted(root.glob("*.py"))}
    found |= {name: code.reached(name, networks) for name, files in found.items() if REGISTRY in files}
    hashes = {file: both for files in found.values() for file, both in files.items()}
    return {
        "root": str(root),
        "python": list(sys.version_info[:2]),
        "files": dict(sorted(hashes.items())),
        "reached": {script: sorted(files) for script, files in found.items()},
    }


def _delete_unused(folder):
    """Delete the files of runs that are long over: each job that reads one renews its date."""
    for file in folder.glob("*.*"):
        with suppress(OSError):  # another run deletes it as well
            if time.time() - file.stat().st_mtime > UNUSED:
                file.unlink()
