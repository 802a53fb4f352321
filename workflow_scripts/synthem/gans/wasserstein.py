"""Losses of a discriminator that gives scores without bounds (Wasserstein GAN with a gradient penalty).

Gulrajani et al. 2017, with the drift of Karras et al. 2018: what rosinality's StyleGAN learns by where
nothing is said, and so that of the thesis (Herreros Fraile 2021).
"""

import torch

from synthem.compute.collectives import all_gather, shard
from synthem.gans.losses import Adversarial, over_scales


def mean_score(logits):
    """mean D(x)."""
    return over_scales(lambda scale: scale, logits)


def minus_mean_score(logits):
    """-mean D(x)."""
    return over_scales(torch.neg, logits)


PENALTY_WEIGHT, DRIFT_WEIGHT = 10, 0.001  # of both papers

# Only differences of scores mean something, so no image is called wrongly, and none costs a least loss.
WASSERSTEIN = Adversarial(minus_mean_score, mean_score, minus_mean_score, undecided=0, wrong_call=None)


def drift(logits):
    """mean D(x)^2 of real images: keeps scores near 0, of which only differences count."""
    return over_scales(torch.square, logits)


def gradient_penalty(judge, real, fake):
    """mean (|gradient of D at x| - 1)^2, each x anywhere between a real image and a generated one.

    judge: images -> a list of logits; real, fake [B, C, Y, X].
    """
    place = torch.rand(len(real), 1, 1, 1, device=real.device)
    between = (place * real.detach() + (1 - place) * fake.detach()).requires_grad_(True)
    judged = sum(scale.flatten(1).mean(dim=1).sum() for scale in judge(between))
    (gradient,) = torch.autograd.grad(judged, between, create_graph=True)
    gradient = all_gather(shard(gradient))
    slope = torch.linalg.vector_norm(gradient.flatten(1), dim=1)
    return (slope - 1).square().mean()
