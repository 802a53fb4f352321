"""Data parallelism: several processes train one network, each on its shard of every batch.

All ranks have the same weights, batch and random numbers. Each computes the network's outputs for its shard;
these are gathered before the loss, so that every loss is that of the whole batch, and the sum of all
gradients is what one process would find. In a process that trains alone, each function here does nothing.
"""

import torch
import torch.distributed as dist
from torch import nn

from synthem.errors import SynthemError


def rank():
    """The number of this process: 0, 1, ...; 0 where it trains alone."""
    return dist.get_rank() if dist.is_initialized() else 0


def world_size():
    """How many processes train together; 1 where this one trains alone."""
    return dist.get_world_size() if dist.is_initialized() else 1


def shard(batch):
    """The samples of a batch [B, ...] whose outputs this rank computes: [B / world size, ...]."""
    if world_size() == 1:
        return batch
    if len(batch) % world_size():
        raise SynthemError(
            "CONFIG_VALUE",
            "batch_size",
            f"{len(batch)}, for {world_size()} processes",
            expected=f"a multiple of {world_size()}",
            fix="change it, or the number of GPUs (resource `gpu` of the rule)",
        )
    return batch.chunk(world_size())[rank()]


def all_gather(own):
    """The shards [b, ...] of all ranks, joined to [B, ...]; gradients flow into this rank's own alone."""
    if world_size() == 1:
        return own
    shards = [torch.empty_like(own, requires_grad=False) for _ in range(world_size())]
    dist.all_gather(shards, own.detach().contiguous())
    shards[rank()] = own
    return torch.cat(shards)


def all_reduce_mean(own):
    """The mean of a number over all ranks; gradients flow into this rank's own alone."""
    return own if world_size() == 1 else all_gather(own.reshape(1)).mean()


def all_reduce_gradients(weights):
    """Sum the gradient of each weight over all ranks; in one message, since each costs time."""
    if world_size() == 1:
        return
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    message = torch.cat([gradient.flatten() for gradient in gradients])
    dist.all_reduce(message)
    parts = message.split([gradient.numel() for gradient in gradients])
    for gradient, total in zip(gradients, parts, strict=True):
        gradient.copy_(total.view_as(gradient))


def broadcast(compute):
    """The result of `compute()`, which only rank 0 calls, on all ranks."""
    if world_size() == 1:
        return compute()
    box = [compute() if rank() == 0 else None]
    dist.broadcast_object_list(box, device=torch.device("cpu"))
    return box[0]


def synchronised(net):
    """The network with batch norms and dropout over the whole batch, not a shard; names of weights stay."""
    if world_size() > 1:
        for name, child in net.named_children():
            if isinstance(child, nn.modules.batchnorm._BatchNorm):
                child = SynchronisedNorm.like(child)
            elif isinstance(child, nn.Dropout):
                child = SharedDropout(child.p)
            setattr(net, name, synchronised(child))
    return net


class SharedDropout(nn.Dropout):
    """Dropout whose mask is drawn for the whole batch, of which each rank uses its shard.

    So the random numbers of all ranks stay alike and, on processors, those of one that trains alone.
    """

    def forward(self, x):
        if not (self.training and self.p):
            return x
        kept = x.new_empty(world_size() * len(x), *x.shape[1:]).bernoulli_(1 - self.p)
        return x * shard(kept).div(1 - self.p)


class AllReduceSum(torch.autograd.Function):
    """The sum of a tensor over all ranks; its gradient is summed over all ranks, too."""

    @staticmethod
    def forward(context, own):
        total = own.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(context, gradient):
        return AllReduceSum.apply(gradient.contiguous())  # R1 differentiates a gradient


class SynchronisedNorm(nn.modules.batchnorm._BatchNorm):
    """Batch norm over the samples of all ranks. (torch's SyncBatchNorm works on GPUs only.)"""

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
        count = x.numel() // x.shape[1] * world_size()
        mean = AllReduceSum.apply(exact.sum(axes)) / count
        centred = exact - mean.view(across)
        variance = AllReduceSum.apply(centred.square().sum(axes)) / count
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * count / (count - 1), self.momentum)
            self.num_batches_tracked += 1
        scale = (variance + self.eps).rsqrt() * (1 if self.weight is None else self.weight)
        y = centred * scale.view(across)
        return (y if self.bias is None else y + self.bias.view(across)).to(x.dtype)
