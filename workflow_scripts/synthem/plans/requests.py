"""Minutes and megabytes that a job asks of a cluster, reckoned from its settings before anything has run.

Too little is no harm: the cluster ends the job, Snakemake tries it again with more (`attempt`), and a
training goes on from its last state. Too much waits longer in the queue. So the numbers are those of modest
machines, and rather high. Snakemake reckons them for every job in its own process: no numpy, no torch here.
"""

from math import ceil
from typing import NamedTuple

# Of a training step for one pixel and a squared base width: convolutions grow with that. One core of an AMD
# EPYC: 0.07 to 0.9e-7 for seven small networks, 2.6e-7 for a U-Net of 31 million weights (2026-11-29).
# A GPU: one of 4 TFLOP/s; an H100 needs a sixtieth of it in 16 bits.
SECONDS = {"core": 1e-7, "gpu": 3e-10}
SECONDS_OF_A_STEP = {"core": 0.02, "gpu": 0.1}  # however small it is
FORWARD = 1 / 3  # of a training step, for as many pixels
STARTING = (
    10  # minutes: Snakemake twice, Python with torch, a busy disk, and a GPU that tries out its algorithms
)
SLOWER = 1.5  # than reckoned
# Megabytes. A job of Snakemake on a cluster is two of its processes beside that of the step.
PROCESSES = 1500
OF_CUDA = 3000
OF_A_PIXEL = 160e-6  # activations and their gradients, for a unit of base width
OF_A_WEIGHT = 0.15  # network, gradients, Adam and a state to be saved, for a squared base width
VOXELS_OF_A_MEGABYTE = 1e6  # of a volume with its masks, compressed
OF_A_MEGABYTE = 6  # the same in memory, with weights and targets


class Node(NamedTuple):
    """A GPU or some threads for a job, and the most that the cluster gives one (None: no limit)."""

    gpu: bool = False
    threads: int = 1
    most_minutes: int | None = None
    most_mb: int | None = None


def training_minutes(settings, node, attempt):
    """Minutes to train with a section of the config (`unets`, `gans`, ...), in the n-th attempt."""
    seconds = settings["training"]["steps"] * _step_seconds(_pixels(settings), settings, node)
    return _within(node.most_minutes, (STARTING + SLOWER * seconds / 60) * attempt)


def training_mb(settings, read_mb, node, attempt):
    """Megabytes to train with a section of the config, on compressed files of so many megabytes."""
    work = OF_A_PIXEL * _pixels(settings) * sum(_widths(settings)) + OF_A_WEIGHT * _squared(settings)
    return _within(node.most_mb, (_resting(node) + work + OF_A_MEGABYTE * read_mb) * attempt)


def predicting_minutes(settings, read_mb, node, attempt, *, times=1):
    """Minutes to send a volume, compressed to so many megabytes, through a network so many times."""
    seconds = times * FORWARD * _step_seconds(read_mb * VOXELS_OF_A_MEGABYTE, settings, node)
    return _within(node.most_minutes, (STARTING + SLOWER * seconds / 60) * attempt)


def predicting_mb(settings, inference, read_mb, node, attempt):
    """Megabytes to send the same through a network, a tile at a time."""
    slices = inference["tile_slices"] if _patch_slices(settings) else 1
    voxels = min(inference["tile"] ** 2 * slices, read_mb * VOXELS_OF_A_MEGABYTE)
    work = FORWARD * OF_A_PIXEL * voxels * sum(_widths(settings)) + OF_A_WEIGHT * _squared(settings)
    return _within(node.most_mb, (_resting(node) + work) * attempt)


def more_each_time(amount, most, attempt):
    """An amount that does not depend on the config, in the n-th attempt."""
    return _within(most, amount * attempt)


def _within(most, amount):
    amount = round(amount, 6)  # or the last bit of a sum would decide
    return ceil(amount if most is None else min(amount, most))


def _resting(node):
    return PROCESSES + OF_CUDA * node.gpu


def _step_seconds(pixels, settings, node):
    kind, workers = ("gpu", 1) if node.gpu else ("core", node.threads)
    return SECONDS_OF_A_STEP[kind] + SECONDS[kind] * pixels * _squared(settings) / workers


def _pixels(settings):
    """Of the patches of a training step, in all their slices."""
    training = settings["training"]
    side = training.get("patch") or settings["network"]["size"]
    return training["batch_size"] * side**2 * (_patch_slices(settings) or 1)


def _squared(settings):
    return sum(width**2 for width in _widths(settings))


def _widths(settings):
    """The base widths of all networks of a section, those of a discriminator among them."""
    return list(_all(settings, "base_width"))


def _patch_slices(settings):
    """How many slices a patch of the network has; None where it sees one."""
    return next(_all(settings, "patch_slices"), None)


def _all(settings, key):
    """What stands at a key at any depth, but for the options of kinds that are not chosen."""
    kind = settings.get("kind")
    for name, part in settings.items():
        if name == key:
            yield part
        elif isinstance(part, dict) and (kind is None or name == kind):
            yield from _all(part, key)
