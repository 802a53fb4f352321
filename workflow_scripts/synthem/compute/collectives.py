"""Several processes that train one network together: what each of them does with its share of a batch.

All have the same network, batch and chance, and each puts its own share through the network. What networks
say comes together before the loss, so any loss is that of the whole batch, and gradients add up to what one
process would find. In a process that trains alone, each function here does nothing.
"""

import torch
import torch.distributed as group
from torch import nn

from synthem.errors import SynthemError


def rank():
    """The number of this process: 0, 1, ...; alone 0."""
    return group.get_rank() if group.is_initialized() else 0


def processes():
    """How many train together; alone 1."""
    return group.get_world_size() if group.is_initialized() else 1


def my_share(batch):
    """The samples of [B, ...] that this process puts through the network."""
    if processes() == 1:
        return batch
    if len(batch) % processes():
        raise SynthemError(
            "CONFIG_VALUE",
            "batch_size",
            f"{len(batch)}, for {processes()} processes",
            expected=f"a multiple of {processes()}",
            fix="change it, or the number of GPUs (resource `gpu` of the rule)",
        )
    return batch.chunk(processes())[rank()]


def of_all(mine):
    """The shares [b, ...] of all processes in their order: [B, ...]; gradients flow into one's own alone."""
    if processes() == 1:
        return mine
    shares = [torch.empty_like(mine, requires_grad=False) for _ in range(processes())]
    group.all_gather(shares, mine.detach().contiguous())
    shares[rank()] = mine
    return torch.cat(shares)


def mean_of_all(mine):
    """The mean of what each process found for its share; gradients flow into one's own alone."""
    return mine if processes() == 1 else of_all(mine.reshape(1)).mean()


def add_up_gradients(weights):
    """What the samples of all processes say to each weight; in one message, since each costs time."""
    if processes() == 1:
        return
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    message = torch.cat([gradient.flatten() for gradient in gradients])
    group.all_reduce(message)
    parts = message.split([gradient.numel() for gradient in gradients])
    for gradient, total in zip(gradients, parts, strict=True):
        gradient.copy_(total.view_as(gradient))


def from_first(compute):
    """`compute()` of the first process, for all of them."""
    if processes() == 1:
        return compute()
    box = [compute() if rank() == 0 else None]
    group.broadcast_object_list(box, device=torch.device("cpu"))
    return box[0]


def synchronised(net):
    """The network with batch norms and dropout of the whole batch, not of a share; names of weights stay."""
    if processes() > 1:
        for name, child in net.named_children():
            if isinstance(child, nn.modules.batchnorm._BatchNorm):
                child = SynchronisedNorm.like(child)
            elif isinstance(child, nn.Dropout):
                child = SharedDropout(child.p)
            setattr(net, name, synchronised(child))
    return net


class SharedDropout(nn.Dropout):
    """Dropout that draws for the samples of all processes and uses its own share.

    So the chance of all processes stays alike and, on processors, that of one that trains alone.
    """

    def forward(self, x):
        if not (self.training and self.p):
            return x
        kept = x.new_empty(processes() * len(x), *x.shape[1:]).bernoulli_(1 - self.p)
        return x * my_share(kept).div(1 - self.p)


class Sum(torch.autograd.Function):
    """The sum of what all processes have; its gradient is the sum of what all of them make of it."""

    @staticmethod
    def forward(context, mine):
        total = mine.clone()
        group.all_reduce(total)
        return total

    @staticmethod
    def backward(context, gradient):
        return Sum.apply(gradient.contiguous())  # a slope may have a slope itself (R1)


class SynchronisedNorm(nn.modules.batchnorm._BatchNorm):
    """Batch norm over the samples of all processes. (torch's own works on GPUs only.)"""

    @classmethod
    def like(cls, norm):
        own = cls(norm.num_features, norm.eps, norm.momentum, affine=norm.affine)
        own.weight, own.bias = norm.weight, norm.bias
        own.running_mean, own.running_var = norm.running_mean, norm.running_var
        own.num_batches_tracked = norm.num_batches_tracked
        return own.train(norm.training)

    def _check_input_dim(self, x):
        """Images and volumes alike."""

    def forward(self, x):
        if not self.training:
            return super().forward(x)
        exact = x.float()
        axes, across = [0, *range(2, x.ndim)], (1, -1, *[1] * (x.ndim - 2))
        count = x.numel() // x.shape[1] * processes()
        mean = Sum.apply(exact.sum(axes)) / count
        centred = exact - mean.view(across)
        variance = Sum.apply(centred.square().sum(axes)) / count
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * count / (count - 1), self.momentum)
            self.num_batches_tracked += 1
        scale = (variance + self.eps).rsqrt() * (1 if self.weight is None else self.weight)
        y = centred * scale.view(across)
        return (y if self.bias is None else y + self.bias.view(across)).to(x.dtype)
