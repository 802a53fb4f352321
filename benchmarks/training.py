"""Training steps (forward, loss, backward, optimiser) against nnU-Net, MONAI, BiaPy and pix2pix.

Goals: a U-Net of 31 M weights at least 1.8 times as fast as each peer's, one of 1.9 M 2.3 times, pix2pix 1.6
times. Each computes in the precision it comes in: the peers in float32, on processors; ours in bfloat16 where
the machine has units for it, and for comparison in float32. Ours draws its patches, too; the peers learn from
one batch over and over. They live in an environment of their own (make peers).
"""

import json
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from itertools import count
from typing import NamedTuple

import numpy as np
import torch
from peers import Peer
from rounds import median_seconds, print_result, ratios

from synthem.compute.devices import use_threads
from synthem.compute.precision import BF16_UNITS, PROCESSOR, precision_here
from synthem.gans.batches import Pairs
from synthem.gans.diff_augment import Changes
from synthem.gans.networks import build_discriminator, build_generator
from synthem.gans.pix2pix import Pix2Pix, RealOrFakeWeights
from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import build_network
from synthem.patches.places import PatchSet
from synthem.training.loop import seed_everything
from synthem.training.segmenter import Segmentation

THREADS, ROUNDS, SHAPE = 2, 3, (4, 512, 512)
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
STEPS = 20 if DEVICE.type == "cuda" else 1  # in a round
UNET_SIDE, PIX2PIX_SIDE = 160, 256
COMPARED_STEPS, COMPARED_WIDTH, TOLERANCE = 4, 16, 0.02  # bfloat16 has 8 bits
U_NETS = ("nnU-Net", "MONAI", "BiaPy")
UNLIKE = 0.005  # part of the weights: the peers end in slightly other layers
ADAM = {
    "learning_rate": 1e-3,
    "betas": (0.9, 0.999),
    "epsilon": 1e-8,
    "schedule": {"kind": "constant"},
    "clip_norm": 0,
}
ADAM_OF_PIX2PIX = ADAM | {"learning_rate": 2e-4, "betas": (0.5, 0.999)}
NO_AVERAGE = {"ema": {"decay": 0, "warm_up": 10}}
# Every weight there is, written out: machines with a GPU may have no yaml.
LOSS = {"bce": 1, "dice": 1, "cldice": 0, "cldice_iterations": 1, "positive_weight": 1}
UNCHANGED = {
    "turn": False,
    "scale": [1, 1],
    "elastic": 0,
    "blur": {"probability": 0, "sigma": 3, "radius": 5},
    "local_blur": {"probability": 0, "sigma": 3, "radius": 5},
    "low_contrast": {"probability": 0, "gain": 0.1},
    "brightness": 0,
    "contrast": 0,
    "noise": 0,
    "missing": 0,
}


class Case(NamedTuple):
    """A network in training, ours (a function of the precision) and the peers' of the same size."""

    build: Callable
    peers: tuple
    width: int
    batch: int
    side: int
    goal: float

    @property
    def size(self):
        return f"{self.width}x{self.batch}"


def random_slices():
    """What segmenters learn from, and what generators do."""
    image = np.random.default_rng(0).integers(0, 256, SHAPE, np.uint8)
    mask = (image > 128).astype(np.uint8)
    return PatchSet("random", image, target=mask), PatchSet("random", image, conditions={"mask": mask})


def segmenter(examples, width, batch_size, *, precision, side=UNET_SIDE, augment=UNCHANGED):
    """What segmenter_trainer trains."""
    seed_everything(0)
    shape = {"in_channels": 1, "out_channels": 1, "base_width": width, "depth": 4}
    net = build_network(SEGMENTERS, "unet", seed=0, **shape)
    training = {"steps": 1000, "batch_size": batch_size, "patch": side, "precision": precision}
    training |= {"compile": False, "seed": 0, "augment": augment}
    training |= {"optimiser": ADAM | NO_AVERAGE, "loss": LOSS}
    training |= {"adversary": {"kind": "none"}, "start": {"from": "", "layers": 0, "freeze_layers": 0}}
    training |= {"validation": {"every": 1000, "stop_after": 0, "keep": "last"}}
    return Segmentation(net.to(DEVICE), [examples], examples, training=training)


def pix2pix(examples, width, dropout, *, precision, batch_size=1):
    """What gan_trainer trains."""
    seed_everything(0)
    sizes = {"base_width": width, "depth": 8, "dropout": dropout, "noise_channels": 0}
    generator = {"kind": "pix2pix", "pix2pix": sizes}
    discriminator = {"kind": "patch70", "patch70": {"base_width": width, "scales": 1}}
    nets = (
        build_generator(generator, masks=1, colours=1, seed=0),
        build_discriminator(discriminator, channels=2, masks=1, seed=0),
    )
    return Pix2Pix(
        *(net.to(DEVICE) for net in nets),
        Pairs(examples, batch_size=batch_size, patch=PIX2PIX_SIDE, seed=0, device=DEVICE),
        Changes([], ada_target=0, ada_images=1, device=DEVICE),
        RealOrFakeWeights("bce", True, 100, 0, 0, 0, 0, 0.5),
        guards={"every": 0, "first": 0, "in_a_row": 1, "on_failure": "stop"},
        steps=1000,
        precision=precision,
        optimisers={"generator": ADAM_OF_PIX2PIX | NO_AVERAGE, "discriminator": ADAM_OF_PIX2PIX},
    )


def stepping(task):
    """A function that takes the steps of a round; it ends when the device has."""
    numbers = count()

    def step():
        for _ in range(STEPS):
            losses = task.step(next(numbers))
        return [loss.item() for loss in losses.values()]

    return step


def largest_difference(build, precision):
    """Between the losses of the first steps in this precision and in float32, relative to the latter."""
    found, exact = (losses_of(build(precision=word)) for word in (precision, "fp32"))
    return (found - exact).abs().div(exact.abs()).max().item()


def losses_of(task):
    steps = [task.step(number) for number in range(COMPARED_STEPS)]
    return torch.tensor([[loss.item() for loss in losses.values()] for losses in steps])


def convolution_weights(task):
    """How many there are; norms and biases differ between programs."""
    nets = (part for part in task.parts.values() if isinstance(part, torch.nn.Module))
    return sum(weight.numel() for net in nets for weight in net.parameters() if weight.ndim == 4)


def check_equal(slices, pairs, precision):
    """The same steps in both precisions, by small networks: what is drawn by chance (dropout) is off."""
    differences = {
        "U-Net": largest_difference(partial(segmenter, slices, COMPARED_WIDTH, 2), precision),
        "pix2pix": largest_difference(partial(pix2pix, pairs, COMPARED_WIDTH, 0), precision),
    }
    if max(differences.values()) > TOLERANCE:
        sys.exit(f"losses in {precision} differ from those in float32: {differences}")
    return {f"{net}_loss_difference": difference for net, difference in differences.items()}


def start_peers(cases, running):
    """{name: Peer}, each with all its cases: it has to load but once."""
    peers = {}
    for name in dict.fromkeys(name for case in cases.values() for name in case.peers):
        own = [case for case in cases.values() if name in case.peers]
        arguments = (own[0].side, THREADS, *(case.size for case in own))
        peers[name] = running.enter_context(Peer(name, "training_peer.py", name, *arguments))
    return peers


def check_weights(name, case, abouts, task):
    mine = convolution_weights(task)
    for peer in case.peers:
        theirs = abouts[peer]["weights"][case.size]
        print(f"{name}: {theirs} weights of {peer}, {mine} of ours")
        if abs(theirs / mine - 1) > UNLIKE:
            sys.exit(f"{name} of {peer} has another size")


def measure(name, case, peers, abouts, precision):
    """{"name in precision: peer": how many times the seconds of our step the peer's takes}."""
    tasks = {word: case.build(precision=word) for word in (precision, "fp32")}
    check_weights(name, case, abouts, tasks["fp32"])
    actions = {word: stepping(task) for word, task in tasks.items()}
    actions |= {peer: partial(peers[peer].ask, f"{case.size} {STEPS}") for peer in case.peers}
    seconds = median_seconds(actions, rounds=ROUNDS)
    for who, spent in seconds.items():
        print(f"{name:12} {who:14} {STEPS / spent:7.3f} steps/s {STEPS * case.batch / spent:7.2f} images/s")
    found = {}
    for word in tasks:
        times = ratios({who: seconds[who] for who in (word, *case.peers)}, word)
        found |= {f"{name} in {word}: {peer}": ratio for peer, ratio in times.items()}
    for peer in case.peers:
        met = found[f"{name} in {precision}: {peer}"] >= case.goal
        print(f"goal of {case.goal} times {peer}: {'met' if met else 'missed'}")
    return found


def print_machine(precision):
    flags = set(PROCESSOR.read_text().split()) if PROCESSOR.exists() else set()
    units = [unit for unit in BF16_UNITS if unit in flags] or ["no units for bfloat16"]
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{DEVICE.type}; processor with {' and '.join(units)}: ours computes in {precision}; load {load}")


def main():
    precision = precision_here("auto")
    print_machine(precision)
    slices, pairs = random_slices()
    cases = {
        "U-Net 31 M": Case(partial(segmenter, slices, 64, 2), U_NETS, 64, 2, UNET_SIDE, 1.8),
        "U-Net 1.9 M": Case(partial(segmenter, slices, 16, 12), U_NETS, 16, 12, UNET_SIDE, 2.3),
        "pix2pix": Case(partial(pix2pix, pairs, 64, 0.5), ("pix2pix 2017",), 64, 1, PIX2PIX_SIDE, 1.6),
    }
    found = {}
    with ExitStack() as running:
        peers = start_peers(cases, running)
        use_threads(1)
        equal = check_equal(slices, pairs, precision)  # while the peers load
        use_threads(THREADS)
        abouts = {name: json.loads(peer.hear()) for name, peer in peers.items()}
        print(*(f"{name}: {about['package']} {about['version']}" for name, about in abouts.items()), sep="\n")
        for name, case in cases.items():
            found |= measure(name, case, peers, abouts, precision)
    print_machine(precision)
    print_result("training", ratios=found, equal=equal, libraries=["numpy", "torch"])


if __name__ == "__main__":
    main()
