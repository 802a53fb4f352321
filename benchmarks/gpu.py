"""Training steps on a GPU: as CUDA graphs and plain, against pix2pix of 2017 and, where installed, nnU-Net.

One command without network, at most 8 minutes: `python benchmarks/gpu.py`. It needs torch, numpy, h5py,
numba, scikit-image and tifffile. The goals are those of an H100; each stands beside what was found. `--smoke`
runs every line in a minute on whatever is here, at sizes that say nothing about speed. Where the time of a
step goes: gpu_kernels.py. What might make it shorter: gpu_variants.py.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from functools import partial
from statistics import median
from typing import NamedTuple

import torch
import training_peer
from rounds import print_result
from training import DEVICE, PIX2PIX_SIDE, pix2pix, random_slices, segmenter

from synthem.compute.devices import forbid_tf32, use_threads
from synthem.compute.precision import precision_here
from synthem.training.capture import PLAIN_STEPS, Plain

SMOKE, FIFTY_STEPS = "--smoke" in sys.argv, "--fifty-steps" in sys.argv
ROUNDS = 1 if SMOKE else 3
WARM_UP = 1 if SMOKE else PLAIN_STEPS + 2
NARROW, SMALL_SIDE = 2, 32  # of --smoke
STARTED_STEPS = EQUAL_STEPS = 2 if SMOKE else 50
MOST_DIFFERENCE = {"fp32": 1e-5, "bf16": 1e-3}  # of losses, relative
MOST_START_UP, MOST_AUGMENTATION, LEAST_BUSY = 20, 0.05, 0.9  # seconds; parts of a step
ALL_CHANGES = {
    "turn": True,
    "scale": [1, 1],
    "elastic": 2,
    "blur": {"probability": 0.2, "sigma": 2, "radius": 5},
    "local_blur": {"probability": 0.2, "sigma": 3, "radius": 5},
    "low_contrast": {"probability": 0.1, "gain": 0.5},
    "brightness": 0.2,
    "contrast": 0.2,
    "noise": 0.2,
    "missing": 0.05,
}


class Case(NamedTuple):
    """A network in training, and what is asked of it."""

    build: Callable  # precision -> the task
    batch: int
    steps: int  # in a round
    goal: float | None = None  # images a second
    peer: Callable | None = None  # () -> the step of another program, and its networks
    times: float | None = None  # as fast as the peer, at least


def cases(slices, pairs):
    def u_net(width, batch, side, **changed):
        size = (NARROW, 2, SMALL_SIDE) if SMOKE else (width, batch, side)
        return partial(segmenter, slices, *size[:2], side=size[2], **changed)

    def of_pairs(batch):
        return partial(pix2pix, pairs, NARROW if SMOKE else 64, 0.5, batch_size=batch)

    nnunet, isola = training_peer.nnunet, training_peer.pix2pix
    return {
        "U-Net 31 M, 16 x 256^2": Case(u_net(64, 16, 256), 16, 60, 1000, peer(nnunet, 64, 16, 256)),
        "the same, all changes": Case(u_net(64, 16, 256, augment=ALL_CHANGES), 16, 60),
        "U-Net 7.8 M, 128 x 160^2": Case(u_net(32, 128, 160), 128, 40, None, peer(nnunet, 32, 128, 160)),
        "U-Net 1.9 M, 12 x 160^2": Case(u_net(16, 12, 160), 12, 300, 3500, peer(nnunet, 16, 12, 160), 6),
        "pix2pix 57 M, 1 x 256^2": Case(of_pairs(1), 1, 200, 230, peer(isola, 64, 1, PIX2PIX_SIDE), 4.5),
        "pix2pix 57 M, 8 x 256^2": Case(of_pairs(8), 8, 100, 1000, peer(isola, 64, 8, PIX2PIX_SIDE)),
    }


def peer(program, width, batch, side):
    """A function that makes the step of another program, on one batch over and over."""

    def made():
        image = torch.randn(batch, 1, side, side, device=DEVICE).clip(-1, 1)
        return program(width, image, (image > 0).float())

    def made_small():
        image = torch.randn(1, 1, PIX2PIX_SIDE, PIX2PIX_SIDE, device=DEVICE).clip(-1, 1)
        return program(NARROW, image, (image > 0).float())

    return made_small if SMOKE else made


def synchronise():
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()


def seconds_a_step(step, steps):
    """Median over the rounds; the first steps, which measure algorithms and capture, are not counted."""
    steps = 1 if SMOKE else steps
    for _ in range(WARM_UP):
        step()
    found = []
    for _ in range(ROUNDS):
        synchronise()
        start = time.perf_counter()
        for _ in range(steps):
            step()
        synchronise()
        found.append((time.perf_counter() - start) / steps)
    return median(found)


class Stepping:
    """The steps of a task, one after the other."""

    def __init__(self, task):
        self.task, self.number = task, 0

    def __call__(self):
        losses = self.task.step(self.number)
        self.number += 1
        return losses


def measure(name, case, precision):
    """{what: seconds a step}: captured, plain, and the device's half of a captured step by itself.

    With a peer, its steps as it comes; `graphs` is how many were captured, on a GPU.
    """
    captured, plain = (case.build(precision=precision) for _ in range(2))
    plain.graphs = Plain()
    batch = captured.batch_of(0)
    found = {
        "captured": seconds_a_step(Stepping(captured), case.steps),
        "its graph alone": seconds_a_step(partial(captured.graphs.run, captured.learn, batch), case.steps),
        "plain": seconds_a_step(Stepping(plain), max(case.steps // 4, 1)),
    }
    for what, seconds in found.items():
        print(f"{name:26} {what:16} {1 / seconds:9.1f} steps/s {case.batch / seconds:9.1f} img/s", flush=True)
    busy = found["its graph alone"] / found["captured"]
    told(f"{name}: the graph's part of a step", busy, LEAST_BUSY, at_least=True)
    if case.goal:
        told(f"{name}: img/s", case.batch / found["captured"], case.goal, at_least=True)
    if DEVICE.type == "cuda":
        found["graphs"] = graphs_of(captured)
        told(f"{name}: CUDA graphs", found["graphs"], 1, at_least=True)
    found |= measure_peer(name, case, compiled=False)
    if case.times and "peer" in found:
        times = found["peer"] / found["captured"]
        told(f"{name}: times as fast as the peer", times, case.times, at_least=True)
    return found


def graphs_of(task):
    """How many CUDA graphs a task has captured: without one, its steps were plain."""
    return len(getattr(task.graphs, "recorded", ()))


def measure_peer(name, case, *, compiled):
    """The peer as it comes, or compiled: {what: seconds a step}; nothing where it is not installed."""
    what = "peer, compiled" if compiled else "peer"
    if not case.peer:
        return {}
    torch.backends.cudnn.allow_tf32 = True  # as it comes
    try:
        step, nets, package = case.peer()
        for net in nets if compiled else ():
            # Of each case anew: for several sizes at once, torch 2.11 compiled for minutes.
            net.compile(dynamic=False, backend="eager" if SMOKE else "inductor")
        seconds = seconds_a_step(step, max(case.steps // 4, 1))
    except Exception as error:  # not installed, no compiler, too old: ours is measured all the same
        print(f"{name:26} {what}: {type(error).__name__}: {str(error).splitlines()[0]}")
        return {}
    finally:
        forbid_tf32()
    print(f"{name:26} {what:16} {1 / seconds:9.1f} steps/s {case.batch / seconds:9.1f} img/s ({package})")
    return {what: seconds}


def told(what, found, goal, *, at_least):
    met = found >= goal if at_least else found <= goal
    verdict = "not asked" if SMOKE else "met" if met else "MISSED"
    sign = ">=" if at_least else "<="
    print(f"    {what}: {found:.3g} (goal {sign} {goal:g}): {verdict}", flush=True)


def largest_difference(build, precision):
    """Of the losses of captured and of plain steps, relative: the same weights, patches and chance."""
    rows = []
    for graphs in (None, Plain()):
        task = build(precision=precision)
        task.graphs = graphs or task.graphs
        step = Stepping(task)
        with repeatable():
            losses = [torch.stack(list(step().values())) for _ in range(EQUAL_STEPS)]
        rows.append(torch.stack(losses).double())
        if DEVICE.type == "cuda" and graphs is None and not graphs_of(task):
            sys.exit("no CUDA graph was captured: there is nothing to compare")
    captured, plain = rows
    return ((captured - plain).abs() / plain.abs().clamp(min=1e-3)).max().item()


@contextmanager
def repeatable():
    """Algorithms that repeat themselves, where torch has them: what differs then is the capture."""
    cudnn = torch.backends.cudnn
    before = cudnn.benchmark, cudnn.deterministic
    torch.use_deterministic_algorithms(True, warn_only=True)
    cudnn.benchmark, cudnn.deterministic = False, True
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(False)
        cudnn.benchmark, cudnn.deterministic = before


def compare(slices, pairs):
    """{what: largest difference} between captured and plain steps, by small networks."""
    width, side = (NARROW, SMALL_SIDE) if SMOKE else (16, 160)
    builds = {
        "U-Net": partial(segmenter, slices, width, 2, side=side),
        "pix2pix with dropout": partial(pix2pix, pairs, width, 0.5),
    }
    found = {}
    for name, build in builds.items():
        for precision, most in MOST_DIFFERENCE.items():
            what = f"{name}, {precision}"
            found[what] = largest_difference(build, precision)
            told(f"{what}: captured against plain losses", found[what], most, at_least=False)
    return found


def start_up():
    """Seconds from the start of a process to its last step of a few.

    Twice: the first on a fresh machine has to read gigabytes of CUDA's libraries from its disk.
    """
    found = {}
    for which in ("first start-up", "start-up"):
        start = time.perf_counter()
        subprocess.run([sys.executable, *sys.argv, "--fifty-steps"], check=True)
        found[which] = time.perf_counter() - start
        print(f"{which}: {found[which]:.1f} s")
    told(f"seconds from the start to step {STARTED_STEPS}", found["start-up"], MOST_START_UP, at_least=False)
    return found


def take_first_steps():
    step = Stepping(
        cases(*random_slices())["U-Net 1.9 M, 12 x 160^2"].build(precision=precision_here("auto"))
    )
    for _ in range(STARTED_STEPS):
        losses = step()
    print("the last losses:", {name: round(loss.item(), 3) for name, loss in losses.items()})


def main():
    forbid_tf32()
    if SMOKE:
        use_threads(1)  # it runs beside other tests
    if FIFTY_STEPS:
        take_first_steps()
        return
    precision, device = precision_here("auto"), DEVICE.type
    name = torch.cuda.get_device_name() if device == "cuda" else device
    print(f"{name}, torch {torch.__version__}, {precision}{', a smoke test: no figure counts' * SMOKE}")
    found = start_up()  # before this process holds the device
    slices, pairs = random_slices()
    equal = compare(slices, pairs)
    seconds = {}
    for case, asked in cases(slices, pairs).items():
        seconds[case] = measure(case, asked, precision)
        found |= {f"{case}: {what}": value for what, value in seconds[case].items()}
        if device == "cuda":
            torch.cuda.empty_cache()
    bare, changed = (seconds[case]["captured"] for case in list(seconds)[:2])
    told("part of a step that all changes take", changed / bare - 1, MOST_AUGMENTATION, at_least=False)
    # Last, for compilers may take minutes: should the time run out, all else is told.
    for case, asked in cases(slices, pairs).items():
        peers = measure_peer(case, asked, compiled=True)
        found |= {f"{case}: {what}": value for what, value in peers.items()}
    found = {what: float(f"{value:.4g}") for what, value in found.items()}
    print_result("gpu", ratios={"device": name, "seconds": found}, equal=equal, libraries=["numpy", "torch"])


if __name__ == "__main__":
    main()
