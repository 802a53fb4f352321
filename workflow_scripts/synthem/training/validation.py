"""Validation: which weights of a network are the best, and when they no longer get better."""

import math

from synthem.log import say

HELD_OUT_PATCHES = 16  # that a pair of networks is measured on, or as many as fill a batch


def held_out_batches(batch_size):
    """Batches with the patches that a pair of networks is measured on."""
    return math.ceil(HELD_OUT_PATCHES / batch_size)


def needing_validation(training):
    """Settings of `training` that need validation losses: [(key, its value, one that needs none), ...]."""
    validation, schedule = training["validation"], training["optimiser"]["schedule"]["kind"]
    needing = []
    if validation["keep"] == "best":
        needing.append(("validation.keep", "best", "last"))
    if validation["stop_after"]:
        needing.append(("validation.stop_after", str(validation["stop_after"]), "0"))
    if schedule == "plateau":
        needing.append(("optimiser.schedule.kind", "plateau", "cosine"))
    return needing


class Validation:
    """The validation losses of a network, after every `every` steps and the last; part of a checkpoint.

    keep: "last" or "best", the weights that are the result. The best are remembered in both cases.
    stop_after: so many validations in a row without a lower loss end the training; 0: nothing does.
    A loss that is not a number is never the best, and never counts as one that is not lower.
    """

    def __init__(self, network, schedule, *, every, stop_after, keep):
        self.network, self.schedule = network, schedule
        self.every, self.stop_after, self.keep = every, stop_after, keep
        self.lowest, self.waited, self.best = math.inf, 0, {}

    def is_due(self, done, steps):
        return is_due(self.every, done, steps)

    @property
    def gives_up(self):
        return 0 < self.stop_after <= self.waited

    def see(self, losses):
        """losses: of the step just taken, with its `validation_loss`."""
        loss = losses["validation_loss"]
        self.schedule.see(loss)
        if not math.isfinite(loss):
            say(f"WARNING the validation loss is {loss}: it counts as neither better nor worse")
        elif loss < self.lowest:
            self.lowest, self.waited = loss, 0
            self.best = {name: value.cpu().clone() for name, value in self.network.state_dict().items()}
        else:
            self.waited += 1
            if self.gives_up:
                say(f"no lower validation loss than {self.lowest:.4g} in {self.waited} validations: the end")

    def chosen(self):
        """The network with the weights that are to be kept."""
        if self.keep == "best" and self.best:
            self.network.load_state_dict(self.best)
        elif self.keep == "best":
            say("WARNING no validation loss was a number: the last weights are kept, not the best")
        return self.network

    def state_dict(self):
        return {"lowest": self.lowest, "waited": self.waited, "best": self.best}

    def load_state_dict(self, state):
        self.lowest, self.waited, self.best = state["lowest"], state["waited"], state["best"]


class Watch:
    """Losses on images that nothing is learnt from, at the same times: reported, and nothing follows."""

    gives_up = False

    def __init__(self, *, every):
        self.every = every

    def is_due(self, done, steps):
        return is_due(self.every, done, steps)

    def see(self, losses):
        """They stand in the history."""

    def state_dict(self):
        return {}

    def load_state_dict(self, state):
        """There is none."""


def is_due(every, done, steps):
    """Whether a look is due after `done` of `steps` steps: after each `every` of them, and after the last."""
    return done % every == 0 or done == steps
