"""Stops a job whose code was edited after the run began: Snakemake would take its result for the old code's.

Snakemake notes the code of a job when it plans it, and reads the script when that starts, maybe hours later.
"""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path

from synthem.errors import SynthemError, reading
from synthem.syntax import bytes_of, hash_of

BEGUN_WITH = "SYNTHEM_CODE"  # in the environment of jobs: the file of `runs.frozen.keep_for_jobs`


def refuse_edited(script):
    """Raise where the script or a module that it reaches is not what the run of this job began with."""
    if not (kept := os.environ.get(BEGUN_WITH)):  # not a job of a run
        return
    began = _record(kept)
    root, files = Path(began["root"]), began["reached"].get(Path(script).name, [])
    known = began["python"] == list(sys.version_info[:2])  # another Python writes other syntax trees
    if edited := sorted(file for file in files if _is_edited(root / file, *began["files"][file], known)):
        raise SynthemError(
            "CODE_EDITED",
            root / edited[0],
            "edited since the run began" + (f", like {len(edited) - 1} more" if edited[1:] else ""),
            expected="the code that it began with",
            fix="run the same command again: it makes anew what the edit changes, and nothing else",
        )


def _record(kept):
    """What was written when the run began. Without it nobody knows what an edit has changed: an error."""
    with suppress(OSError):
        os.utime(kept)  # it is in use (frozen.UNUSED)
    with reading(kept, expected="what this run began with"):
        return json.loads(Path(kept).read_text(encoding="utf-8"))


def _is_edited(path, raw, meaning, known):
    """Whether a file is not what it was by its bytes, and, where that can be compared, by what it means."""
    try:
        return bytes_of(path) != raw and not (known and hash_of(path) == meaning)
    except (OSError, SyntaxError):  # in the middle of an edit
        return True
