"""The states of a training in a folder, from which it goes on after a kill with the same bits.

lock                  held while a process trains here; holds its number, machine and job
step-00000120.pt      the two last states, each complete
moved-aside-1/        what other settings, code or data had left here; taken back when they return
sessions.json         seconds of each session of these runs (storage.sessions)
unusable-1/           files that are no states of this version of Synthem: never taken back
"""

import fcntl
import os
import re
import shutil
import socket
from contextlib import contextmanager, suppress
from pathlib import Path

import torch

from synthem.errors import SynthemError, reading, write_error
from synthem.log import say
from synthem.networks.saving import from_bytes, to_bytes
from synthem.storage.files import write_bytes
from synthem.storage.naming import count_text
from synthem.storage.sessions import Sessions
from synthem.storage.temporaries import remove_dead

# Runs of other settings whose states wait to come back: enough to try a value or two and return to the first.
# Each may be gigabytes for a large network, so not all are kept.
ASIDES_KEPT = 3
ASIDE, UNUSABLE = "moved-aside", "unusable"  # kinds of folders
STATE_NAME = re.compile(r"step-([0-9]{8,})[.]pt")
STATE = {"fingerprint", "history", "parts", "torch_generator", "cuda_generator"}


class Checkpoints:
    """The states of one training run; `fingerprint` (text) stands for everything that shapes its result."""

    def __init__(self, folder, fingerprint):
        self.folder = Path(folder)
        self.fingerprint = fingerprint
        self.sessions = Sessions(folder, fingerprint)

    @contextmanager
    def locked(self):
        """Keep other trainers out. The system frees the lock of a dead process: none stays behind."""
        with self._open_lock() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                raise self._locked_error(lock.read().decode(errors="replace").strip()) from None
            except OSError as error:  # some network file systems have no locks
                say(f"WARNING {self.folder}: no lock ({error.strerror}); start no second trainer here")
                remove_dead(self.folder)
            else:
                for unfinished in self.folder.glob(".*.part"):  # of a process that was killed while it wrote
                    unfinished.unlink()
            with suppress(OSError):  # a full disk: the lock holds, and names nobody
                lock.truncate(0)
                lock.write(f"{_this_process()}\n".encode())
            yield

    def resume(self, parts):
        """Put the newest readable state into `parts`; return its history, a list of dicts.

        States with another fingerprint make room; those that have this one come back from where they made it.
        What is no state of this version is set aside for good. Whatever renames a kill leaves undone, the
        next call does: all states still lie here or aside.
        """
        self._set_aside_other_names()
        path, state = self._newest_readable(self.folder)
        if path and not is_state(state, path):
            self._set_aside(states_in(self.folder), f"{path.name} is no state of this version of Synthem")
            state = None
        elif state and state["fingerprint"] != self.fingerprint:
            self._move_aside(state["fingerprint"])
            state = None
        if not state:
            path, state = self._take_back()
        if state and not self._restored(state, parts):
            self._set_aside(states_in(self.folder), f"{path} does not fit the networks of this training")
            state = None
        self._forget_oldest()
        self.sessions.begin(goes_on=bool(state))
        if not state:
            return []
        say(f"goes on from {path} (step {len(state['history'])})")
        return state["history"]

    def save(self, history, parts):
        """Write the state after `len(history)` steps; return its path."""
        path = self.folder / f"step-{len(history):08d}.pt"
        write_bytes(path, to_bytes(self.state(history, parts)))
        self._keep(path, before=1)
        self.sessions.note()
        return path

    def state(self, history, parts):
        return {
            "fingerprint": self.fingerprint,
            "history": history,
            "parts": {name: part.state_dict() for name, part in parts.items()},
            # numpy's global generator is nobody's source here: draws are functions of a seed (seeds.py).
            "torch_generator": torch.get_rng_state(),
            # Of the GPU of this process: of several ranks, each has its own, and all draw the same numbers.
            "cuda_generator": torch.cuda.get_rng_state() if torch.cuda.is_available() else None,
        }

    def restore(self, state, parts):
        for name, part in parts.items():
            part.load_state_dict(state["parts"][name])
        torch.set_rng_state(state["torch_generator"])
        if torch.cuda.is_available() and state["cuda_generator"] is not None:
            torch.cuda.set_rng_state(state["cuda_generator"])

    def _restored(self, state, parts):
        """Whether the state could be put into the parts; if not, they are what they were."""
        before = from_bytes(to_bytes(self.state([], parts)))  # a copy, of tensors too
        try:
            if set(state["parts"]) != set(parts):
                raise ValueError(f"{sorted(state['parts'])} are not {sorted(parts)}")
            self.restore(state, parts)
        except MemoryError:
            raise
        except Exception as error:  # names, shapes and types may differ in a hundred ways
            say(f"WARNING a state was refused: {error}")
            self.restore(before, parts)
            return False
        return True

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
            with reading(path, expected="a state of this training"):  # trouble of the disk is no damage
                data = path.read_bytes()
            try:
                return path, from_bytes(data)
            except MemoryError:
                raise
            except Exception as error:  # whatever a damaged file may raise
                say(f"WARNING {path}: unreadable ({error}), going back to the state before it")
        return None, None

    def _set_aside_other_names(self):
        """What another version called its states, and what other programs left here."""
        other = [path for path in sorted(self.folder.glob("*.pt")) if not STATE_NAME.fullmatch(path.name)]
        if other:
            self._set_aside(other, f"{other[0].name} is no name of a state")

    def _set_aside(self, paths, why):
        aside = self._new_folder(UNUSABLE)
        for path in paths:
            path.rename(aside / path.name)
        moved = f"{count_text(len(paths), 'file')} moved to {aside}"
        say(f"WARNING {self.folder}: {why}; {moved}, nothing goes on from them")

    def _move_aside(self, found):
        """Make room for another run, without deleting the work of the last one."""
        aside = self._new_folder(ASIDE)
        for path in states_in(self.folder):  # the oldest first: after a kill, the newest can still go on here
            path.rename(aside / path.name)
        say(
            f"the states in {self.folder} are of another configuration, code or data "
            f"(fingerprint {found}, now {self.fingerprint}); moved to {aside}"
        )

    def _take_back(self):
        """Bring this run's states back, where another run had moved them aside; (path, state) as above."""
        for aside in reversed(self._asides(ASIDE)):
            path, state = self._newest_readable(aside)
            if path and is_state(state, path) and state["fingerprint"] == self.fingerprint:
                say(f"the states in {aside} are of this configuration, code and data: they come back")
                for own in reversed(states_in(aside)):  # the newest first, for the same reason
                    own.rename(self.folder / own.name)
                return self.folder / path.name, state
        return None, None

    def _forget_oldest(self):
        """Keep the last few runs of each kind aside; folders that a way back has emptied go, too."""
        for kind in (ASIDE, UNUSABLE):
            asides = self._asides(kind)
            for aside in set(asides) - set(
                [aside for aside in asides if any(aside.iterdir())][-ASIDES_KEPT:]
            ):
                shutil.rmtree(aside)

    def _asides(self, kind):
        """The folders of a kind, in the order of their numbers; what has another name is not ours."""
        numbered = {
            path: int(path.name.removeprefix(f"{kind}-"))
            for path in self.folder.glob(f"{kind}-*")
            if re.fullmatch(f"{kind}-[0-9]+", path.name) and path.is_dir()
        }
        return sorted(numbered, key=numbered.get)

    def _new_folder(self, kind):
        last = self._asides(kind)[-1:]
        number = int(last[0].name.rpartition("-")[2]) + 1 if last else 1
        aside = self.folder / f"{kind}-{number}"
        aside.mkdir()
        return aside

    def _open_lock(self):
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            # Not by renaming: another file would be another lock. Unbuffered: nothing waits for a full disk.
            return (self.folder / "lock").open("a+b", buffering=0)
        except OSError as error:
            raise write_error(self.folder, error) from error

    def _locked_error(self, holder):
        return SynthemError(
            "TRAINING_LOCKED",
            self.folder,
            f"{holder or 'another process'} trains here",
            expected="one trainer per folder",
            fix="wait for that process or stop it; its lock goes with it",
        )


def _this_process():
    """Its number and machine, and that of its job: who looks for it on a cluster can reach the job alone."""
    job = os.environ.get("SLURM_JOB_ID")
    return f"process {os.getpid()} on {socket.gethostname()}" + (f" (SLURM job {job})" if job else "")


def states_in(folder):
    return sorted(path for path in folder.glob("step-*.pt") if STATE_NAME.fullmatch(path.name))


def is_state(state, path):
    """Whether it has the form that `Checkpoints.state` gives it, and as many steps as its name has."""
    return (
        isinstance(state, dict)
        and set(state) == STATE
        and isinstance(state["fingerprint"], str)
        and isinstance(state["parts"], dict)
        and isinstance(state["history"], list)
        and len(state["history"]) == int(STATE_NAME.fullmatch(path.name)[1])
    )
