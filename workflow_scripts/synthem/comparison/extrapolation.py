"""What more labelled slices would bring: the score beyond the largest budget, by a piecewise power law.

In log-log axes the error, 1 - score, falls along a straight line, a power law, from a switching point on, and
bends along a parabola before it (Jain et al. 2023, who learn the switching point from other tasks; here it is
the last but one budget).
"""

from typing import NamedTuple

import numpy as np

from synthem.metrics.ranges import half_width

FEWEST_BUDGETS = 3
BENT = 4  # budgets from which on the curve may bend: fewer do not show it
MORE = 5  # slices to look beyond the largest budget, but never more than to twice as many
CONFIDENCE = 0.9
LEAST_ERROR = 1e-6  # of a mean: a score of 1 has no logarithm


class Extrapolation(NamedTuple):
    """The mean score of the reference with so many labelled slices; no number where `reason` says why not."""

    slices: int
    score: float | None
    low: float | None
    high: float | None
    reason: str


def more_slices(curves):
    """The Extrapolation of Curves of the reference to MORE slices beyond the largest budget.

    It is withheld where its own check fails: a fit without the largest budget has to foretell what was
    measured there, within its interval of CONFIDENCE. By as much as it missed, the interval of the
    statement is wider: how far the next step errs is known from the last one alone.
    """
    curves = curves.of(curves.complete())
    budgets, count = len(curves.slices), len(curves.replicates)
    last = int(curves.slices[-1]) if budgets else 0
    wanted = last + min(MORE, last)
    if budgets < FEWEST_BUDGETS:
        return _none(
            wanted, f"{FEWEST_BUDGETS} budgets or more show how the score rises, and here are {budgets}"
        )
    if count < 2:
        return _none(wanted, f"{count} complete replicates have no interval")
    measured = float(curves.scores[:, -1].mean())
    low, score, high = foretold(curves.slices[:-1], curves.scores[:, :-1], last, seen=curves.scores[:, -1])
    if not low <= measured <= high:
        found = f"for {last} slices the smaller budgets foretell {score:.3f} ({low:.3f} to {high:.3f})"
        return _none(wanted, f"the curve has another form: {found}, and {measured:.3f} was measured")
    missed = measured - score
    low, score, high = foretold(curves.slices, curves.scores, wanted)
    below, above = (float(np.hypot(end - score, missed)) for end in (low, high))
    return Extrapolation(wanted, score, score - below, min(score + above, 1.0), "")


def foretold(slices, scores, wanted, *, seen=None):
    """(low, score, high) with `wanted` slices, of scores [R, B] at so many `slices` [B].

    A prediction is a weighted sum of the logarithms of mean errors, so each replicate has its share in it,
    and the interval is Student's over replicates. `seen` [R]: scores that were measured with `wanted`
    slices; the interval is then that of their mean, which has chance of its own, of the same replicates.
    """
    means, parts = _logarithms(1 - scores)
    weights = _weights(np.log(slices), np.log(wanted))
    shares = parts @ weights
    if seen is not None:
        shares = shares - _logarithms(1 - seen[:, None])[1][:, 0]
    half = half_width(shares.std(ddof=1), len(scores), CONFIDENCE)
    error = means @ weights
    low, score, high = 1 - np.exp(error + np.array([half, 0, -half]))
    return float(low), float(score), float(high)


def _logarithms(errors):
    """Logarithms of the mean errors [B] of errors [R, B], and how far each replicate moves these [R, B]."""
    means = np.maximum(errors.mean(axis=0), LEAST_ERROR)
    return np.log(means), errors / means - 1


def _weights(places, wanted):
    """Weights of the values at `places` that make up the least-squares prediction at `wanted`."""
    knot = places[-2] if len(places) >= BENT else -np.inf

    def terms(x):
        x = np.atleast_1d(x)
        line = [np.ones_like(x), x]
        return np.stack([*line, np.minimum(x - knot, 0) ** 2] if np.isfinite(knot) else line, axis=1)

    return (terms(wanted) @ np.linalg.pinv(terms(places)))[0]


def _none(slices, reason):
    return Extrapolation(slices, None, None, None, reason)
