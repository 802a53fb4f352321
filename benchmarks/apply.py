"""Probabilities of a stack of 165 x 768 x 1024, file to file, against the bare time of its network, base 16.

This is `predict_stack` alone: the steps of `apply` that cut, rank, export and draw are not in it. Goals: at
most 1.1 times the network's own time, and at most 64 MiB above the memory in which the network predicts a
single slice: the result lies on the disk. Ours: `predict_stack` of one network, pieces and result written.
The network's own: the same slices, read before, through the same network, no file read or written. Both in
turns, each once before with a small stack; memory in a process of its own. The goal is of processor time, of
all threads: on a machine that others use, seconds of the clock swing threefold. They are printed beside it,
for what waits for the disk is in them alone. `--smoke`: a small stack, to see that all of it runs.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from rounds import print_result

from synthem.compute.allocation import ENVIRONMENT, keep_freed_memory
from synthem.inference.applying import PIECE, predict_stack
from synthem.inference.segmenting import Segmenter
from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import build_network
from synthem.storage.volumes import Facts, Volume, write_volume

SHAPE, SMOKE = (165, 768, 1024), (20, 96, 128)
NETWORK = {"in_channels": 1, "out_channels": 1, "base_width": 16, "depth": 4}
SETTINGS = {"tile": 1024, "halo": 160, "tile_slices": 1, "halo_slices": 0, "turns": 1, "precision": "fp32"}
GOAL_TIME, GOAL_MEMORY = 1.1, 64
THREADS = 2


def segmenter():
    torch.set_num_threads(THREADS)
    net = build_network(SEGMENTERS, "unet", seed=0, **NETWORK).eval()
    return Segmenter(net, device=torch.device("cpu"), **SETTINGS)


def slices(shape):
    """Noise on waves: like tissue it does not compress well, and probabilities differ."""
    random = np.random.default_rng(0)
    y, x = np.indices(shape[1:]) / 20
    waves = 128 + 40 * np.sin(y) * np.cos(x)
    return np.stack(
        [np.clip(waves + random.normal(0, 15, shape[1:]), 0, 255).astype(np.uint8) for _ in range(shape[0])]
    )


def write_stack(folder, image):
    facts = Facts(voxel_size_nm=(5.0, 5.0, 5.0), blocks={"test": ((0, len(image)),)})
    write_volume(folder / "volume.h5", Volume(image, facts))


def whole(folder, ours):
    path, pieces = folder / "probability.h5", folder / "pieces"
    predict_stack(path, folder / "volume.h5", [ours], learnt_nm=None, pieces=pieces)


def network_alone(image, ours):
    for plane in image:
        ours.probabilities([plane[None]])


def megabytes(what):
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(what)).split()[1]) / 1024


def print_memory(folder):
    """MiB that the whole stack takes above what the network alone took: the body of a process of its own."""
    keep_freed_memory()  # as in jobs
    ours = segmenter()
    with open(folder / "one.npy", "rb") as file:
        network_alone(np.load(file), ours)
    before = megabytes("VmHWM")
    whole(folder, ours)
    print(megabytes("VmHWM") - before)


def measured_memory(folder):
    command = [sys.executable, __file__, "--memory-of", str(folder)]
    done = subprocess.run(command, env=os.environ | ENVIRONMENT, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def seconds_of(action):
    """(By the clock, of the processor)."""
    start = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - start[0], time.process_time() - start[1]


def ratios_of(folder, image, ours, *, rounds):
    """Times of the whole stack over those of the network alone, (by the clock, of the processor): medians."""
    both = (lambda: whole(folder, ours)), (lambda: network_alone(image, ours))
    found = []
    for number in range(rounds):
        order = both if number % 2 == 0 else both[::-1]  # nobody always runs in the wake of the other
        times = {action: seconds_of(action) for action in order}
        print("stack {:.1f} s, {:.1f} s of the processor".format(*times[both[0]]))
        print("network alone {:.1f} s, {:.1f} s of the processor".format(*times[both[1]]), flush=True)
        found.append([stack / alone for stack, alone in zip(*(times[one] for one in both), strict=True)])
    return [statistics.median(ratios) for ratios in zip(*found, strict=True)]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--smoke", action="store_true")
    options.add_argument("--rounds", type=int, default=1)
    options.add_argument("--memory-of", type=Path)
    chosen = options.parse_args()
    if chosen.memory_of:
        print_memory(chosen.memory_of)
        return
    shape = SMOKE if chosen.smoke else SHAPE
    image = slices(shape)
    with tempfile.TemporaryDirectory() as name:
        folder, ours = Path(name), segmenter()
        write_stack(folder, image[:PIECE])
        whole(folder, ours)  # loads and compiles what both need
        write_stack(folder, image)
        np.save(folder / "one.npy", image[:1])
        memory = measured_memory(folder)
        print(
            f"memory: {memory:.0f} MiB above one slice's, goal {GOAL_MEMORY}: {said(memory <= GOAL_MEMORY)}"
        )
        clock, ratio = ratios_of(folder, image, ours, rounds=chosen.rounds)
    print(f"{shape}, load {os.getloadavg()[0]:.1f}, by the clock {clock:.3g} times the network's own")
    print(f"processor: {ratio:.3g} times the network's own, goal {GOAL_TIME}: {said(ratio <= GOAL_TIME)}")
    found = {"time over network's": ratio, "by the clock": clock, "MiB above one slice": memory}
    found = {name: float(f"{value:.3g}") for name, value in found.items()}
    print_result("apply", ratios=found, equal={"shape": list(shape)}, libraries=["numpy", "torch"])


def said(met):
    return "met" if met else "missed"


if __name__ == "__main__":
    main()
