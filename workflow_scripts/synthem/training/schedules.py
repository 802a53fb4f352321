"""Learning rates over a training, as factors of the first: by the step, or by the validation losses."""

import math

from synthem.log import say

# Each: the number of a step, from 0 on, and of all steps -> factor of the learning rate.


def constant(number, steps):
    """Always 1."""
    return 1.0


def cosine(number, steps):
    """Half a cosine wave from 1 down to 0 (Loshchilov 2017)."""
    return (1 + math.cos(math.pi * number / steps)) / 2


def linear(number, steps, *, decay_from):
    """1 for the part `decay_from` of the steps, then straight down to 0; 0.5 in pix2pix (Isola 2017)."""
    return min(1.0, (1 - number / steps) / (1 - decay_from))


# The kinds that depend on the step alone; `plateau` depends on validation losses instead.
BY_STEP = {"constant": constant, "cosine": cosine, "linear": linear}


def build_schedule(schedule, *, steps):
    """The schedule of a section {kind, <kind>: options} of the config, for so many steps."""
    kind = schedule["kind"]
    options = schedule.get(kind, {})
    return Plateau(**options) if kind == "plateau" else ByStep(BY_STEP[kind], steps, **options)


class ByStep:
    """A schedule that is a function of the step, and so has no state."""

    def __init__(self, shape, steps, **options):
        self.shape, self.steps, self.options = shape, steps, options

    def factor(self, number):
        return self.shape(number, self.steps, **self.options)

    def see(self, loss):
        pass

    def state_dict(self):
        return {}

    def load_state_dict(self, state):
        pass


class Plateau:
    """Multiplies the rate by `factor` where more than `patience` validations in a row bring no lower loss.

    At most `cuts` times, since a network hardly changes at lower rates. A loss that is not a number counts
    neither as lower nor as not lower.
    """

    def __init__(self, *, factor, patience, cuts):
        self.cut_to, self.patience, self.most_cuts = factor, patience, cuts
        self.lowest, self.waited, self.cuts = math.inf, 0, 0

    def factor(self, number):
        return self.cut_to**self.cuts

    def see(self, loss):
        if not math.isfinite(loss):
            return
        self.waited = 0 if loss < self.lowest else self.waited + 1
        self.lowest = min(self.lowest, loss)
        if self.waited > self.patience and self.cuts < self.most_cuts:
            self.cuts, self.waited = self.cuts + 1, 0
            say(f"no lower validation loss than {self.lowest:.4g}: learning rate cut ({self.cuts} times now)")

    def state_dict(self):
        return {"lowest": self.lowest, "waited": self.waited, "cuts": self.cuts}

    def load_state_dict(self, state):
        self.lowest, self.waited, self.cuts = state["lowest"], state["waited"], state["cuts"]
