"""One function per formula. Logits are unbounded; targets and probabilities lie in [0, 1]."""

import torch
import torch.nn.functional as F


def bce(logits, target):
    """Binary cross entropy: -mean(g log p + (1 - g) log(1 - p)), p = sigmoid(logits)."""
    return F.binary_cross_entropy_with_logits(logits, target)


def dice(logits, target):
    """1 - 2 sum(p g) / (sum p^2 + sum g^2), over the whole batch (V-Net; Milletari 2016).

    Over the batch, since the patches without any structure would have a loss of 1 or 0 each. The 1 added
    to both halves makes a batch without any structure a defined one.
    """
    probability = torch.sigmoid(logits)
    overlap = (probability * target).sum()
    return 1 - (2 * overlap + 1) / (probability.square().sum() + target.square().sum() + 1)


def l1(image, target):
    """mean |x - y|."""
    return F.l1_loss(image, target)


def called_real(logits):
    """-mean log D(x), averaged over scales: small where the discriminator takes the images for real.

    `logits`: a list of patch logits, one per scale. The discriminator's loss on real images, and the
    generator's loss on its own (the non-saturating form).
    """
    return sum(F.softplus(-scale).mean() for scale in logits) / len(logits)


def called_fake(logits):
    """-mean log(1 - D(x)), averaged over scales: small where the images are taken for fakes."""
    return sum(F.softplus(scale).mean() for scale in logits) / len(logits)
