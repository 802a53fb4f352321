"""One training loop for all networks: it can be stopped or killed at any moment, and goes on."""

import math
import signal
import threading
import time
from contextlib import closing, contextmanager
from functools import partial

import torch

from synthem.compute.collectives import broadcast, rank
from synthem.compute.devices import repeats_bits
from synthem.errors import SynthemError
from synthem.log import interrupts, say
from synthem.training.capture import with_room
from synthem.training.live import Live
from synthem.training.shared_checkpoints import checkpoints_here
from synthem.training.snapshots import Snapshots
from synthem.training.tensorboard import Curves

PROGRESS_SECONDS = 10  # between two lines of the log
READ_EVERY = 50  # steps: reading a loss makes the host wait for the GPU
# That cuDNN has to time for a shape, the best first by its own reckoning. torch's 10 made each training of a
# hundred equal ones wait 4 to 17 s, and 89 s in fp32, where those far down the list are slow without TF32.
ALGORITHMS = 3


def train(
    task,
    *,
    steps,
    checkpoint_every,
    folder,
    fingerprint,
    validation=None,
    guards=(),
    snapshots=(),
    tensorboard=False,
    live=None,
):
    """Run `task` for `steps` steps; return its history, a list with a dict of floats per step.

    A task has `parts` {name: object with state_dict and load_state_dict}; `step(number)`, an optimiser step
    on one batch, which returns {name: loss} as tensors; `graphs`, where it captures steps; and, for a
    `validation` (Validation or Watch), `validate()` -> {name: float} for the row of that step, which
    `validation` sees. `guards` (Guard) check the history now and then. After each of the steps `snapshots`,
    the network that `current()` gives is kept.
    live {folder, every}: a page to look at while it trains, of tasks with `examples(done)`; None: none.

    A run that was killed goes on from its last checkpoint and ends, on a CPU, with the same bits as one that
    was not, however often either saves its state.
    """
    checkpoints = checkpoints_here(folder, fingerprint)
    kept = Snapshots(folder, fingerprint, snapshots)
    curves = Curves(folder, wanted=tensorboard and rank() == 0)  # all would draw the same
    shown = Live(**live or {}, curves=curves, steps=steps)
    parts = task.parts | ({"validation": validation} if validation else {})
    pauses = [checkpoint_every, *(one.every for one in (validation, *guards, shown) if one and one.every)]
    with checkpoints.locked(), stop_requests() as requests, closing(curves):
        history = checkpoints.resume(parts)
        kept.refuse_missing(len(history))
        progress = Progress(steps, len(history))
        over = is_over(history, steps, validation)
        while not over:
            pause = min(next_pause(len(history), steps, pauses), *kept.next_after(len(history)), steps)
            rows, stop = some_steps(task, len(history), pause, requests, progress)
            history += finite(rows, len(history) + len(rows), checkpoints)
            done = len(history)
            check_up(task, history, steps, validation, guards)
            if kept.is_due(done) and rank() == 0:
                with_room(task, partial(kept.keep, task, done))
            curves.add(rows, done)
            over = is_over(history, steps, validation)
            if rank() == 0 and shown.is_due(done, over):
                with_room(task, partial(shown.show, task, history))
            due = over or done % checkpoint_every == 0
            if due or progress.due():
                progress.report(history)
            if due or stop:
                with_room(task, partial(refuse_not_finite_weights, task.parts, done, checkpoints))
                path = checkpoints.save(history, parts)
            if stop and not over:
                raise stopped(path, stop, done, steps)
        checkpoints.finish()
        if rank() == 0:
            kept.forget_oldest()
    return history


def check_up(task, history, steps, validation, guards):
    """Do what of validation and guards is due after the last step."""
    if validation and validation.is_due(len(history), steps):
        history[-1] |= with_room(task, partial(broadcast, task.validate))
        validation.see(history[-1])
    for guard in guards:
        if guard.is_due(len(history)):
            with_room(task, partial(guard.check, history))


def is_over(history, steps, validation):
    return len(history) >= steps or bool(validation and validation.gives_up)


def next_pause(done, steps, pauses):
    """The next step after which something is to be done beside learning."""
    return min(steps, done + READ_EVERY, *(done - done % every + every for every in pauses))


def some_steps(task, done, pause, requests, progress):
    """Steps until `pause`, or until there is something to say or a request to stop: (rows, request)."""
    unread, stop = [], None
    while done + len(unread) < pause and not stop:
        unread.append(task.step(done + len(unread)))
        stop = broadcast(lambda: requests[0] if requests else None)
        if progress.due():
            break
    return as_floats(unread), stop


def as_floats(unread):
    """Per-step dicts of tensors -> per-step dicts of floats, with one wait for the device."""
    names = list(unread[0])
    values = torch.stack([torch.stack([losses[name].detach() for name in names]) for losses in unread])
    return [dict(zip(names, row, strict=True)) for row in values.double().tolist()]


@contextmanager
def stop_requests():
    """A list that gets the name of each request to stop (SIGTERM, SIGINT, SIGUSR1) during the block.

    It begins with Ctrl-C that should have ended the script before. Requests are heard between two steps. So
    at most a step, a validation and two writes pass until the state is safe; if a cluster kills before that,
    what came after the last checkpoint is lost.
    """
    requests = list(interrupts)
    if threading.current_thread() is not threading.main_thread():  # only the main thread hears signals
        yield requests
        return
    heard = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)
    before = {
        number: signal.signal(number, lambda number, _: requests.append(signal.Signals(number).name))
        for number in heard
    }
    try:
        yield requests
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Progress:
    """One plain line every few seconds: how far, how fast, how long still."""

    def __init__(self, steps, first):
        self.steps, self.first, self.reported = steps, first, first
        self.start = self.last = time.monotonic()

    def due(self):
        return time.monotonic() - self.last >= PROGRESS_SECONDS

    def report(self, history):
        now, done = time.monotonic(), len(history)
        rate = (done - self.first) / max(now - self.start, 1e-9)
        # Losses are averaged since the last line; what only the last step has (validation) stands as it is.
        means = {}
        for name in history[-1]:
            values = [row[name] for row in history[self.reported :] if name in row]
            means[name] = sum(values) / len(values)
        losses = ", ".join(f"{name} {mean:.4g}" for name, mean in means.items())
        left = (self.steps - done) / rate
        say(f"step {done} of {self.steps}: {losses} ({rate:.3g} steps/s, {left:.0f} s left)")
        self.last, self.reported = now, done


def finite(rows, done, checkpoints):
    """The rows of the steps that end with step `done`, if all their losses are numbers."""
    for number, row in enumerate(rows, start=done - len(rows) + 1):
        for name, value in row.items():
            if not math.isfinite(value):
                raise diverged(checkpoints, f"{name} is {value} at step {number}")
    return rows


def refuse_not_finite_weights(parts, done, checkpoints):
    """A finite loss can leave broken weights behind, and they must not get into a checkpoint."""
    for name, part in parts.items():
        for key, value in part.state_dict().items():
            if torch.is_tensor(value) and not value.isfinite().all():
                raise diverged(checkpoints, f"weights {name}.{key} are not finite after step {done}")


def diverged(checkpoints, found):
    return SynthemError(
        "TRAINING_DIVERGED",
        checkpoints.folder,
        f"{found}; last good checkpoint: {checkpoints.newest() or 'none'}",
        expected="finite losses",
        fix="lower learning_rate in training.optimiser (of a GAN: training.optimisers)",
    )


def stopped(path, request, done, steps):
    return SynthemError(
        "TRAINING_STOPPED",
        path,
        f"{request} after step {done} of {steps}",
        expected="time to finish",
        fix="run again: training goes on from here",
    )


def seed_everything(seed):
    """Seed torch. On processors, let it use only algorithms that repeat themselves: same seed, same bits.

    On GPUs no bits are promised where nobody asked for them: some poolings, upsampling and padding would be
    far slower. There, the fastest of ALGORITHMS algorithms for each shape is measured once, for patches are
    all of one size.
    """
    repeated = repeats_bits()
    torch.set_deterministic_debug_mode(
        "error" if repeated else "default"
    )  # loads no compiler, as its twin does
    torch.utils.deterministic.fill_uninitialized_memory = False  # a debugging aid that costs time
    torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic = not repeated, repeated
    torch.backends.cudnn.benchmark_limit = ALGORITHMS
    torch.manual_seed(seed)
