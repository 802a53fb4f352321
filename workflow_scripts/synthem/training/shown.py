"""What a segmenter is shown: the first batch of its training, to be looked at."""

import torch

from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import class_of_kind
from synthem.patches.batches import Batches


def first_batch(sets, *, phases, network, training):
    """The first batch of `segmenter_trainer` with these arguments: arrays by name, and the set of each patch.

    `seen/image`, `seen/target`, `seen/known` (1 where the target is known) are what the network gets, float32
    [B, C, Y, X] or [B, C, Z, Y, X]; `unchanged/...` the same patches before anything was changed in them.
    """
    kind = network["kind"]
    greys = class_of_kind(SEGMENTERS, kind).greys  # of every network of a kind: none has to be built
    seen, depth = [examples.seen_in(greys) for examples in sets], network[kind].get("patch_slices", 1)
    place = {"depth": depth, "device": torch.device("cpu")}
    batches = Batches.of_training(seen, training, phases=phases, **place)
    arrays = _named("seen", *batches.of_step(0)) | _named("unchanged", *batches.unchanged())
    return arrays, [sets[index].name for index, _ in batches.series.of_steps(0, 1)]


def _named(group, image, target, known):
    known = torch.ones_like(target) if known is None else known
    parts = {"image": image, "target": target, "known": known}
    return {f"{group}/{name}": part.numpy() for name, part in parts.items()}
