"""Files of a user that the config names one by one, as weights to start from: what counts is what they hold.

Not in `provenance`, which every training reaches: who edits that trains all networks again.
"""

import os
from pathlib import Path

from synthem.errors import SynthemError
from synthem.storage.files import read_json
from synthem.storage.provenance import content_hash, file_hash, settings_hash


def bytes_hash(path, memory):
    """sha256 of the bytes of a file, wherever it lies and whatever its name; "" of one that nobody has seen.

    Of a file that is gone, what it held when it was last seen: results that were made from it are what they
    were. `memory` is that of `content_hash`, so large files are read once.
    """
    path = str(path)
    state = os.stat(path) if Path(path).is_file() else None
    if state:
        content_hash([path], memory)  # remembers it
    *stamp, known = _entry(_remembered(memory), path)
    if state and stamp != [state.st_size, state.st_mtime_ns, state.st_ctime_ns]:
        return file_hash(path)  # where the memory cannot be written
    return known


def held_hash(named, memory):
    """Hash of what files hold, in their order, and of what counts of their names: [(path, that part)].

    A file that is missing or unreadable counts as such. `memory` is that of `content_hash`.
    """
    content_hash([path for path, _ in named], memory)  # remembers them
    known = _remembered(memory)
    return settings_hash([[part, _held(path, known)] for path, part in named])


def started_by_content(section, content):
    """The settings of a network with what the file that it starts from holds in place of where that lies.

    content: "" of random first weights and of a network of this workflow, whose path says more.
    """
    if not content:
        return section
    training = section["training"]
    return {**section, "training": {**training, "start": {**training["start"], "from": content}}}


def _remembered(memory):
    """The entries of the memory; {} of a damaged one."""
    try:
        known = read_json(memory)
    except SynthemError:
        return {}
    return known if isinstance(known, dict) else {}


def _entry(known, path):
    """What the memory holds of a file that was seen: size, two times and the hash of its content."""
    entry = known.get(path)
    seen = isinstance(entry, list) and len(entry) == 4 and entry[3] not in ("missing", "not a file")
    return entry if seen else [None, ""]


def _held(path, known):
    """The hash of what a file holds now; the memory has it, but where it cannot be written."""
    try:
        state = os.stat(path)
        *stamp, held = _entry(known, path)
        if stamp == [state.st_size, state.st_mtime_ns, state.st_ctime_ns]:
            return held
        return file_hash(path) if Path(path).is_file() else "not a file"
    except (OSError, ValueError):  # ValueError: a name that no file can have
        return "missing"
