"""Data sets in fixed proportions: which of them, and which of its patches, is the k-th of a training."""

import math
from itertools import pairwise

import numpy as np

PARTS = 10_000  # shares are kept to four decimals, so that whole numbers can be compared


def phases_of(names, *, sets, then, switch, steps):
    """An arm of the config -> ((first step, shares of the sets `names` from there on), ...).

    sets, then {name: share of the patches}: `then`, unless it is empty, from step `switch` * `steps` on.
    """
    shares = [tuple(part.get(name, 0) for name in names) for part in (sets, then)]
    later = math.ceil(round(switch * steps, 6))  # without what a product of decimals has too much
    return ((0, shares[0]), (later, shares[1])) if then else ((0, shares[0]),)


class Series:
    """The patches of all steps in one row: of which set each one is, and which of the patches of this set.

    phases ((first step, shares of the sets), ...), the first from step 0 on. Within a phase, the first k
    patches hold each set's share of k with an error below one patch, whatever k is. A set counts its patches
    through all phases, so it gives the same ones in the same order whatever other sets there are.
    """

    def __init__(self, phases, batch_size):
        self.batch_size = batch_size
        self.starts = [first * batch_size for first, _ in phases]  # the first patch of each phase
        self.cycles = [Cycle(shares) for _, shares in phases]
        self.drawn = [np.zeros(len(phases[0][1]), np.int64)]  # of each set, before each phase
        for cycle, (start, end) in zip(self.cycles, pairwise(self.starts), strict=False):
            self.drawn.append(self.drawn[-1] + cycle.counts(end - start))

    def of_steps(self, first, count):
        """Index of the set, and number of the patch in it, of all patches of `count` steps: int64 [B, 2]."""
        k = np.arange(first * self.batch_size, (first + count) * self.batch_size)
        phase_of = np.searchsorted(self.starts, k, side="right") - 1
        patches = np.empty((len(k), 2), np.int64)
        for phase in np.unique(phase_of):
            here = phase_of == phase
            index, number = self.cycles[phase].patches(k[here] - self.starts[phase])
            patches[here] = np.stack([index, self.drawn[phase][index] + number], axis=1)
        return patches


class Cycle:
    """Sets in the order that keeps their shares, over and over.

    The next patch is of a set that is behind its share, and of those of the one that would be too far behind
    first. So no set of n is ever off by more than 1 - 1 / (2 n - 2) patches (Tijdeman 1980, The chairman
    assignment problem). The one that is furthest behind would do as well for two sets, but is off by more
    than a patch from five sets on. Equal shares come in turn.
    """

    def __init__(self, shares):
        parts = [round(PARTS * share) for share in shares]
        common = math.gcd(*parts)
        self.parts = np.array([part // common for part in parts])  # of each set in a cycle
        taken, order, numbers = [0] * len(shares), [], []
        for k in range(self.parts.sum()):
            index = self._next(k, taken)
            order.append(index)
            numbers.append(taken[index])
            taken[index] += 1
        self.order, self.numbers = np.array(order), np.array(numbers)

    def _next(self, k, taken):
        parts = self.parts.tolist()
        whole = sum(parts)
        slack = max(2 * sum(part > 0 for part in parts) - 2, 1)
        behind = [part * (k + 1) - whole * count for part, count in zip(parts, taken, strict=True)]
        due = [i for i, late in enumerate(behind) if slack * late >= whole]
        return min(due, key=lambda i: ((slack - 1) * whole - slack * behind[i]) / parts[i])

    def patches(self, k):
        """Sets, and which of their patches, of the patches k [n]."""
        cycle, place = np.divmod(k, len(self.order))
        index = self.order[place]
        return index, cycle * self.parts[index] + self.numbers[place]

    def counts(self, k):
        """How many of the first k patches are of each set."""
        cycles, rest = divmod(k, len(self.order))
        return cycles * self.parts + np.bincount(self.order[:rest], minlength=len(self.parts))


def in_turn(sets):
    """Phases of equal shares of so many sets."""
    return ((0, (1 / sets,) * sets),)
