"""Predictions of slices of 768 x 1024 pixels against MONAI's sliding window, by the same U-Net of base 16.

Goals: 4.5 times as fast in float32 and 7 times in bfloat16, where the processor has units for it; at most an
eighth of the memory for a volume of 165 slices. MONAI: tiles of 256 x 256 that overlap by half, its defaults
beside that, float32, the volume as one batch. Ours: whole slices, from file to file. Each in a process of its
own; MONAI lives in an environment of its own (make peers).
"""

import os
import sys
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np
import torch
from peers import Peer
from rounds import median_seconds, print_result, ratios

from synthem.compute.allocation import ENVIRONMENT as JOBS
from synthem.compute.precision import precision_here
from synthem.intensity import slice_statistics, standardise
from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import build_network, load_network, save_network
from synthem.storage.volumes import Facts, Volume, write_volume

THREADS, ROUNDS, SHAPE = 2, 5, (165, 768, 1024)
NETWORK = {"in_channels": 1, "out_channels": 1, "base_width": 16, "depth": 4}
GOALS = {"fp32": 4.5, "bf16": 7.0}
SMALLER = 8  # goal: times less memory
TOLERANCE, TOLERANCE_BF16 = 1e-4, 0.05


def blobs():
    """A slice with structures of some 20 pixels, and noise."""
    random = np.random.default_rng(0)
    coarse = torch.from_numpy(random.normal(0, 1, (1, 1, SHAPE[1] // 16, SHAPE[2] // 16)).astype(np.float32))
    smooth = torch.nn.functional.interpolate(coarse, SHAPE[1:], mode="bicubic")[0, 0].numpy()
    return np.clip(128 + 40 * smooth + random.normal(0, 15, SHAPE[1:]), 0, 255).astype(np.uint8)


def prepare(folder, image):
    """The volume, and a network whose norms have seen it: else all probabilities are nearly equal."""
    blocks = {"train": [(0, 1)], "test": [(1, SHAPE[0])]}
    facts = Facts(voxel_size_nm=(5.0, 5.0, 5.0), blocks=blocks)
    write_volume(folder / "volume.h5", Volume(np.broadcast_to(image, SHAPE), facts))
    torch.set_num_threads(1)
    net = build_network(SEGMENTERS, "unet", seed=0, **NETWORK).train()
    seen = torch.from_numpy(standardised(image))[None, None, :128, :128]
    with torch.no_grad():
        for _ in range(30):
            net(seen)
    save_network(folder / "network.pt", net)


def standardised(image):
    (mean,), (deviation,) = slice_statistics(image[None])
    return standardise(image, mean, deviation)


def exact(folder, image):
    """Probabilities of the network as it is, the slice as a whole, in float32."""
    net = load_network(folder / "network.pt", SEGMENTERS)
    with torch.inference_mode():
        return torch.sigmoid(net(torch.from_numpy(standardised(image))[None, None]))[0].numpy()


def check_equal(folder, image, words):
    """Largest and mean differences from the whole slice in float32."""
    expected, found = exact(folder, image), {}
    for who in (*(f"Synthem-{word}" for word in words), "MONAI-fp32"):
        difference = np.abs(np.load(folder / f"{who}.npy") - expected)
        found |= {f"{who}: largest difference": float(difference.max())}
        found |= {f"{who}: mean difference": float(difference.mean())}
    print(f"probabilities from {expected.min():.3f} to {expected.max():.3f}")
    limits = {"fp32": TOLERANCE, "bf16": TOLERANCE_BF16}
    if any(found[f"Synthem-{word}: largest difference"] > limits[word] for word in words):
        sys.exit(f"probabilities differ from those of the whole slice: {found}")
    return found


def measure_memory(peers):
    """{who: megabytes above the start} of the whole volume, by a network that needs none itself."""
    found = {who: float(peer.ask("memory")) for who, peer in peers.items()}
    output = np.prod(SHAPE) / 2**20
    for who, megabytes in found.items():
        print(f"{who:14} {megabytes:7.0f} MiB above the start ({output:.0f} MiB are the result as uint8)")
    return ratios(found, "Synthem")["MONAI"]


def measure_speed(peers, words):
    actions = {word: partial(peers["Synthem"].ask, word) for word in words}
    actions["MONAI"] = partial(peers["MONAI"].ask, "fp32")
    seconds = median_seconds(actions, rounds=ROUNDS)
    for who, spent in seconds.items():
        print(f"{who:14} {spent * 1e3:7.0f} ms a slice")
    return {word: seconds["MONAI"] / seconds[word] for word in words}


def print_goal(what, found, goal):
    print(f"{what}: {found:.3g} times, goal {goal:g}: {'met' if found >= goal else 'missed'}")


def main():
    words = list(dict.fromkeys(("fp32", precision_here("auto"))))
    image = blobs()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        prepare(Path(folder), image)
        peers = {
            who: running.enter_context(
                Peer(who, "inference_peer.py", who, folder, THREADS, environment=environment)
            )
            for who, environment in {"Synthem": JOBS, "MONAI": {}}.items()
        }
        print(*(f"{who}: {peer.hear()}" for who, peer in peers.items()), sep="\n")
        memory = measure_memory(peers)
        speeds = measure_speed(peers, words)
        equal = check_equal(Path(folder), image, words)
    print(f"load {os.getloadavg()[0]:.1f}")
    for word, times in speeds.items():
        print_goal(f"speed in {word}", times, GOALS[word])
    print_goal("memory", memory, SMALLER)
    found = {f"MONAI: speed in {word}": float(f"{times:.3g}") for word, times in speeds.items()}
    print_result(
        "inference", ratios=found | {"MONAI: memory": memory}, equal=equal, libraries=["numpy", "torch"]
    )


if __name__ == "__main__":
    main()
