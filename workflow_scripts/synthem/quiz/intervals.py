"""How sure a mean over persons is who all looked at the same images: about other persons and other images."""

from math import sqrt

import numpy as np
from scipy.special import stdtrit

CONFIDENCE = 0.95


def persons_and_images(values, influences):
    """Student's interval of the mean of values [persons]; None, None where nothing says how they scatter.

    influences: for each kind of images [persons, images], what an image adds to the value of a person, but
    for a constant; [] where images do not count. Answers of one person hang together, and so do those about
    one image: what all take for real may lie among the real images by chance. So both are at random in a
    two-way layout, V = V_persons + max(V_images - V_both, 0), never below V_images, with Satterthwaite's
    degrees of freedom. Few persons may agree by chance: the interval is at least the one over persons alone.
    """
    values = np.asarray(values, float)
    n_persons = len(values)
    if n_persons < 2 or any(part.shape[1] < 2 for part in influences):
        return None, None
    of_persons = values.var(ddof=1) / n_persons
    of_images = np.array([part.mean(axis=0).var(ddof=1) / part.shape[1] for part in influences])
    of_both = sum(_rest(part) / part.size for part in influences)
    df_images = np.array([part.shape[1] - 1 for part in influences])
    images = of_images.sum()
    excess = max(images - of_both, 0.0)
    squares = of_persons**2 / (n_persons - 1)
    if excess:
        squares += (excess / images) ** 2 * (of_images**2 / df_images).sum()
    halves = [_half(of_persons, of_persons**2 / (n_persons - 1)), _half(of_persons + excess, squares)]
    halves.append(_half(images, (of_images**2 / df_images).sum()))
    middle = float(values.mean())
    return (middle - max(halves), middle + max(halves)) if max(halves) else (None, None)


def _half(variance, squares):
    """Half of Student's interval; squares: of the parts of the variance, over their degrees of freedom."""
    return float(stdtrit(variance**2 / squares, (1 + CONFIDENCE) / 2) * sqrt(variance)) if squares else 0.0


def _rest(part):
    """Mean square of what neither persons nor images explain, of a two-way layout without repetition."""
    rest = part - part.mean(axis=1, keepdims=True) - part.mean(axis=0, keepdims=True) + part.mean()
    return (rest**2).sum() / ((part.shape[0] - 1) * (part.shape[1] - 1))
