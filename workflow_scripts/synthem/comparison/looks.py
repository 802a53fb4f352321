"""Alpha spending: what it costs to look again after each replicate that is added until an arm "helps".

The number of replicates is planned. At that number a verdict may err with SHARE of the accepted error; each
replicate more is one more look, and spends a part of what is left: with n replicates in all,
1 - (1 - SHARE) * planned / n of it is spent, never all (an alpha spending function; Lan & DeMets 1983). So a
study that keeps to its plan loses little (it errs 4 instead of 5 times in a hundred), and one that
goes on until it likes the answer still errs 5 times in a hundred at most. Before the planned number there is
no verdict. All this holds as long as the plan is not changed after a look.
"""

from functools import lru_cache

import numpy as np
from scipy import special

SHARE = 0.8
POINTS, WEIGHTS = np.polynomial.legendre.leggauss(64)
ERRORS = tuple(np.geomspace(1e-9, 0.999, 64))  # between which `adjusted` interpolates


def level(error, *, replicates, planned):
    """Error of a two-sided test with so many replicates, where all looks together may err with `error`.

    Fewer replicates than planned are judged as the planned number is.
    """
    later = max(replicates - planned, 0)
    return float(_levels((error,), planned, _rounded(later))[later, 0])


def adjusted(p, *, replicates, planned):
    """The least error of all looks together with which a two-sided p of this look rejects."""
    later = max(replicates - planned, 0)
    levels = _levels(ERRORS, planned, _rounded(later))[later]
    return float(np.exp(np.interp(np.log(max(p, 1e-300)), np.log(levels), np.log(ERRORS), right=0.0)))


def _rounded(later):
    """A number of looks rounded up, so that few tables serve all."""
    return next(looks for looks in (0, 15, 63, 200, 1000, later) if looks >= later)


@lru_cache(maxsize=256)
def _levels(errors, planned, later):
    """Levels [look, error] of the looks with planned, planned + 1, ..., planned + later replicates.

    Between looks the sum of the replicates' differences, in units of their standard deviation, moves as a
    random walk; a look rejects beyond +-bound. The density of walks that no look has rejected is carried on
    from look to look by Gauss-Legendre quadrature (Armitage, McPherson & Rowe 1969).
    """
    numbers = np.arange(planned, planned + later + 1)
    spent = np.array(errors) * (1 - (1 - SHARE) * planned / numbers)[:, None]
    bound = -special.ndtri(spent[:1].T / 2) * planned**0.5  # [error, 1]
    places = bound * POINTS
    density = np.exp(-(places**2) / (2 * planned)) / (2 * np.pi * planned) ** 0.5
    levels = [spent[0]]
    for number, newly in zip(numbers[1:], np.diff(spent, axis=0), strict=True):
        weights = density * bound * WEIGHTS
        bound = _bound(places, weights, newly[:, None], 12 * number**0.5)
        new = bound * POINTS
        density = np.exp(-((new[:, :, None] - places[:, None, :]) ** 2) / 2) @ weights[:, :, None]
        density, places = density[..., 0] / (2 * np.pi) ** 0.5, new
        levels.append(2 * special.ndtr(-bound[:, 0] / number**0.5))
    return np.array(levels)


def _bound(places, weights, newly, high):
    """[error, 1]: beyond which one more step takes a share `newly` of all walks."""
    low, high = np.zeros_like(newly), np.full_like(newly, high)
    for _ in range(48):
        bound = (low + high) / 2
        beyond = special.ndtr(places - bound) + special.ndtr(-places - bound)
        more = (weights * beyond).sum(axis=1, keepdims=True) > newly
        low, high = np.where(more, bound, low), np.where(more, high, bound)
    return high
