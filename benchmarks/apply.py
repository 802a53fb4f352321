"""A whole stack of 165 x 768 x 1024 from file to file against the bare time of its network, of base width 16.

Goals: at most 1.1 times the network's own time, and at most 64 MiB above the memory in which the network
predicts a single slice: the result lies on the disk. Ours: `predict_stack` of one network, pieces and result
written. The network's own: the same slices, read before, through the same network, no file read or written.
Both in turns; memory in processes of their own. `--smoke`: a small stack, to see that all of it runs.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from rounds import median_seconds, print_result

from synthem.compute.allocation import ENVIRONMENT, keep_freed_memory
from synthem.inference.applying import predict_stack
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
        folder = Path(name)
        write_stack(folder, image)
        np.save(folder / "one.npy", image[:1])
        memory = measured_memory(folder)
        ours = segmenter()
        actions = {"stack": lambda: whole(folder, ours), "network": lambda: network_alone(image, ours)}
        seconds = median_seconds(actions, rounds=chosen.rounds)
    ratio = seconds["stack"] / seconds["network"]
    print(f"{shape}: {seconds['stack']:.1f} s, the network alone {seconds['network']:.1f} s")
    print(f"load {os.getloadavg()[0]:.1f}: on a machine that others use, ratios of single rounds swing")
    print(f"time: {ratio:.3g} times the network's own, goal {GOAL_TIME}: {said(ratio <= GOAL_TIME)}")
    print(f"memory: {memory:.0f} MiB above one slice's, goal {GOAL_MEMORY}: {said(memory <= GOAL_MEMORY)}")
    found = {"time over network's": float(f"{ratio:.3g}"), "MiB above one slice": float(f"{memory:.3g}")}
    print_result("apply", ratios=found, equal={"shape": list(shape)}, libraries=["numpy", "torch"])


def said(met):
    return "met" if met else "missed"


if __name__ == "__main__":
    main()
