"""How a training ends too early: in the middle of a step, beside a state, or because it is asked to."""

import os
import signal
import threading
import time

from synthem.compute.devices import use_threads
from synthem.errors import SynthemError
from synthem.training import loop as training
from synthem.training.checkpoints import Checkpoints
from tests.shared.killed_trainings import segmenter


class Killed(BaseException):
    pass


def dies_in_step(monkeypatch, number):
    """The step has changed all weights when it dies."""
    whole = training.some_steps

    def some_steps(task, *others):
        class Mortal:
            def step(self, now):
                losses = task.step(now)
                if now == number:
                    raise Killed
                return losses

        return whole(Mortal(), *others)

    monkeypatch.setattr(training, "some_steps", some_steps)


def dies_before_saving(monkeypatch, steps):
    whole = Checkpoints.save

    def save(self, history, parts):
        if len(history) == steps:
            raise Killed
        return whole(self, history, parts)

    monkeypatch.setattr(Checkpoints, "save", save)


def dies_after_saving(monkeypatch, steps):
    whole = Checkpoints.save

    def save(self, history, parts):
        whole(self, history, parts)
        if len(history) == steps:
            raise Killed

    monkeypatch.setattr(Checkpoints, "save", save)


# One life after the other; states are saved every 3 steps, in the second life every 2.
LIVES = [
    (dies_in_step, 1, 3),  # before the first state
    (dies_in_step, 4, 2),  # between two
    (dies_before_saving, 6, 3),  # on the step of a state
    (dies_after_saving, 6, 3),
    (dies_before_saving, 8, 3),  # at the very end
]


def train_until_asked_to_stop(folder):
    """7 where the end comes within 10 seconds of the processor: what runs beside it does not count."""
    use_threads(1)
    asked = []

    def ask():
        while not states(folder):
            time.sleep(0.01)
        asked.append(time.process_time())
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=ask, daemon=True).start()
    try:
        segmenter(folder, 3, training__steps=100_000)
    except SynthemError:
        os._exit(7 if time.process_time() - asked[0] < 10 else 8)


def states(folder):
    return sorted(path.name for path in folder.glob("step-*.pt"))


def wait_for_progress(process, folder, since):
    """Wait until a state lies in the folder that did not at `since`; whether the process still runs."""
    while process.is_alive() and not (states(folder) and states(folder)[-1] > since):
        time.sleep(0.002)
    return process.is_alive()
