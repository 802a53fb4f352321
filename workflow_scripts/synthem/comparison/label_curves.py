"""Scores of one arm against the number of labelled slices: a curve for each replicate."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import isotonic_regression


class Curves(NamedTuple):
    """What an arm scores with so many labelled slices; a row of `scores` for each replicate."""

    slices: np.ndarray  # [B], rising
    replicates: tuple  # [R] numbers
    scores: np.ndarray  # float [R, B]; NaN where the arm has no network

    def of(self, replicates):
        """The curves of these replicates, in their order."""
        rows = [self.replicates.index(replicate) for replicate in replicates]
        return Curves(self.slices, tuple(replicates), self.scores[rows])

    def complete(self):
        """The replicates that have a score at every budget."""
        whole = np.isfinite(self.scores).all(axis=1)
        return tuple(replicate for replicate, known in zip(self.replicates, whole, strict=True) if known)

    def at(self, slices):
        """Scores [R, N] at any numbers of slices within the budgets: straight between two on a log axis."""
        places = np.log(self.slices)
        return np.array([np.interp(np.log(slices), places, row) for row in self.scores])


def raw_curves(scores, arm, endpoint):
    """Curves of an arm from rows of a score table: of whole test blocks, the mean over U-Net seeds."""
    runs = {}
    for row in scores:
        if row["arm"] == arm and row["scope"] == "volume" and row[endpoint] is not None:
            runs.setdefault((row["replicate"], row["labelled_slices"]), []).append(row[endpoint])
    replicates, slices = (sorted({run[i] for run in runs}) for i in (0, 1))
    means = [[np.mean(runs.get((r, n), np.nan)) for n in slices] for r in replicates]
    table = np.array(means, float).reshape(len(replicates), len(slices))
    return Curves(np.array(slices, float), tuple(replicates), table)


def rising(curves):
    """The curves, moved together so that their mean never falls (isotonic regression over the budgets).

    More labels do not harm: where the mean falls with them, it was chance, and both budgets get their mean.
    Replicates keep what tells them apart: each made to rise by itself, a curve would end too high and begin
    too low, and the more so the noisier it is.
    """
    means = np.nanmean(curves.scores, axis=0)
    known = np.isfinite(curves.scores).sum(axis=0)
    moved = isotonic_regression(means, weights=known).x - means
    return curves._replace(scores=curves.scores + moved)
