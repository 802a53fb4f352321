"""Adam for one network, with all that belongs to a step: a schedule, clipped gradients, averaged weights."""

import torch

from synthem.compute.collectives import all_reduce_gradients
from synthem.training.adam import Adam
from synthem.training.averaging import Average
from synthem.training.schedules import build_schedule

NO_AVERAGE = {"decay": 0, "warm_up": 1}  # `ema` of what is not averaged


class Optimiser:
    """Adam (Kingma 2015) for the weights of `net` that are not frozen, for `steps` steps.

    learning_rate, betas, epsilon: Adam's. schedule {kind, <kind>: options}: of the learning rate. clip_norm:
    gradients of all weights together are cut to this norm; 0: never. ema {decay, warm_up}: as for Average;
    decay 0: none. `parts` is what a checkpoint holds; `result` the network to use: the average, where there
    is one.
    """

    def __init__(self, net, *, steps, learning_rate, betas, epsilon, schedule, clip_norm, ema):
        groups = parameter_groups(net, learning_rate)
        self.learning_rates = [group["lr"] for group in groups]
        self.adam = Adam(groups, betas=betas, epsilon=epsilon)
        self.weights = self.adam.weights
        if self.weights[0].is_cuda:  # a CUDA graph reads rates where they lie; a processor takes numbers
            for group in groups:
                group["lr"] = torch.zeros((), device=self.weights[0].device)
        self.schedule = build_schedule(schedule, steps=steps)
        self.clip_norm = clip_norm
        self.average = Average(net, **ema) if ema["decay"] else None
        self.result = self.average.network if self.average else net
        self.parts = {"network": net, "adam": self.adam, "schedule": self.schedule}
        if self.average:
            self.parts["average"] = self.average

    def prepare(self, number):
        """Before `step`: what depends on the number of the step, from 0 on."""
        for group, learning_rate in zip(self.adam.param_groups, self.learning_rates, strict=True):
            rate = learning_rate * self.schedule.factor(number)
            if torch.is_tensor(group["lr"]):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate
        if self.average:
            self.average.prepare()

    def step(self, loss):
        """Down the gradient of the loss."""
        self.adam.zero_grad()
        loss.backward()
        all_reduce_gradients(self.weights)
        if self.clip_norm:
            torch.nn.utils.clip_grad_norm_(self.weights, self.clip_norm)
        self.adam.step()
        if self.average:
            self.average.update()


def parameter_groups(net, learning_rate):
    """The weights of a network that are not frozen, as torch's parameter groups: one for each learning rate.

    A network may have layers that learn slower: `learning_rate_factors` {name of the layer: factor}.
    """
    factors, groups = getattr(net, "learning_rate_factors", {}), {}
    for name, weight in net.named_parameters():
        if weight.requires_grad:
            groups.setdefault(factors.get(name.split(".")[0], 1), []).append(weight)
    return [{"params": weights, "lr": factor * learning_rate} for factor, weights in groups.items()]
