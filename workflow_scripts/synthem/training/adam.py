"""Adam (Kingma 2015) by torch's fused kernel, without torch's class around it."""

import torch
from torch.optim.adam import adam

STATE = ("step", "exp_avg", "exp_avg_sq")  # of each weight, as torch names them


class Adam:
    """The steps of `torch.optim.Adam(..., fused=True)`, to the bit.

    That class loads torch's compiler at its first step, even where nothing is compiled: as many seconds as
    torch itself takes to load, in every training.

    groups: [{"params": weights, "lr": rate}]; a rate is a number, or a tensor where a CUDA graph reads it.
    """

    def __init__(self, groups, *, betas, epsilon):
        self.param_groups, self.betas, self.epsilon = groups, betas, epsilon
        self.state = {}  # {weight: {name of STATE: tensor}}, from its first step on

    @property
    def weights(self):
        return [weight for group in self.param_groups for weight in group["params"]]

    def zero_grad(self):
        for weight in self.weights:
            weight.grad = None

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            weights = [weight for weight in group["params"] if weight.grad is not None]
            states = [self.state.get(weight) or self.begin(weight) for weight in weights]
            steps, means, squares = ([state[name] for state in states] for name in STATE)
            adam(
                weights,
                [weight.grad for weight in weights],
                means,
                squares,
                [],
                steps,
                fused=True,
                amsgrad=False,
                beta1=self.betas[0],
                beta2=self.betas[1],
                lr=group["lr"],
                weight_decay=0.0,
                eps=self.epsilon,
                maximize=False,
            )

    def begin(self, weight):
        """The state of a weight before its first step; its means lie in memory as it does."""
        step = torch.zeros((), dtype=torch.float32, device=weight.device)
        self.state[weight] = dict(
            zip(STATE, (step, torch.zeros_like(weight), torch.zeros_like(weight)), strict=True)
        )
        return self.state[weight]

    def state_dict(self):
        return {
            number: self.state[weight] for number, weight in enumerate(self.weights) if weight in self.state
        }

    @torch.no_grad()
    def load_state_dict(self, saved):
        """Go on from a state, or, of an empty one, from before the first step.

        Its means may lie in memory as where they were saved: GANs are channels-last on a GPU and not on a
        processor, and the fused kernel would take one for the other without a word.
        """
        weights = self.weights
        self.state = {}
        for number, state in saved.items():
            own = self.begin(weights[number])
            for name in STATE:
                own[name].copy_(state[name])
