"""Adam for one network, with all that belongs to a step: a schedule, clipped gradients, averaged weights."""

import torch

from synthem.compute.collectives import all_reduce_gradients
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
        on_gpu = next(net.parameters()).is_cuda
        self.adam = torch.optim.Adam(groups, betas=tuple(betas), eps=epsilon, fused=True, capturable=on_gpu)
        self.adam.register_load_state_dict_post_hook(lay_out_as_weights)
        # A CUDA graph reads rates where they lie; a processor takes numbers.
        self.rates = [torch.zeros((), device=groups[0]["params"][0].device) for _ in groups] if on_gpu else []
        self.weights = [weight for group in groups for weight in group["params"]]
        self.schedule = build_schedule(schedule, steps=steps)
        self.clip_norm = clip_norm
        self.average = Average(net, **ema) if ema["decay"] else None
        self.result = self.average.network if self.average else net
        self.parts = {"network": net, "adam": self.adam, "schedule": self.schedule}
        if self.average:
            self.parts["average"] = self.average

    def prepare(self, number):
        """Before `step`: what depends on the number of the step, from 0 on."""
        rates = [learning_rate * self.schedule.factor(number) for learning_rate in self.learning_rates]
        for tensor, rate in zip(self.rates, rates, strict=False):
            tensor.fill_(rate)
        for group, rate in zip(self.adam.param_groups, self.rates or rates, strict=True):
            group["lr"] = rate  # anew, for a state that was loaded brings a rate of its own
            group["capturable"] = bool(self.rates)
        if self.average:
            self.average.prepare()

    def step(self, loss):
        """Down the gradient of the loss."""
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        all_reduce_gradients(self.weights)
        if self.clip_norm:
            torch.nn.utils.clip_grad_norm_(self.weights, self.clip_norm)
        self.adam.step()
        if self.average:
            self.average.update()


@torch.no_grad()
def lay_out_as_weights(adam):
    """Let Adam's means lie in memory as their weights do.

    Those of a state lie as where it was saved. GANs are channels-last on a GPU and not on a processor, where
    the fused Adam would take one for the other without a word.
    """
    for weight, state in adam.state.items():
        for name in ("exp_avg", "exp_avg_sq"):
            if name in state:
                state[name] = torch.empty_like(weight).copy_(state[name])


def parameter_groups(net, learning_rate):
    """The weights of a network that are not frozen, as torch's parameter groups: one for each learning rate.

    A network may have layers that learn slower: `learning_rate_factors` {name of the layer: factor}.
    """
    factors, groups = getattr(net, "learning_rate_factors", {}), {}
    for name, weight in net.named_parameters():
        if weight.requires_grad:
            groups.setdefault(factors.get(name.split(".")[0], 1), []).append(weight)
    return [{"params": weights, "lr": factor * learning_rate} for factor, weights in groups.items()]
