"""One step downhill: Adam at the rate of a schedule, gradients cut to a length, weights averaged."""

import torch

from synthem.compute.collectives import all_reduce_gradients
from synthem.training.averaging import Average
from synthem.training.schedules import build_schedule


class Descent:
    """Fits the weights of `net` that are not frozen.

    clip_norm: the longest gradient (of all weights together), 0 for any. ema {decay, warm_up}: as for
    Average, decay 0 for none. `parts` is what a checkpoint has to hold; `result` the network that has learnt:
    the average where there is one.
    """

    def __init__(
        self, net, *, steps, learning_rate, betas, epsilon, schedule, plateau, decay_from, clip_norm, ema
    ):
        self.weights = [weight for weight in net.parameters() if weight.requires_grad]
        self.optimizer = torch.optim.Adam(
            self.weights, lr=learning_rate, betas=tuple(betas), eps=epsilon, fused=True
        )
        self.schedule = build_schedule(schedule, steps=steps, plateau=plateau, decay_from=decay_from)
        self.average = Average(net, **ema) if ema["decay"] else None
        self.learning_rate, self.clip_norm = learning_rate, clip_norm
        self.result = self.average.network if self.average else net
        self.parts = {"network": net, "optimizer": self.optimizer, "schedule": self.schedule}
        if self.average:
            self.parts["average"] = self.average

    def step(self, number, loss):
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate * self.schedule.factor(number)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        all_reduce_gradients(self.weights)
        if self.clip_norm:
            torch.nn.utils.clip_grad_norm_(self.weights, self.clip_norm)
        self.optimizer.step()
        if self.average:
            self.average.update()
