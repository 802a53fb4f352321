"""A generator and a discriminator that are trained against each other (Goodfellow 2014), of whatever kind."""

from contextlib import contextmanager

import torch

from synthem.compute.collectives import all_gather, shard
from synthem.compute.precision import computing_in, precision_here
from synthem.training.capture import Task, graphs_here
from synthem.training.opening import RANDOM, Blueprint
from synthem.training.optimiser import NO_AVERAGE, Optimiser


def blueprints_of_pair(generator, discriminator, *, start=RANDOM):
    """Blueprints of (build, shape of a batch) of both; start: of the generator, the other one's is random."""
    # A step gives the discriminator real and generated images.
    return [Blueprint(*generator, start=start), Blueprint(*discriminator, passes=2)]


def learning_of(training):
    """What Pair takes of a section `training` of the config."""
    return {
        "steps": training["steps"],
        "precision": precision_here(training["precision"]),
        "optimisers": training["optimisers"],
    }


class Pair(Task):
    """The two networks on their device, an optimiser for each, and their step (a task of `train`).

    optimisers {generator, discriminator}: keywords of Optimiser. precision: fp32 or bf16. changes: Changes to
    the images that the discriminator is given, None for none. compile: whether the networks are compiled.

    A subclass has, of a number and of a batch whose form is its own, a tuple: `batch_of(number)`;
    `generate(batch)` -> images; `discriminator_loss(batch, images)` and `generator_loss(batch, images)` ->
    (loss, {name: part of it for the history}).
    """

    validation, guards = None, ()
    together = True  # several processes share a batch

    def __init__(
        self, generator, discriminator, *, steps, precision, optimisers, changes=None, compile=False
    ):
        self.generator, self.discriminator = generator.train(), discriminator.train()
        self.precision, self.device = precision, next(generator.parameters()).device
        if self.device.type == "cuda":  # pix2pix takes 269 steps a second for 234 (H100, bf16)
            for net in (generator, discriminator):
                net.to(memory_format=torch.channels_last)
        self.generator_optimiser = Optimiser(generator, steps=steps, **optimisers["generator"])
        self.discriminator_optimiser = Optimiser(
            discriminator, steps=steps, ema=NO_AVERAGE, **optimisers["discriminator"]
        )
        self.optimisers = [self.discriminator_optimiser, self.generator_optimiser]
        self.graphs = graphs_here(self.device, compile=compile)
        self.changes = changes
        own = {"generator": self.generator_optimiser, "discriminator": self.discriminator_optimiser}
        self.parts = {
            f"{name}_{part}": state for name, one in own.items() for part, state in one.parts.items()
        }
        self.parts |= {"changes": changes} if changes else {}

    def learn(self, batch):
        images = self.generate(batch)

        self.discriminator.requires_grad_(True)
        loss, losses = self.discriminator_loss(batch, images.detach())
        self.discriminator_optimiser.step(loss)

        self.discriminator.requires_grad_(False)  # saves the gradients that nobody would use
        loss, more = self.generator_loss(batch, images)
        self.generator_optimiser.step(loss)
        return losses | more | (self.changes.measured() if self.changes else {})

    def run(self, net, *inputs):
        """The output of a network for [B, ...] in float32, or a list of outputs, computed in self.precision.

        One network at a time: what autocast keeps of the weights must not outlive an optimiser's step.
        """
        divided, joined = (shard, all_gather) if self.together else (unchanged, unchanged)
        with computing_in(self.precision, self.device):
            outputs = net(*map(divided, inputs))
        if isinstance(outputs, list):
            return [joined(scale.float()) for scale in outputs]
        return joined(outputs.float())

    def alone(self, net, *inputs):
        """The images of a network, float32, for the whole batch: run by this process alone, not compiled."""
        with computing_in(self.precision, self.device):
            return net.forward(*inputs).float()

    @contextmanager
    def measuring(self):
        """In the block, this process runs both networks by itself, and neither learns nor changes."""
        nets = (self.generator.eval(), self.discriminator.eval())
        self.together = False
        try:
            with torch.no_grad():
                yield
        finally:
            self.together = True
            for net in nets:
                net.train()

    def current(self):
        """The generator as it is now, or the average of the last steps where that was asked for."""
        return self.generator_optimiser.result

    def result(self):
        return self.current()


def unit(images):
    """Images in [-1, 1] as from 0 to 1."""
    return (images + 1) / 2


def unchanged(batch):
    return batch


def weighted_sum(terms):
    """Terms {name: (weight, () -> loss)} -> (sum of weight * loss, {name: loss}); 0 leaves one out."""
    losses = {name: loss() for name, (weight, loss) in terms.items() if weight}
    return sum(terms[name][0] * loss for name, loss in losses.items()), losses


def greyed(image, known):
    """The image with mid-grey where the masks are unknown."""
    return image if known is None else image * known
