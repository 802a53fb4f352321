"""Checkpoints of a network that several processes train together: rank 0 reads and writes for all."""

from contextlib import contextmanager
from functools import partial

from synthem.compute.collectives import broadcast, rank, world_size
from synthem.networks.saving import from_bytes, to_bytes
from synthem.training.checkpoints import Checkpoints


def checkpoints_here(folder, fingerprint):
    return (Checkpoints if world_size() == 1 else SharedCheckpoints)(folder, fingerprint)


class SharedCheckpoints(Checkpoints):
    """Rank 0 reads and writes; the others wait for it, and get by broadcast what it read."""

    @contextmanager
    def locked(self):
        if rank() == 0:
            with super().locked():
                yield
        else:
            yield

    def resume(self, parts):
        state = from_bytes(broadcast(lambda: self._read(parts)))
        if rank() > 0:
            self.restore(state, parts)
        return state["history"]

    def save(self, history, parts):
        # The others wait: one that ends would end all, while rank 0 still writes.
        return broadcast(partial(super().save, history, parts))

    def finish(self):
        if rank() == 0:
            super().finish()

    def _read(self, parts):
        history = super().resume(parts)
        return bytes(to_bytes(self.state(history, parts)))
