"""How long each session of a training took that was stopped and went on: a file beside its states.

Times differ from run to run, so they stand in no state and no result: only in this file.
"""

import time
from contextlib import suppress
from math import isfinite
from pathlib import Path

from synthem.errors import SynthemError
from synthem.storage.files import read_json, write_json

NAME = "sessions.json"  # {fingerprint: [seconds of each session]}; the training of today stands last
KEPT = 4  # of other settings, code or data: as many runs as there are states of


class Sessions:
    """The clock of a training, whose states lie in a folder; it runs from here on."""

    def __init__(self, folder, fingerprint):
        self.path, self.fingerprint = Path(folder) / NAME, fingerprint
        self.start, self.before = time.monotonic(), []

    def begin(self, goes_on):
        """Now it is known whether the training goes on from a state, or begins anew.

        From here on it is the last of the file. It may take no further step: a finished one that comes back
        with its old settings has none to take.
        """
        self.before = _saved(self.path).get(self.fingerprint, []) if goes_on else []
        self._write(self.before)

    def note(self):
        """Write how long this session has taken until now."""
        self._write([*self.before, round(time.monotonic() - self.start, 1)])

    def _write(self, seconds):
        others = {key: own for key, own in _saved(self.path).items() if key != self.fingerprint}
        latest = dict(list(others.items())[1 - KEPT :])
        write_json(self.path, latest | {self.fingerprint: seconds})


def session_seconds(folder):
    """[seconds of each session] of the training that was last in a folder of states; [] of none."""
    return next(reversed(_saved(Path(folder) / NAME).values()), [])


def _saved(path):
    """What is in the file; {} where it is not what we write: a time that is lost stops no training."""
    with suppress(SynthemError, AttributeError, TypeError, ValueError):
        found = {key: [float(one) for one in own] for key, own in read_json(path).items()}
        if all(isfinite(one) for own in found.values() for one in own):
            return found
    return {}
