"""Training of segmenters: image (and known masks) -> mask, interior or affinities."""

from functools import partial

import torch

from synthem.compute.collectives import all_gather, shard, synchronised, world_size
from synthem.compute.compiled import compiled
from synthem.compute.devices import pick_device
from synthem.compute.memory import memory_explained, step_bytes, step_need
from synthem.compute.precision import computing_in, precision_here
from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import build_network
from synthem.patches.batches import Batches, unchanged_batch
from synthem.training.loop import seed_everything, train
from synthem.training.losses import SegmentationLoss
from synthem.training.optimiser import Descent
from synthem.training.transfer import freeze, take_weights
from synthem.training.validation import Validation

VALIDATION_SLICES = 16  # in patches of one or of several: as many of these as fit, and 2 at least


def train_segmenter(
    sets,
    validation,
    *,
    network,
    seed,
    steps,
    batch_size,
    patch,
    precision,
    start_from,
    start_layers,
    validate_every,
    stop_after,
    keep,
    section,
    folder,
    fingerprint,
    checkpoint_every,
    tensorboard,
    **learning,
):
    """Fit a segmenter to patches of `sets` (a list of PatchSet); return it and the history of its losses.

    network: {kind, <kind>: options}. The weights at the start depend on the seed (or the file `start_from`)
    alone, and the k-th patch from a set does not depend on the other sets: arms of one seed differ in nothing
    but their data. `learning`: what Segmentation takes beside; `section`: of the config, for errors.
    """
    seed_everything(seed)
    channels = sets[0].image_channels + len(sets[0].conditions)
    kind, options = network["kind"], dict(network[network["kind"]])
    sizes = {size: options[size] for size in ("base_width", "patch_slices") if size in options}
    to_lower = {"training.batch_size": batch_size, "training.patch": patch}
    to_lower |= {f"network.{kind}.{size}": value for size, value in sizes.items()}
    patch_slices = options.pop("patch_slices", 1)  # of the patches, not of the network
    options |= {"in_channels": channels, "out_channels": sets[0].target_channels}
    build = partial(build_network, SEGMENTERS, kind, seed=seed, **options)
    flat = patch_slices == 1
    size = (patch, patch) if flat else (patch_slices, patch, patch)
    batch = (max(batch_size // world_size(), 1), channels, *size)
    with memory_explained(
        section, settings=to_lower, need=partial(step_need, partial(step_bytes, build, batch))
    ):
        net = synchronised(build())
        if start_from:
            take_weights(net, start_from, layers=start_layers)
        # A third faster on CPU, and never slower.
        order = torch.channels_last if flat else torch.channels_last_3d
        net.to(pick_device(), memory_format=order)
        sets = [examples.seen_in(net.greys) for examples in sets]
        task = Segmentation(
            net,
            sets,
            validation.seen_in(net.greys),
            steps=steps,
            batch_size=batch_size,
            patch=patch,
            patch_slices=patch_slices,
            precision=precision_here(precision),
            seed=seed,
            **learning,
        )
        choice = Validation(
            task.descent.result, task.descent.schedule, every=validate_every, stop_after=stop_after, keep=keep
        )
        history = train(
            task,
            steps=steps,
            checkpoint_every=checkpoint_every,
            folder=folder,
            fingerprint=fingerprint,
            validation=choice,
            tensorboard=tensorboard,
        )
    return choice.chosen().cpu().eval(), history


class Segmentation:
    """What `train` needs to know about a segmenter; precision: fp32 or bf16."""

    def __init__(
        self,
        net,
        sets,
        validation,
        *,
        steps,
        batch_size,
        patch,
        patch_slices,
        loss,
        augment,
        precision,
        compile,
        freeze_layers,
        seed,
        **descent,
    ):
        self.net, self.batch_size, self.precision = compiled(net, wanted=compile), batch_size, precision
        self.frozen = freeze(net, freeze_layers)
        self.descent = Descent(net, steps=steps, **descent)
        self.parts = self.descent.parts
        self.device = next(net.parameters()).device
        self.loss = SegmentationLoss(**loss)
        place = {"size": patch, "depth": patch_slices, "device": self.device}
        self.batches = Batches(sets, augment=augment, seed=seed, batch_size=batch_size, **place)
        # The same places for every seed and arm, so that validation losses can be compared.
        count = max(VALIDATION_SLICES // patch_slices, 2)
        self.validation = unchanged_batch(validation, batch_size=count, **place)

    def step(self, number):
        # [B, C, Y, X], [B, channels to find, Y, X], the same or None; [B, C, Z, Y, X] where patches are deep
        channels, target, known = self.batch_of(number)
        logits = all_gather(self.logits(self.learning(), shard(channels)))
        losses = self.loss(logits, target, known)
        self.descent.step(number, sum(losses.values()))
        return losses

    def batch_of(self, number):
        return self.batches.of_step(number)

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
        channels, target, known = self.validation
        net = self.descent.result.eval()
        logits = torch.cat([self.logits(net.forward, part) for part in channels.split(self.batch_size)])
        found, true = logits > 0, target > 0
        if known is not None:
            found, true = found & (known > 0), true & (known > 0)
        union = (found | true).sum().item()
        return {
            "validation_loss": sum(self.loss(logits, target, known).values()).item(),
            "validation_iou": (found & true).sum().item() / union if union else 1.0,
        }
