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
from synthem.storage.code import reached
from synthem.storage.files import write_text
from synthem.syntax import bytes_of

REGISTRY = "synthem/networks/registry.py"
LAYERS = "layers"  # the key of the kept file at which the config stands
UNUSED = 60 * 24 * 3600  # seconds after the last job that read a file until a later run deletes it


def keep_for_jobs(folder, layers, scripts, networks):
    """Write the config and the code that a run begins with; tell its jobs where, and return the path.

    layers: what makes the config, one mapping over the other. networks: dotted names of all classes that it
    may choose. The file is YAML with keys at the top: Snakemake can read it in the place of a user's own.
    """
    text = json.dumps({LAYERS: layers, **code_of(scripts, networks)})
    path = Path(folder).absolute() / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
    if path.exists():
        os.utime(path)
    else:
        write_text(path, text)
    _delete_unused(path.parent)
    os.environ[BEGUN_WITH] = str(path)
    return path


def code_of(scripts, networks):
    """Which files each script in a folder may run, and their hashes, for `edits.refuse_edited`."""
    root = Path(scripts).absolute()
    found = {script.name: reached(script) for script in sorted(root.glob("*.py"))}
    found |= {name: reached(root / name, networks) for name, files in found.items() if REGISTRY in files}
    meanings = {file: meaning for files in found.values() for file, meaning in files.items()}
    return {
        "root": str(root),
        "python": list(sys.version_info[:2]),
        "files": {file: [bytes_of(root / file), meaning] for file, meaning in sorted(meanings.items())},
        "reached": {script: sorted(files) for script, files in found.items()},
    }


def _delete_unused(folder):
    """Delete the files of runs that are long over: each job that reads one renews its date."""
    for file in folder.glob("*.*"):
        with suppress(OSError):  # another run deletes it as well
            if time.time() - file.stat().st_mtime > UNUSED:
                file.unlink()
