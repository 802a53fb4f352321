"""What every training has in common, from its seed to the finished network."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from synthem.compute.collectives import synchronised, world_size
from synthem.compute.devices import determinism_explained, pick_device
from synthem.compute.memory import memory_explained, step_bytes, step_need
from synthem.training.loop import seed_everything, train
from synthem.training.transfer import take_weights

COUNT_ALONE = "count alone"  # in the place of `saving`
RANDOM = {"from": ""}  # `start` of a network whose first weights are random


class Blueprint(NamedTuple):
    """A network of a training before it is built, so that its memory can be counted without taking any."""

    build: Callable  # () -> the network with random weights, the same at each call
    batch: tuple  # shape of what it is given at once, such as [B, C, Y, X]
    passes: int = 1  # forward passes of a step whose activations are kept
    start: dict = RANDOM  # {from: file of a network or "", layers: how many take its weights, 0 for all}

    def built(self):
        """The network with its first weights, on the CPU."""
        net = synchronised(self.build())
        if self.start["from"]:
            take_weights(net, self.start["from"], layers=self.start.get("layers", 0))
        return net

    def step_bytes(self):
        """Bytes of weights, and of the activations that a step keeps on each rank."""
        samples, *shape = self.batch
        weights, activations = step_bytes(self.build, (max(samples // world_size(), 1), *shape))
        return weights, self.passes * activations


def train_networks(blueprints, task_of, *, training, section, sizes, saving):
    """Build networks and let them learn; return the one that is the result, and the history of the losses.

    task_of: the networks of the blueprints, on their device -> a task: what `train` of the loop steps
    through, with its `validation` and `guards`, `current()` and `result()`. training: of the `section` of the
    config. sizes {key in the section: value}: what else may be lowered where memory runs out. saving: how
    `train` saves states; with COUNT_ALONE in its place nothing is trained, and the bytes of (weights,
    activations) of a step are returned.
    """
    if saving is COUNT_ALONE:
        return bytes_of_a_step(blueprints)
    seed_everything(training["seed"])
    device = pick_device()
    lower = {f"training.{key}": training[key] for key in ("batch_size", "patch") if key in training} | sizes
    need = partial(step_need, partial(bytes_of_a_step, blueprints))
    with memory_explained(section, settings=lower, need=need), determinism_explained():
        task = task_of(*[blueprint.built().to(device) for blueprint in blueprints])
        kept = {"validation": task.validation, "guards": task.guards, **saving}
        kept |= {"snapshots": training["snapshots"]}
        history = train(task, steps=training["steps"], **kept)
        return task.result().cpu().eval(), history


def bytes_of_a_step(blueprints):
    """(weights, activations) of all networks together."""
    return tuple(map(sum, zip(*(blueprint.step_bytes() for blueprint in blueprints), strict=True)))
