"""What a run began with, kept for its jobs: an edit while they wait must change no result.

Files are named by what they hold, so runs of one project may go on side by side.
"""

import hashlib
import json
import os
from pathlib import Path

import yaml

from synthem.edits import BEGUN_WITH
from synthem.storage.code import reached
from synthem.storage.files import write_text

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
    """Write {script: {file: hash}} of what each may run, for `edits.refuse_edited`; return the path.

    networks: dotted names of all classes that the config may choose, for scripts that choose one.
    """
    files = {script.name: reached(script) for script in sorted(Path(scripts).glob("*.py"))}
    chosen = {name: reached(Path(scripts) / name, networks) for name in files if REGISTRY in files[name]}
    return _kept(
        folder, json.dumps({"root": str(Path(scripts).absolute()), "reached": files | chosen}), "json"
    )


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
