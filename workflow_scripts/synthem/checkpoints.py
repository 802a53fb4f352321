"""A folder that lets a killed training go on as if nothing had happened.

lock                  held while a process trains here; says which
step-00000120.pt      the two last states, each complete
moved-aside-1/        what other settings, code or data had left here; taken back when they return
"""

import fcntl
import os
import shutil
import socket
from contextlib import contextmanager
from pathlib import Path

import torch

from synthem.errors import SynthemError
from synthem.files import write_bytes
from synthem.log import say
from synthem.networks.saving import from_bytes, to_bytes

# Runs of other settings whose states wait to come back: enough to try a value or two and return to the first.
# Each may be gigabytes for a large network, so not all are kept.
ASIDES_KEPT = 3


class Checkpoints:
    """The states of one training run; `fingerprint` (text) stands for everything that shapes its result."""

    def __init__(self, folder, fingerprint):
        self.folder = Path(folder)
        self.fingerprint = fingerprint

    @contextmanager
    def locked(self):
        """Keep other trainers out. The system frees the lock of a dead process: none stays behind."""
        with self._open_lock() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                raise self._locked_error(lock.read().strip()) from None
            except OSError as error:  # some network file systems have no locks
                say(f"WARNING {self.folder}: no lock ({error.strerror}); start no second trainer here")
            lock.truncate(0)
            lock.write(f"process {os.getpid()} on {socket.gethostname()}\n")
            lock.flush()
            for unfinished in self.folder.glob(".*.part"):  # of a process that was killed while it wrote
                unfinished.unlink()
            yield

    def resume(self, parts):
        """Put the newest readable state into `parts`; return its history, a list of dicts.

        States with another fingerprint make room; those that have this one come back from where they made it.
        Whatever renames a kill leaves undone, the next call does: all states still lie here or aside.
        """
        path, state = self._newest_readable(self.folder)
        if state and state["fingerprint"] != self.fingerprint:
            self._move_aside(state["fingerprint"])
            state = None
        if not state:
            path, state = self._take_back()
        self._forget_oldest()
        if not state:
            return []
        self.restore(state, parts)
        say(f"goes on from {path} (step {len(state['history'])})")
        return state["history"]

    def save(self, history, parts):
        """Write the state after `len(history)` steps; return its path."""
        path = self.folder / f"step-{len(history):08d}.pt"
        write_bytes(path, to_bytes(self.state(history, parts)))
        self._keep(path, before=1)
        return path

    def state(self, history, parts):
        return {
            "fingerprint": self.fingerprint,
            "history": history,
            "parts": {name: part.state_dict() for name, part in parts.items()},
            # numpy's global generator is nobody's source here: draws are functions of a seed (seeds.py).
            "torch_generator": torch.get_rng_state(),
            # Of the GPU of this process: of several, each has its own, and all of them the same chance.
            "cuda_generator": torch.cuda.get_rng_state() if torch.cuda.is_available() else None,
        }

    def restore(self, state, parts):
        for name, part in parts.items():
            part.load_state_dict(state["parts"][name])
        torch.set_rng_state(state["torch_generator"])
        if torch.cuda.is_available() and state["cuda_generator"] is not None:
            torch.cuda.set_rng_state(state["cuda_generator"])

    def finish(self):
        """Keep only the last state."""
        for path in states_in(self.folder)[-1:]:
            self._keep(path, before=0)

    def newest(self):
        """The path of the newest state; None before the first."""
        return next(reversed(states_in(self.folder)), None)

    def _keep(self, path, *, before):
        """Delete all states but `path` and some before it. Later ones go, too: they were not readable."""
        states = states_in(self.folder)
        place = states.index(path)
        for other in states[: max(place - before, 0)] + states[place + 1 :]:
            other.unlink()

    def _newest_readable(self, folder):
        """(path, state) of the newest state in a folder that can be read; (None, None) if none can."""
        for path in reversed(states_in(folder)):
            try:
                state = from_bytes(path.read_bytes())
                _ = state["fingerprint"]
                return path, state
            except MemoryError:
                raise
            except Exception as error:  # whatever a damaged file may raise
                say(f"WARNING {path}: unreadable ({error}), going back to the state before it")
        return None, None

    def _move_aside(self, found):
        """Make room for another run, without deleting the work of the last one."""
        aside = self.folder / f"moved-aside-{max([0, *map(number_of, self._asides())]) + 1}"
        aside.mkdir()
        for path in states_in(self.folder):  # the oldest first: after a kill, the newest can still go on here
            path.rename(aside / path.name)
        say(
            f"the states in {self.folder} are of another configuration, code or data "
            f"(fingerprint {found}, now {self.fingerprint}); moved to {aside}"
        )

    def _take_back(self):
        """Bring this run's states back, where another run had moved them aside; (path, state) as above."""
        for aside in reversed(self._asides()):
            path, state = self._newest_readable(aside)
            if state and state["fingerprint"] == self.fingerprint:
                say(f"the states in {aside} are of this configuration, code and data: they come back")
                for own in reversed(states_in(aside)):  # the newest first, for the same reason
                    own.rename(self.folder / own.name)
                return self.folder / path.name, state
        return None, None

    def _forget_oldest(self):
        """Keep the last few runs aside; folders that a way back has emptied go, too."""
        asides = self._asides()
        for aside in set(asides) - set([aside for aside in asides if states_in(aside)][-ASIDES_KEPT:]):
            shutil.rmtree(aside)

    def _asides(self):
        return sorted(self.folder.glob("moved-aside-*"), key=number_of)

    def _open_lock(self):
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            return (self.folder / "lock").open("a+")  # not by renaming: another file would be another lock
        except OSError as error:
            raise SynthemError(
                "FILE_WRITE",
                self.folder,
                error.strerror,
                expected="a writable folder for checkpoints",
                fix="permit writing there",
            ) from error

    def _locked_error(self, holder):
        return SynthemError(
            "TRAINING_LOCKED",
            self.folder,
            f"{holder or 'another process'} trains here",
            expected="one trainer per folder",
            fix="wait for that process or stop it; its lock goes with it",
        )


def states_in(folder):
    return sorted(folder.glob("step-*.pt"))  # eight digits: names sort like steps


def number_of(aside):
    return int(aside.name.rpartition("-")[2])
