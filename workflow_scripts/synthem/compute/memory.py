"""How much memory networks need, and an error with what to lower where there is less."""

import math
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import torch

from synthem.compute.precision import precision_here
from synthem.errors import SynthemError, bytes_in_words
from synthem.log import NO_MEMORY

COPIES = 4  # of every weight: itself, its gradient, and Adam's two means


@contextmanager
def memory_explained(section, *, settings, need):
    """Turn an allocation that fails in this block into a MEMORY error about `section` of the config.

    settings {key below the section: value}: what to lower. need: a function that returns in words how much
    would do, `step_need` or `window_need`, called only then.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:  # torch's errors are RuntimeErrors
        if not ran_out(error):
            raise
        raise SynthemError(
            "MEMORY",
            section,
            f"{need()}; {sentence_about_memory(error)}",
            expected="that much free memory",
            fix="lower " + " or ".join(f"{section}.{key} ({value})" for key, value in settings.items()),
        ) from error


def ran_out(error):
    return isinstance(error, MemoryError) or any(word in str(error).lower() for word in NO_MEMORY)


def sentence_about_memory(error):
    """The one sentence of an error that is about memory; torch adds pages of advice."""
    sentences = str(error).replace("\n", ". ").split(". ")
    return next((s.strip() for s in sentences if any(w in s.lower() for w in NO_MEMORY)), "memory ran out")


def step_need(count):
    """count: a function that returns the bytes of (weights, activations)."""
    weights, activations = count()
    parts = f"{COPIES} x {bytes_in_words(weights)} of weights, {bytes_in_words(activations)} of activations"
    return f"a training step needs about {bytes_in_words(COPIES * weights + activations)} ({parts})"


def step_bytes_here(weights, activations, *, precision):
    """Bytes of a step as it is computed here, for what `step_bytes` counts in float32."""
    return COPIES * weights + activations * (0.5 if precision_here(precision) == "bf16" else 1)


def window_need(net, shape, *, share=1):
    """What a network needs at least to see a batch of this shape: its widest layer."""
    size = " x ".join(map(str, shape[2:]))
    return f"a window of {size} needs more than {bytes_in_words(share * widest_bytes(net, shape))}"


def refuse_too_wide(net, shape, *, section, settings, share=1):
    """A MEMORY error where a batch of this shape cannot fit: the system might kill the job without a word.

    share: of the bytes of float32. What fits by far is not looked at closely: shapes without memory are a
    part of torch that loads its compiler, two seconds for each prediction.
    """
    most = most_bytes()
    if share * generous_bytes(net, shape) > most and share * widest_bytes(net, shape) > most:
        with memory_explained(section, settings=settings, need=partial(window_need, net, shape, share=share)):
            raise MemoryError(f"out of memory: no more than {bytes_in_words(most)} can be had")


def device_bytes():
    """Memory that a training can hope for: of its GPU, or of the machine where there is none."""
    return torch.cuda.mem_get_info()[1] if torch.cuda.is_available() else most_bytes()


def most_bytes(proc=Path("/proc"), groups=Path("/sys/fs/cgroup")):
    """Memory that a process can hope for: what the machine has free, or the limit of a job or container."""
    found = [float("inf")]
    with suppress(OSError, StopIteration):  # not Linux
        lines = (proc / "meminfo").read_text().splitlines()
        found.append(1024 * int(next(line for line in lines if line.startswith("MemAvailable")).split()[1]))
        for line in (proc / "self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers in ("", "memory"):
                root, name = (groups / "memory", "limit_in_bytes") if controllers else (groups, "max")
                folder = root / path.lstrip("/")
                found += [_limit(one / f"memory.{name}") for one in (folder, *folder.parents)]
    return min(found)


def _limit(path):
    try:
        return int(path.read_text())
    except (OSError, ValueError):  # "max": none
        return float("inf")


def widest_bytes(net, shape):
    """Bytes that the hungriest layer reads and writes. Nothing is computed and no memory taken."""
    found = [0]

    def see(layer, read, written):
        if not list(layer.children()):
            found.append(sum(one.nbytes for one in (*read, written)))

    hooks = [layer.register_forward_hook(see) for layer in net.modules()]
    try:
        bare = {name: value.to("meta") for name, value in net.state_dict().items()}
        torch.func.functional_call(net, bare, torch.empty(shape, device="meta"))
    finally:
        for hook in hooks:
            hook.remove()
    return max(found)


def generous_bytes(net, shape):
    """More bytes than any layer reads and writes: the most channels of any, in twice the batch's pixels."""
    widths = [max(weight.shape[:2]) for weight in net.parameters() if weight.ndim > 1]
    channels = max(widths, default=math.inf)
    return 2 * 4 * channels * 2 * shape[0] * math.prod(shape[2:])


def step_bytes(build, shape):
    """Bytes of a network's weights, and of what a forward pass of `shape` keeps for the way back, in float32.

    build: a function that makes the network. Nothing is computed and no memory taken: shapes are enough.
    """
    kept = {}

    def keep(tensor):
        storage = tensor.untyped_storage()
        kept[storage._cdata] = storage  # held, or its place could be given to another
        return tensor

    with torch.device("meta"):
        net = build()
        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            result = net.train()(torch.empty(shape))
    own = {weight.untyped_storage()._cdata: weight.untyped_storage() for weight in net.parameters()}
    activations = sum(storage.nbytes() for place, storage in kept.items() if place not in own)
    del result
    return sum(storage.nbytes() for storage in own.values()), activations
