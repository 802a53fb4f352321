"""Where the time of a captured step goes, kernel by kernel, and what might make it shorter.

After `gpu.py` says how fast steps are, this says why: the kernels of a step; whether cuDNN finds a faster
algorithm where it times more of them; what compiled networks win inside a graph; and how many steps several
trainings take that share the card. `python benchmarks/gpu_kernels.py [kernels] [algorithms] [compiled]
[shared]`: those parts, or all in about 6 minutes. `--smoke` runs every line on whatever is here.
"""

import subprocess
import sys
import time
from collections import Counter

import torch
from gpu import DEVICE, SMOKE, Stepping, cases, seconds_a_step, synchronise
from torch.profiler import ProfilerActivity, profile
from training import random_slices

from synthem.compute.devices import forbid_tf32, use_threads
from synthem.compute.precision import precision_here
from synthem.training import loop
from synthem.training.capture import PLAIN_STEPS, Cuda, Graphs

ON_GPU = DEVICE.type == "cuda"
PROFILED, SHOWN = 1 if SMOKE else 5, 3 if SMOKE else 30  # steps; kernels
ALGORITHMS = (10,) if SMOKE else (loop.ALGORITHMS, 10)
TOGETHER = (2,) if SMOKE else (1, 2, 4, 8)
SHARED_SECONDS = 0.1 if SMOKE else 4
LARGE = ("U-Net 31 M, 16 x 256^2", "pix2pix 57 M, 8 x 256^2")[: 1 if SMOKE else 2]  # they fill a card
SMALL = ("pix2pix 57 M, 1 x 256^2", "U-Net 1.9 M, 12 x 160^2")[: 1 if SMOKE else 2]  # they leave it idle


def task_of(name):
    return cases(*random_slices())[name].build(precision=precision_here("auto"))


def kernels():
    """Of each network's step, the kernels that take longest together."""
    for name in (*LARGE, *SMALL):
        step = Stepping(task_of(name))
        for _ in range(PLAIN_STEPS + 2):
            step()
        synchronise()
        with profile(activities=[ProfilerActivity.CUDA if ON_GPU else ProfilerActivity.CPU]) as seen:
            for _ in range(PROFILED):
                step()
            synchronise()
        show(name, seen.events())


def show(name, events):
    times, calls = Counter(), Counter()
    for event in events:
        if not ON_GPU or event.device_type == torch.autograd.DeviceType.CUDA:
            times[event.name] += event.device_time if ON_GPU else event.self_cpu_time_total
            calls[event.name] += 1
    total = sum(times.values()) / PROFILED / 1000
    print(f"{name}: {total:.3f} ms, {calls.total() / PROFILED:.0f} kernels a step")
    for kernel, microseconds in times.most_common(SHOWN):
        milliseconds, number = microseconds / PROFILED / 1000, calls[kernel] / PROFILED
        print(f"{milliseconds:9.3f} ms {number:6.1f} x  {kernel[:140]}", flush=True)


def algorithms():
    """Captured steps after cuDNN has timed a few algorithms for each shape, and after it has timed more."""
    for name in (*LARGE, *SMALL):
        for count in ALGORITHMS:
            subprocess.run([*again("--algorithms"), str(count), name], check=True)


def time_algorithms(count, name):
    """In a process of its own: one that has chosen for a shape does not choose again."""
    task = task_of(name)
    torch.backends.cudnn.benchmark_limit = count
    tell(f"{name}, {count} algorithms", task, cases(*random_slices())[name])


def again(what):
    """The command that runs a part of this benchmark in another process."""
    return [sys.executable, __file__, *["--smoke"] * SMOKE, what]


def compiled():
    """Captured steps of networks that torch has compiled."""
    for name in LARGE:
        task = task_of(name)
        for part in ("net", "generator", "discriminator"):
            if hasattr(task, part):
                getattr(task, part).compile(dynamic=False, backend="eager" if SMOKE else "inductor")
        if ON_GPU:
            task.graphs = Graphs(Cuda(DEVICE))
        tell(f"{name}, compiled", task, cases(*random_slices())[name])


def tell(what, task, case):
    start = time.perf_counter()
    try:
        seconds = seconds_a_step(Stepping(task), case.steps)
    except Exception as error:  # no compiler, too old, no memory: the other figures are told all the same
        print(f"{what}: {type(error).__name__}: {str(error).splitlines()[0]}")
        return
    whole = time.perf_counter() - start
    speed = f"{1 / seconds:.1f} steps/s, {case.batch / seconds:.1f} img/s"
    print(f"{what}: {speed} ({whole:.0f} s with all before)", flush=True)


def shared():
    """Several processes that train on one card at once: their steps together."""
    for name in SMALL:
        for count in TOGETHER:
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            trainings = [subprocess.Popen([*again("--one"), name], **pipes) for _ in range(count)]
            for one in trainings:
                while one.stdout.readline() not in ("ready\n", ""):
                    pass
            for one in trainings:
                one.stdin.write("\n")
                one.stdin.flush()
            found = [one.communicate()[0].split() for one in trainings]
            together, mebibytes = sum(float(steps) for steps, _ in found), found[0][1]
            print(
                f"{name}: {count} at once, {together:.0f} steps/s together, {mebibytes} MiB each", flush=True
            )


def train_one(name):
    """One of those: it waits until all are ready, then tells steps a second and the memory it holds."""
    step = Stepping(task_of(name))
    for _ in range(PLAIN_STEPS + 2):
        step()
    synchronise()
    print("ready", flush=True)
    sys.stdin.readline()
    start, done = time.perf_counter(), 0
    while time.perf_counter() - start < SHARED_SECONDS:
        for _ in range(1 if SMOKE else 20):
            step()
            done += 1
        synchronise()
    held = torch.cuda.max_memory_reserved() / 2**20 if ON_GPU else 0
    print(done / (time.perf_counter() - start), f"{held:.0f}", flush=True)


def main():
    forbid_tf32()
    if SMOKE:
        use_threads(1)  # it runs beside other tests
    if "--one" in sys.argv:
        return train_one(sys.argv[-1])
    if "--algorithms" in sys.argv:
        return time_algorithms(int(sys.argv[-2]), sys.argv[-1])
    parts = {"kernels": kernels, "algorithms": algorithms, "shared": shared, "compiled": compiled}
    wanted = [word for word in sys.argv[1:] if word in parts] or parts
    for name in wanted:
        print(f"-- {name}: {parts[name].__doc__}", flush=True)
        parts[name]()


if __name__ == "__main__":
    main()
