"""Losses of generators and discriminators, one function per formula.

`logits`: a list with the output of a discriminator at each of its scales, which all count alike.
"""

import math
from contextlib import contextmanager
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from synthem.compute.collectives import all_gather, shard

SMALLEST_DIFFERENCE = 1e-5  # of two images: below it the ratio of mode seeking would have no bound

TEXTURE_SIZES, TEXTURE_SIDE = (1, 2, 4), 8  # pixels
QUIET = 1 / 128  # of [-1, 1], a grey level: steps below it are no texture


def over_scales(loss, logits):
    """Mean of a loss per logit, over the logits of each scale and then over the scales."""
    return sum(loss(scale).mean() for scale in logits) / len(logits)


def called_real(logits):
    """-mean log D(x), D the sigmoid of the logits: cross entropy of images that are called real.

    The discriminator's loss on real images, and the generator's on its own (the non-saturating form).
    """
    return over_scales(lambda scale: F.softplus(-scale), logits)


def called_fake(logits):
    """-mean log(1 - D(x)): cross entropy of images that are called generated."""
    return over_scales(F.softplus, logits)


def near_one(logits):
    """mean (D(x) - 1)^2 (LSGAN, Mao 2017)."""
    return over_scales(lambda scale: (scale - 1).square(), logits)


def near_zero(logits):
    """mean D(x)^2."""
    return over_scales(torch.square, logits)


def hinge_real(logits):
    """mean max(0, 1 - D(x)) (hinge, Lim 2017)."""
    return over_scales(lambda scale: F.relu(1 - scale), logits)


def hinge_fake(logits):
    """mean max(0, 1 + D(x))."""
    return over_scales(lambda scale: F.relu(1 + scale), logits)


def hinge_generator(logits):
    """-mean D(x)."""
    return over_scales(torch.neg, logits)


class Adversarial(NamedTuple):
    """The three losses of adversarial training."""

    real: callable  # the discriminator's, on real images
    fake: callable  # the discriminator's, on generated images
    generator: callable  # the generator's, on its own images
    undecided: float  # the logit between real and generated
    wrong_call: float  # what an image that the discriminator calls wrongly costs it at least


# The one place that turns the config's word into losses.
ADVERSARIAL = {
    "bce": Adversarial(called_real, called_fake, called_real, 0, wrong_call=math.log(2)),
    "lsgan": Adversarial(near_one, near_zero, near_one, 0.5, wrong_call=1 / 4),
    "hinge": Adversarial(hinge_real, hinge_fake, hinge_generator, 0, wrong_call=1),
}


def mode_seeking(first, second, drawn_first, drawn_second):
    """mean |x1 - x2|_1 / |G(x1) - G(x2)|_1 over the pairs of a batch (Mao 2019, Allender about 2020).

    All [B, C, Y, X]. Small where other conditions give other images. Both distances are means over elements,
    as in Mao's program: sums would weigh the loss by how many channels masks and images have.
    """
    asked = (first - second).abs().flatten(1).mean(dim=1)
    drawn = (drawn_first - drawn_second).abs().flatten(1).mean(dim=1)
    return (asked / drawn.clamp(min=SMALLEST_DIFFERENCE)).mean()


def r1(logits, image):
    """1/2 mean |gradient of D at a real image|^2 (Mescheder 2018); its weight is the paper's gamma.

    logits: of `image` [B, C, Y, X], which requires a gradient. D is the mean of the logits of an image, so
    that a discriminator of patches is held back like one with a single logit.
    """
    judged = sum(scale.flatten(1).mean(dim=1).sum() for scale in logits) / len(logits)
    (gradient,) = torch.autograd.grad(judged, image, create_graph=True)
    gradient = all_gather(shard(gradient))
    return gradient.square().flatten(1).sum(dim=1).mean() / 2


def feature_matching(real, fake):
    """mean |f(x) - f(G)| over lists of features, each feature map alike (pix2pixHD, Wang 2018)."""
    return sum(F.l1_loss(f, r.detach()) for r, f in zip(real, fake, strict=True)) / len(real)


def texture(real, fake):
    """mean |log E(G) - log E(x)| of local energies E: grain as strong as in the real image, at each place, in
    each direction and at each of TEXTURE_SIZES, wherever the single grains lie.

    Both [B, C, Y, X] in [-1, 1]. L1 asks for the mean of all images that fit the masks, which is smooth; an
    energy is the mean square of the steps between neighbours in a square of TEXTURE_SIDE pixels.
    """
    loss = 0
    for size in TEXTURE_SIZES:
        energies = zip(log_energies(real, size), log_energies(fake, size), strict=True)
        loss = loss + sum(F.l1_loss(of_fake, of_real) for of_real, of_fake in energies)
    return loss / (4 * len(TEXTURE_SIZES))


def log_energies(image, size):
    """For steps of `size` pixels to the right, down and along both diagonals: log of their local energy.

    The image is smoothed over `size` pixels before, but not halved: halving would not see a grid.
    """
    image = F.avg_pool2d(image, size, stride=1)
    right, down, both = image[..., size:], image[..., size:, :], image[..., size:, size:]
    steps = (
        right - image[..., :-size],
        down - image[..., :-size, :],
        both - image[..., :-size, :-size],
        down[..., :-size] - right[..., :-size, :],
    )
    for step in steps:
        yield F.avg_pool2d(step.square(), TEXTURE_SIDE).add(QUIET**2).log()


@contextmanager
def features(discriminator):
    """A list that gets, in the block, the output of each of the discriminator's activations, in float32."""
    found = []
    hooks = [
        module.register_forward_hook(lambda module, inputs, output: found.append(output.float()))
        for module in discriminator.modules()
        if isinstance(module, nn.LeakyReLU)
    ]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()


# OASIS (Sushko 2021): logits [B, 1 + C, Y, X], `fake` first; labels [B, C, Y, X], one 1 per pixel, or none
# where the class is unknown.


def called_classes(logits, labels):
    """-mean a_c log p_c at the class c of each known pixel; the a_c let all classes count alike."""
    log_probabilities = F.log_softmax(logits, dim=1)[:, 1:]
    return -(class_weights(labels) * labels * log_probabilities).sum() / labels.sum().clamp(min=1)


def called_no_class(logits, labels):
    """-mean log p_fake over the known pixels."""
    log_probabilities = F.log_softmax(logits, dim=1)[:, :1]
    return -(labels.sum(dim=1, keepdim=True) * log_probabilities).sum() / labels.sum().clamp(min=1)


def class_weights(labels):
    """[1, C, 1, 1]: known pixels / (classes in the batch x pixels of this class): 1 on average."""
    pixels = labels.sum(dim=(0, 2, 3), keepdim=True)
    return pixels.sum() / ((pixels > 0).sum().clamp(min=1) * pixels.clamp(min=1))


def one_hot(conditions):
    """Masks [B, M, Y, X] in [-1, 1] -> classes [B, 1 + M, Y, X]: no mask, or the first that is 1."""
    free, classes = torch.ones_like(conditions[:, :1]), []
    for mask in conditions.split(1, dim=1):
        classes.append(free * (mask > 0))
        free = free - classes[-1]
    return torch.cat([free, *classes], dim=1)


def label_mix(mixed_logits, real_logits, fake_logits, mask):
    """mean (D(mixed) - mixed D)^2: the logits of a collage are to be the collage of the logits.

    mask [B, 1, Y, X]: 1 where the collage shows the real image.
    """
    return F.mse_loss(mixed_logits, mask * real_logits + (1 - mask) * fake_logits)
