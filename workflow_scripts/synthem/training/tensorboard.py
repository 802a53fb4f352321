"""Losses and pictures for TensorBoard while a training runs; history.csv and results/live need none."""

from contextlib import suppress
from pathlib import Path

from synthem.errors import write_error
from synthem.log import say


class Curves:
    """Writes to `folder`/tensorboard if that is wanted and the `tensorboard` package is there."""

    def __init__(self, folder, *, wanted):
        self.folder, self.wanted, self.writer = Path(folder), wanted, None

    def add(self, rows, done):
        """The rows of the steps that end with step `done`."""
        first = done - len(rows) + 1
        try:
            if self.wanted and self.writer is None:
                self._open(first)
            if self.wanted:
                for number, row in enumerate(rows, start=first):
                    for name, value in row.items():
                        self.writer.add_scalar(name, value, number)
        except OSError as error:  # no reason to stop a training
            say(f"WARNING no curves from step {first} on: {write_error(self.folder, error)}")
            self.wanted = False

    def show(self, picture, step):
        """A picture, uint8 [Y, X, 3], beside the losses that were drawn before."""
        if self.writer is not None and self.wanted:
            with suppress(OSError):
                self.writer.add_image("examples", picture, step, dataformats="HWC")

    def close(self):
        if self.writer is not None:
            with suppress(OSError):
                self.writer.close()

    def _open(self, first):
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            say("WARNING tensorboard is not installed: this training draws no curves there")
            self.wanted = False
        else:
            # After a kill, steps that were drawn but not saved are taken again: the old ones are hidden.
            self.writer = SummaryWriter(str(self.folder / "tensorboard"), purge_step=first)
