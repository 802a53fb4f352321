"""Training of segmenters: image (and known masks) -> mask, interior or affinities."""

from functools import cached_property, partial
from math import prod

import torch

from synthem.compute.collectives import all_gather, shard
from synthem.compute.compiled import compiled
from synthem.compute.precision import computing_in, precision_here
from synthem.errors import SynthemError
from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import build_segmenter
from synthem.patches.batches import Batches, unchanged_batch
from synthem.training.adversary import Adversary, build_adversary
from synthem.training.capture import Task, graphs_here
from synthem.training.live import EXAMPLES, flat, one_by_one, stretched, undisturbed
from synthem.training.losses import SegmentationLoss
from synthem.training.opening import Blueprint, Trainer
from synthem.training.optimiser import Optimiser
from synthem.training.transfer import freeze
from synthem.training.validation import Validation, needing_validation

VALIDATION_SLICES = 16  # in patches of one or of several: as many of these as fit, and 2 at least


def segmenter_trainer(sets, held_out, *, phases=None, network, training, section):
    """The Trainer that fits a segmenter to patches of `sets` (a list of PatchSet).

    phases ((first step, shares of the sets), ...): how many of the patches each set gives from there; None:
    equal shares. held_out: the PatchSet to validate on; None: there is no validation, and the last weights
    are the result. network {kind, <kind>: options} and training: of the config, where both are in `section`.

    The first weights depend on the seed (or the file `start.from`) alone, and the k-th patch from a set does
    not depend on the other sets: arms of one seed differ in nothing but their data.
    """
    if held_out is None:
        refuse_what_needs_validation(training, section)
    kind, options = network["kind"], dict(network[network["kind"]])
    sizes = {
        f"network.{kind}.{size}": options[size] for size in ("base_width", "patch_slices") if size in options
    }
    slices, patch = options.pop("patch_slices", 1), training["patch"]  # of the patches, not of the network
    channels = sets[0].image_channels + len(sets[0].conditions)
    options |= {"in_channels": channels, "out_channels": sets[0].target_channels}
    build = partial(build_segmenter, SEGMENTERS, kind, seed=training["seed"], **options)
    size = (patch, patch) if slices == 1 else (slices, patch, patch)
    batch = (training["batch_size"], channels, *size)

    def task_of(net, discriminator=None):
        seen = [examples and examples.seen_in(net.greys) for examples in (*sets, held_out)]
        beside = {"phases": phases, "patch_slices": slices, "discriminator": discriminator}
        return Segmentation(net, seen[:-1], seen[-1], training=training, **beside)

    blueprints = [Blueprint(build, batch, start=training["start"])]
    blueprints += adversaries(training, batch, options["out_channels"])
    return Trainer(blueprints, task_of, training, section, sizes)


def adversaries(training, batch, maps):
    """The discriminator that `adversary` of the config chooses, in a list: [] where it is none."""
    kind = training["adversary"]["kind"]
    if kind == "none":
        return []
    samples, channels, *slices, y, x = batch
    shape = (samples * prod(slices), channels + maps, y, x)
    width = training["adversary"][kind]["base_width"]
    build = partial(build_adversary, kind, channels=shape[1], base_width=width, seed=training["seed"])
    return [Blueprint(build, shape, passes=2)]  # of true and of predicted maps


def adversary_of(discriminator, training):
    """The Adversary with this discriminator, by `adversary` of the config; None where there is none."""
    if discriminator is None:
        return None
    options = dict(training["adversary"][training["adversary"]["kind"]])
    options.pop("base_width")  # of the network, not of its learning
    return Adversary(
        discriminator, steps=training["steps"], precision=precision_here(training["precision"]), **options
    )


def refuse_what_needs_validation(training, section):
    """Raise where a setting needs validation losses and no labelled slice is left to validate on."""
    for key, found, value in needing_validation(training):
        raise SynthemError(
            "CONFIG_CONTRADICTION",
            f"{section}.training.{key}",
            f"{found}, and this budget leaves no labelled slice to validate on",
            expected=f"{value}, or a larger budget",
            fix=f"set it to {value}, or raise labels.budgets or labels.validation",
        )


class Segmentation(Task):
    """A segmenter that learns from patches: its batches, its step and its validation (a task of `train`).

    training: of the config. phases: as for segmenter_trainer; patch_slices: of a patch; discriminator: of its
    maps, where `training` has an adversary.
    """

    guards = ()

    def __init__(self, net, sets, held_out, *, training, phases=None, patch_slices=1, discriminator=None):
        # A third faster on CPU, and never slower.
        order = torch.channels_last if patch_slices == 1 else torch.channels_last_3d
        self.net = compiled(net.to(memory_format=order), wanted=training["compile"])
        self.batch_size, self.precision = training["batch_size"], precision_here(training["precision"])
        self.device = next(net.parameters()).device
        self.frozen = freeze(net, training["start"]["freeze_layers"])
        self.optimiser = Optimiser(net, steps=training["steps"], **training["optimiser"])
        self.parts = self.optimiser.parts
        self.optimisers = [self.optimiser]
        self.graphs = graphs_here(self.device, compile=training["compile"])
        self.loss = SegmentationLoss(**training["loss"])
        self.adversary = adversary_of(discriminator, training)
        if self.adversary:
            self.parts = self.parts | self.adversary.parts
            self.optimisers.append(self.adversary.optimiser)
        self.colours = sets[0].image_channels
        place = {"depth": patch_slices, "device": self.device}
        self.batches = Batches.of_training(sets, training, phases=phases, **place)
        self.validation = None
        if held_out is not None:
            result = self.optimiser.result
            self.validation = Validation(result, self.optimiser.schedule, **training["validation"])
            # The same places for every seed and arm, so that validation losses can be compared.
            count = max(VALIDATION_SLICES // patch_slices, 2)
            self.held_out = unchanged_batch(held_out, batch_size=count, size=training["patch"], **place)

    def batch_of(self, number):
        """Channels [B, C, (Z,) Y, X]; target [B, channels to find, (Z,) Y, X]; where it is known, or None."""
        return self.batches.of_step(number)

    def learn(self, batch):
        channels, target, known = batch
        logits = all_gather(self.logits(self.learning(), shard(channels)))
        losses, of_discriminator = self.loss(logits, target, known), {}
        if self.adversary:
            of_discriminator = self.adversary.step(channels, logits, target, known)
            losses |= self.adversary.loss(channels, logits, known)
        self.optimiser.step(sum(losses.values()))
        return losses | of_discriminator

    def learning(self):
        """The network in training mode, but for the frozen layers: their running statistics stay, too."""
        self.net.train()
        for layer in self.frozen:
            layer.eval()
        return self.net

    def logits(self, net, channels):
        with computing_in(self.precision, self.device):
            return net(channels).float()

    @torch.no_grad()
    def validate(self):
        channels, target, known = self.held_out
        net = self.optimiser.result.eval()
        logits = torch.cat([self.logits(net.forward, part) for part in channels.split(self.batch_size)])
        found, true = logits > 0, target > 0
        if known is not None:
            found, true = found & (known > 0), true & (known > 0)
        union = (found | true).sum().item()
        return {
            "validation_loss": sum(self.loss(logits, target, known).values()).item(),
            "validation_iou": (found & true).sum().item() / union if union else 1.0,
        }

    @cached_property
    def watched(self):
        """A batch of the same few patches, to be looked at: held out, or where none is, of what is learnt."""
        batch = self.held_out if self.validation else self.batches.unchanged()
        return [None if part is None else part[:EXAMPLES] for part in batch]

    def examples(self, done):
        """Patches, what is to be found in them and what the network finds, as for Live."""
        channels, target, known = self.watched
        net = self.optimiser.result
        with undisturbed(net):
            found = one_by_one(lambda patch: self.logits(net.forward, patch), channels).sigmoid()
        if known is not None:
            target = target.where(known > 0, 0.5)
        image = stretched(flat(channels[:, : self.colours]))
        return {"image": image, "what is to be found": flat(target), "what the network finds": flat(found)}

    def current(self):
        return self.optimiser.result

    def result(self):
        return self.validation.chosen() if self.validation else self.optimiser.result
