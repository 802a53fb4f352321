"""One function per formula. Logits are unbounded; targets and probabilities lie in [0, 1].

`known` {0, 1} says which voxels count, None that all do. Where none does, a loss is 0 and moves nothing.
The losses of generators and discriminators are in gan_losses.py.
"""

import torch
import torch.nn.functional as F

NEXT_TO_NOTHING = 1e-12  # beside weighted sums, which are both 0 where nothing is known


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


def balanced_bce(logits, target, known=None):
    """The mean of the two classes' mean cross entropies: structure counts half, however little there is.

    A class that the batch does not hold has no part in it.
    """
    known = torch.ones_like(target) if known is None else known.expand_as(target)
    values = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    sizes = torch.stack([(target * known).sum(), ((1 - target) * known).sum()])
    sums = torch.stack([(values * target * known).sum(), (values * (1 - target) * known).sum()])
    return (sums / sizes.clamp(min=1)).sum() / (sizes > 0).sum().clamp(min=1)


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


def linear_dice(logits, target, known=None):
    """1 - 2 sum(p g) / (sum p + sum g): the form without squares; the rest as for `dice`."""
    return tversky(logits, target, known, false_alarm_weight=0.5, miss_weight=0.5)


def tversky(logits, target, known=None, *, false_alarm_weight, miss_weight):
    """1 - sum(p g) / (sum(p g) + a sum(p (1 - g)) + b sum((1 - p) g)) (Salehi 2017); a = b = 1/2 is Dice.

    A half added to both halves makes a batch without any structure a defined one.
    """
    probability = torch.sigmoid(logits)
    if known is not None:
        probability, target = probability * known, target * known
    overlap = (probability * target).sum()
    false_alarms, misses = probability.sum() - overlap, target.sum() - overlap
    return 1 - (overlap + 0.5) / (overlap + false_alarm_weight * false_alarms + miss_weight * misses + 0.5)


def generalised_dice(logits, target, known=None):
    """1 - 2 sum_c w_c sum(p g) / sum_c w_c (sum p + sum g), w_c = 1 / (sum g)^2 (Sudre 2017).

    The classes are the structure and what is not. A class that the batch does not hold has the weight of
    one voxel.
    """
    probability = torch.sigmoid(logits)
    known = torch.ones_like(target) if known is None else known.expand_as(target)
    overlap, total = 0, 0
    for p, g in ((probability, target), (1 - probability, 1 - target)):
        p, g = p * known, g * known
        weight = g.sum().clamp(min=1) ** -2
        overlap, total = overlap + weight * (p * g).sum(), total + weight * (p.sum() + g.sum())
    return 1 - (2 * overlap + NEXT_TO_NOTHING) / (total + NEXT_TO_NOTHING)


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
    """Least of the voxel and its four neighbours."""
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
