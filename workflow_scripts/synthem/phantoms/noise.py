"""Smooth random fields: what makes the phantoms' shapes and textures irregular."""

import math

import numpy as np
from scipy.ndimage import gaussian_filter

KERNEL_REACH = 3  # standard deviations after which the smoothing kernel is cut off


def smooth_noise(rng, shape, scale):
    """Gaussian random field: float32 [*shape], mean 0, variance 1, smooth over `scale` pixels per axis.

    The field is drawn on a grid that is coarse along the axes with a large scale and then
    interpolated, so that slowly varying noise costs no more than white noise.
    """
    steps = [max(1.0, length / 2) for length in scale]
    sigmas = [length / step for length, step in zip(scale, steps, strict=True)]
    margins = [math.ceil(KERNEL_REACH * sigma) for sigma in sigmas]
    counts = [math.ceil(n / step) + 1 for n, step in zip(shape, steps, strict=True)]
    padded = [count + 2 * margin for count, margin in zip(counts, margins, strict=True)]
    field = gaussian_filter(rng.standard_normal(padded, dtype=np.float32), sigmas, truncate=KERNEL_REACH)
    field = field[tuple(slice(m, m + c) for m, c in zip(margins, counts, strict=True))]
    # A kernel of standard deviation s multiplies the variance of white noise by 1 / (2 sqrt(pi) s).
    field = field * math.prod(math.sqrt(2 * math.sqrt(math.pi) * s) for s in sigmas if s > 0)
    for axis, (n, step) in enumerate(zip(shape, steps, strict=True)):
        if step > 1:
            field = _interpolate(field, n, step, axis)
        else:
            field = field.take(range(n), axis)
    return field


def _interpolate(field, length, step, axis):
    """`field` with `length` points, `step` grid cells apart, along `axis`; linear between grid points."""
    position = np.arange(length, dtype=np.float32) / np.float32(step)
    below = position.astype(int)
    weight = (position - below).reshape([-1 if a == axis else 1 for a in range(field.ndim)])
    return field.take(below, axis) * (1 - weight) + field.take(below + 1, axis) * weight
