"""Losses of segmenters, one function per formula, and their weighted sum (`training.loss` of the config).

Logits are unbounded; targets and probabilities lie in [0, 1]. `known` {0, 1} marks the voxels that count,
None where all do. Where none does, a loss is 0 and so is its gradient. Losses of generators and
discriminators are in gans/losses.py.
"""

from functools import partial

import torch
import torch.nn.functional as F


def bce(logits, target, known=None):
    """Binary cross entropy: -mean(g log p + (1 - g) log(1 - p)), p = sigmoid(logits)."""
    if known is None:
        return F.binary_cross_entropy_with_logits(logits, target)
    return mean_of_known(F.binary_cross_entropy_with_logits(logits, target, reduction="none"), known)


def weighted_bce(logits, target, known=None, *, structure_weight):
    """-mean(w g log p + (1 - g) log(1 - p)): a missed voxel of the structure costs w times as much."""
    values = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    values = values * (1 + (structure_weight - 1) * target)
    return values.mean() if known is None else mean_of_known(values, known)


def dice(logits, target, known=None):
    """1 - 2 sum(p g) / (sum p^2 + sum g^2), over the whole batch (V-Net; Milletari 2016).

    Over the batch, since the patches without any structure would have a loss of 1 or 0 each. The 1 added
    to both halves makes a batch without any structure a defined one.
    """
    probability = torch.sigmoid(logits)
    if known is not None:
        probability, target = probability * known, target * known
    overlap = (probability * target).sum()
    return 1 - (2 * overlap + 1) / (probability.square().sum() + target.square().sum() + 1)


def cl_dice(logits, target, known=None, *, iterations):
    """1 - 2 T S / (T + S): do the centre lines lie in the other mask? (Shit 2021)

    T: part of the predicted skeleton that lies in the true mask; S: part of the true skeleton that lies in
    the prediction. A gap in a thin membrane costs as much as it is long, its width next to nothing.
    iterations: at least the half width of the thickest structure in pixels. [B, 1, Y, X].
    """
    probability = torch.sigmoid(logits)
    if known is not None:
        probability, target = probability * known, target * known
    found, true = skeleton(probability, iterations), skeleton(target, iterations)
    precision = ((found * target).sum() + 1) / (found.sum() + 1)
    recall = ((true * probability).sum() + 1) / (true.sum() + 1)
    return 1 - 2 * precision * recall / (precision + recall)


def skeleton(mask, iterations):
    """Soft centre lines of [B, 1, Y, X] in [0, 1]: what each opening of a mask that shrinks takes away."""
    lines = F.relu(mask - dilated(eroded(mask)))
    for _ in range(iterations):
        mask = eroded(mask)
        line = F.relu(mask - dilated(eroded(mask)))
        lines = lines + F.relu(line - lines * line)
    return lines


def eroded(mask):
    """A mask [B, C, Y, X] eroded: the least of each voxel and its four neighbours."""
    return torch.minimum(-F.max_pool2d(-mask, (3, 1), 1, (1, 0)), -F.max_pool2d(-mask, (1, 3), 1, (0, 1)))


def dilated(mask):
    """Greatest of 3 x 3 voxels."""
    return F.max_pool2d(mask, 3, 1, 1)


def l1(image, target, known=None):
    """mean |x - y|."""
    if known is None:
        return F.l1_loss(image, target)
    return mean_of_known((image - target).abs(), known)


def mean_of_known(values, known):
    """Mean of values [B, C, Y, X] over the voxels where known [B, 1, Y, X] is 1; 0 if there are none."""
    weights = known.expand_as(values)
    return (values * weights).sum() / weights.sum().clamp(min=1)


FORMULAS = {"bce": bce, "dice": dice}


class SegmentationLoss:
    """logits, target [B, C, (Z,) Y, X], known -> {name: weighted loss}, to be summed; 0 leaves one out.

    positive_weight: how many times as much a missed voxel of the structure costs in the cross entropy.
    """

    def __init__(self, *, bce, dice, cldice, cldice_iterations, positive_weight):
        weights = {"bce": bce, "dice": dice, "cldice": cldice}
        self.weights = {name: weight for name, weight in weights.items() if weight}
        self.formulas = FORMULAS | {"cldice": partial(cl_dice, iterations=cldice_iterations)}
        if positive_weight != 1:
            self.formulas["bce"] = partial(weighted_bce, structure_weight=positive_weight)

    def __call__(self, logits, target, known):
        return {
            name: weight * self.formulas[name](logits, target, known) for name, weight in self.weights.items()
        }
