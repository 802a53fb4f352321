"""The exponential moving average of a network's weights, which is steadier than those of any single step."""

from copy import deepcopy

import torch


class Average:
    """A second network with the exponential moving average of the weights of `net`.

    In step n (from 0) the average keeps `decay` of itself, but at most (1 + n) / (warm_up + n), or it would
    carry the weights of the start along for too long; `warm_up` 1 sets no such limit. Running statistics and
    counters are not averaged but copied: they are averages already.
    """

    def __init__(self, net, *, decay, warm_up):
        self.net, self.decay, self.warm_up, self.updates = net, decay, warm_up, 0
        self.network = deepcopy(net).requires_grad_(False)
        self.taken = torch.zeros((), device=next(net.parameters()).device)  # of the network, in the next step

    def prepare(self):
        """Before `update`: what depends on the number of the step."""
        keep = min(self.decay, (1 + self.updates) / (self.warm_up + self.updates))
        self.taken.fill_(1 - keep)
        self.updates += 1

    @torch.no_grad()
    def update(self):
        pairs = zip(self.network.parameters(), self.net.parameters(), strict=True)
        averages, weights = zip(*pairs, strict=True)
        torch._foreach_lerp_(averages, weights, [self.taken] * len(weights))
        own, values = [*self.network.buffers()], [*self.net.buffers()]
        for kind in dict.fromkeys(buffer.dtype for buffer in own):  # a GPU copies all of a type at once
            alike = [pair for pair in zip(own, values, strict=True) if pair[0].dtype == kind]
            torch._foreach_copy_(*zip(*alike, strict=True))

    def state_dict(self):
        return {"updates": self.updates, "network": self.network.state_dict()}

    def load_state_dict(self, state):
        self.updates = state["updates"]
        self.network.load_state_dict(state["network"])
