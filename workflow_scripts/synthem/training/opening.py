"""What every training has in common, from its seed to the finished network."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from synthem.compute.collectives import synchronised, world_size
from synthem.compute.devices import determinism_explained, pick_device
from synthem.compute.memory import memory_explained, step_bytes, step_need
from synthem.training.loop import seed_everything, train
from synthem.training.transfer import take_weights

RANDOM = {"from": ""}  # `start` of a network whose first weights are random


class Blueprint(NamedTuple):
    """A network before it is built, so that the memory of its training can be counted without taking any."""

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


class Trainer(NamedTuple):
    """Networks that are trained together, what they learn and by which settings: nothing is built yet.

    task_of: the networks of the blueprints, on their device -> a task: what `train` of the loop steps
    through, with its `validation` and `guards`, `current()` and `result()`.
    """

    blueprints: list
    task_of: Callable
    training: dict  # of the section of the config
    section: str
    sizes: dict  # {key in the section: value}: what else may be lowered where memory runs out

    def train(self, saving):
        """(The network that is the result, the history of the losses). saving: how `train` saves states."""
        seed_everything(self.training["seed"])
        device = pick_device()
        sizes = {key: self.training[key] for key in ("batch_size", "patch") if key in self.training}
        lower = {f"training.{key}": value for key, value in sizes.items()} | self.sizes
        need = partial(step_need, self.step_bytes)
        with memory_explained(self.section, settings=lower, need=need), determinism_explained():
            task = self.task_of(*[blueprint.built().to(device) for blueprint in self.blueprints])
            kept = {"validation": task.validation, "guards": task.guards, **saving}
            kept |= {"snapshots": self.training["snapshots"]}
            history = train(task, steps=self.training["steps"], **kept)
            return task.result().cpu().eval(), history

    def step_bytes(self):
        """Bytes of (weights, activations) of a step, of all networks together."""
        return tuple(map(sum, zip(*(blueprint.step_bytes() for blueprint in self.blueprints), strict=True)))


def build_and_train(trainer_of, *examples, saving, **settings):
    """What the Trainer `trainer_of(*examples, **settings)` trains: a function that a process can be sent."""
    return trainer_of(*examples, **settings).train(saving)
