"""Networks as they were at chosen steps of a training: to be looked at and scored, never to go on from."""

import os
import shutil
from pathlib import Path

import torch

from synthem.errors import SynthemError, reading
from synthem.networks.saving import network_bytes
from synthem.storage.files import write_bytes

FOLDERS_KEPT = 4  # of other settings, code or data: as many runs as Checkpoints keeps states of


class Snapshots:
    """The networks of one training after `steps` (numbers from 1), kept beside its checkpoints.

    A snapshot is written before the state of its step: a training that goes on finds those it has passed.
    """

    def __init__(self, folder, fingerprint, steps):
        self.folder = Path(folder) / f"snapshots-{fingerprint[:16]}"
        self.steps = sorted(steps)

    def is_due(self, done):
        return done in self.steps

    def next_after(self, done):
        """The next of the steps, as a list; empty after the last."""
        return [step for step in self.steps if step > done][:1]

    def keep(self, task, done):
        """Write the network that `task.current()` is after step `done`; the training goes on undisturbed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        devices = range(torch.cuda.device_count())
        with torch.random.fork_rng(devices=devices):  # the statistics of batch norms may need a forward pass
            write_bytes(self.path(done), network_bytes(task.current()))

    def path(self, step):
        return self.folder / snapshot_name(step)

    def refuse_missing(self, done):
        """An error where a training has passed a step whose snapshot somebody has deleted."""
        self._renew()
        for step in self.steps:
            if step <= done and not self.path(step).is_file():
                raise SynthemError(
                    "FILE_READ",
                    self.path(step),
                    f"no such file, and the training goes on from step {done}",
                    expected="the snapshots of the steps before",
                    fix=f"delete {self.folder.parent} and run again: it is trained from its start",
                )

    def forget_oldest(self):
        """Delete the snapshots of all but the last few runs with other settings, code or data."""
        self._renew()
        others = [path for path in self.folder.parent.glob("snapshots-*") if path != self.folder]
        for path in sorted(others, key=lambda path: path.stat().st_mtime)[: -FOLDERS_KEPT + 1]:
            shutil.rmtree(path, ignore_errors=True)

    def _renew(self):
        """A run that was gone back to is a late one: one that ends first must not delete its snapshots."""
        if self.folder.exists():
            os.utime(self.folder)

    def copy_to(self, folder, *, done):
        """All of a training that ended after `done` steps, as an output: `folder`/step-00000450.pt, ..."""
        Path(folder).mkdir(parents=True, exist_ok=True)
        for step in [step for step in self.steps if step <= done]:
            with reading(self.path(step), expected="a snapshot of this training"):
                data = self.path(step).read_bytes()
            write_bytes(Path(folder) / snapshot_name(step), data)


def snapshot_name(step):
    return f"step-{step:08d}.pt"


def networks_by_step(folder, last, *, steps):
    """{step: path} of the snapshots in a folder and, after all `steps`, of the last network."""
    kept = {int(path.stem.rpartition("-")[2]): path for path in sorted(Path(folder).glob("step-*.pt"))}
    return {**kept, steps: last}
