"""The GPU's part of a training step as one CUDA graph; plain steps where that cannot be.

A small network keeps a GPU busy for a sixth of the time: the host cannot start its thousand kernels as fast
as they end. A graph starts them all at once. It repeats what was done while it was captured, with the same
numbers and on the same memory: so in the second half of a step nothing is read of the host, and what differs
from step to step lies in tensors that stay where they are.
"""

import gc
from collections import Counter
from contextlib import suppress
from functools import partial

import torch

from synthem.compute.collectives import world_size
from synthem.compute.memory import ran_out
from synthem.log import say

PLAIN_STEPS = 3  # of each form, before: they make Adam's momenta, and cuDNN measures its algorithms


class Task:
    """What all tasks of the loop share: how they take a step.

    A subclass has `graphs` (what `graphs_here` gives) and `optimisers`, and of a step from 0 on:
    `batch_of(number)`, on the host: tensors on the device, None, and numbers, in tuples; and
    `learn(batch)` -> {name: loss}, on the device alone: of the host it knows what the batch has, and no more.
    """

    def step(self, number):
        """An optimiser step on one batch; {name: loss}, as tensors."""
        # Not the rest of a step: a replay needs no memory but its own. Chance that is drawn twice is chance.
        batch = with_room(self, partial(self.batch_of, number))
        for optimiser in self.optimisers:
            optimiser.prepare(number)
        return self.graphs.run(self.learn, batch)


def with_room(task, compute):
    """compute(), which changes no network: once more where CUDA graphs of the task leave it no memory."""
    graphs = getattr(task, "graphs", None)
    try:
        return compute()
    except RuntimeError as error:
        if not (graphs and graphs.holds_memory and ran_out(error)):
            raise
    graphs.give_back()  # not before: the error holds memory, too
    return compute()


def graphs_here(device, *, compile):
    """How steps are taken on this device: as graphs on a GPU, if nothing is against it."""
    if device.type != "cuda":
        return Plain()
    if compile:
        return Plain("the networks are compiled")
    if world_size() > 1:
        return Plain(f"{world_size()} processes train together")
    return Graphs(Cuda(device))


class Plain:
    """Takes every step as it is."""

    holds_memory = False

    def __init__(self, why=None):
        if why:
            say(f"steps are not captured as CUDA graphs: {why}")

    def run(self, learn, batch):
        return detached(learn(batch))


class Graphs:
    """Takes the first steps as they are, then captures one graph for each form that batches have.

    The form is all that a graph cannot take from a tensor: shapes, which parts there are, and numbers. Where
    one never comes back (an image that grows has another weight in each step), its steps stay plain.
    recorder: a Cuda.
    """

    def __init__(self, recorder):
        self.recorder, self.seen, self.recorded = recorder, Counter(), {}

    def run(self, learn, batch):
        form = form_of(batch)
        if self.recorder is None or self.seen[form] < PLAIN_STEPS:
            self.seen[form] += 1
            return self._plainly(learn, batch)
        if form not in self.recorded and not self._recorded(form, learn, batch):
            return self._plainly(learn, batch)
        return self.recorded[form].replay(batch)

    def _plainly(self, learn, batch):
        return self.recorder.beside(learn, batch) if self.recorder else detached(learn(batch))

    def _recorded(self, form, learn, batch):
        """Whether there is a graph of this form now; what cannot be captured is never tried again.

        A graph keeps memory of its own: where it has no room, plain steps have shown that they do.
        """
        refused = None  # in words: the error itself would hold the memory of all that was captured
        try:
            self.recorded[form] = Recorded(self.recorder, learn, batch)
        except RuntimeError as error:
            refused = str(error.__context__ or error)  # the end of a capture that went wrong is an error, too
        if refused is not None:
            say(f"WARNING steps stay plain, a CUDA graph could not be captured: {refused}")
            self._give_up()
            return False
        if len(self.recorded) == 1:
            say(f"a step is one CUDA graph from here on, after {PLAIN_STEPS} plain ones of its form")
        return True

    @property
    def holds_memory(self):
        """Whether there are graphs, whose memory nothing else can use."""
        return bool(self.recorded)

    def give_back(self):
        """Free this memory, for what has no room beside it."""
        say("WARNING steps are plain from here on: their CUDA graph leaves too little memory for other work")
        self._give_up()

    def _give_up(self):
        self.recorded = {}
        self.recorder.recover()
        self.recorder = None


class Recorded:
    """One graph, the batch that it reads, and the losses that it writes."""

    def __init__(self, recorder, learn, batch):
        self.batch = cloned(batch)
        self.again = recorder.record(partial(self._learn, learn))

    def _learn(self, learn):
        losses = learn(self.batch)
        self.names = list(losses)
        # One tensor: to copy each of five losses would take five kernels more.
        self.losses = torch.stack([loss.detach() for loss in losses.values()])

    def replay(self, batch):
        copy_into(self.batch, batch)
        self.again()
        # The next step writes over them, and they are read after many steps.
        return dict(zip(self.names, self.losses.clone().unbind(), strict=True))


class Cuda:
    """Captures on a stream of its own; all graphs share their memory, for one runs at a time."""

    def __init__(self, device):
        self.device = device
        self.stream = torch.cuda.Stream(device)
        self.pool = torch.cuda.graph_pool_handle()
        self.chance = None  # of this GPU, before the capture that goes on

    def beside(self, learn, batch):
        """A plain step, on the stream of the capture: autograd remembers where gradients were added up."""
        here = torch.cuda.current_stream(self.device)
        self.stream.wait_stream(here)
        with torch.cuda.stream(self.stream):
            losses = detached(learn(batch))
        here.wait_stream(self.stream)
        return losses

    def record(self, function):
        """What repeats the function, of which nothing is computed yet."""
        gc.collect()  # gradients of a plain step must not be held by a cycle of Python's
        self.chance = torch.cuda.get_rng_state(self.device)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self.pool, stream=self.stream):
            function()
        self.chance = None
        return graph.replay

    def recover(self):
        """After a capture that failed, free its memory, and let the chance of this GPU be as it was."""
        torch.cuda.set_stream(torch.cuda.default_stream(self.device))
        index = self.device.index or torch.cuda.current_device()
        with suppress(RuntimeError):  # torch has ended it, as where memory ran out
            # Else it goes on for torch, which keeps its memory, and frees no other when that runs out.
            torch.cuda.memory._cuda_endAllocateToPool(index, self.pool)
            torch.cuda.memory._cuda_releasePool(index, self.pool)
        if self.chance is not None:  # else it failed before it began
            fresh = torch.Generator(self.device)
            fresh.set_state(self.chance)
            torch.cuda.default_generators[index].graphsafe_set_state(fresh.graphsafe_get_state())
        gc.collect()
        torch.cuda.empty_cache()


def detached(losses):
    """Losses that hold nothing of the step that they come from."""
    return {name: loss.detach() for name, loss in losses.items()}


# A batch: a tensor, a tuple or list of batches, or whatever else a step may depend on.


def form_of(batch):
    """Hashable, and the same for all batches that one graph can serve."""
    if torch.is_tensor(batch):
        return (batch.shape, batch.dtype, batch.stride())
    return tuple(map(form_of, batch)) if isinstance(batch, tuple | list) else batch


def cloned(batch):
    if torch.is_tensor(batch):
        return batch.detach().clone()
    if not isinstance(batch, tuple | list):
        return batch
    parts = map(cloned, batch)
    return type(batch)(*parts) if hasattr(batch, "_fields") else type(batch)(parts)


@torch.no_grad()
def copy_into(batch, new):
    """Put the numbers of a batch into the tensors of another one of its form."""
    if torch.is_tensor(batch):
        batch.copy_(new)
    elif isinstance(batch, tuple | list):
        for own, other in zip(batch, new, strict=True):
            copy_into(own, other)
