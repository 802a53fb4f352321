"""What a run began with, kept for its jobs: an edit while they wait must change no result.

Files are named by what they hold, so runs of one project may go on side by side.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

import yaml

from synthem.edits import BEGUN_WITH
from synthem.storage.code import reached
from synthem.storage.files import write_text
from synthem.syntax import bytes_of

REGISTRY = "synthem/networks/registry.py"
CONFIGURED_WITH = "SYNTHEM_CONFIG"  # in the environment of jobs: the file of `keep_config`


def keep_for_jobs(folder, config, scripts, networks):
    """Write the config and the code that a run begins with, and tell its jobs where, in their environment."""
    os.environ[CONFIGURED_WITH] = keep_config(folder, config)
    os.environ[BEGUN_WITH] = keep_code(folder, scripts, networks)


def config_of_run(config):
    """For a job on another machine: the config that its run began with; the given one where none was kept."""
    return kept_config(os.environ[CONFIGURED_WITH]) if CONFIGURED_WITH in os.environ else config


def keep_code(folder, scripts, networks):
    """Write which files each script may run, and their hashes, for `edits.refuse_edited`; return the path.

    networks: dotted names of all classes that the config may choose, for scripts that choose one.
    """
    root = Path(scripts).absolute()
    found = {script.name: reached(script) for script in sorted(root.glob("*.py"))}
    found |= {name: reached(root / name, networks) for name, files in found.items() if REGISTRY in files}
    meanings = {file: meaning for files in found.values() for file, meaning in files.items()}
    record = {
        "root": str(root),
        "python": sys.version_info[:2],
        "files": {file: (bytes_of(root / file), meaning) for file, meaning in sorted(meanings.items())},
        "reached": {script: sorted(files) for script, files in found.items()},
    }
    return _kept(folder, json.dumps(record), "json")


def keep_config(folder, config):
    """Write the config that a run began with, for its jobs on other machines; return the path."""
    return _kept(folder, yaml.safe_dump(config, sort_keys=False), "yaml")


def kept_config(path):
    """The config that was kept, as it was."""
    return yaml.safe_load(Path(path).read_text(encoding="utf-8"))


def _kept(folder, text, kind):
    path = Path(folder).absolute() / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.{kind}"
    if not path.exists():
        write_text(path, text)
    return str(path)
