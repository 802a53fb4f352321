"""What a captured step would win by changes that nobody has measured yet, each against the step as it is.

`python benchmarks/gpu_variants.py [NAME ...]`: some variants, or all in about 10 minutes, the most promising
ones first; gpu_kernels.py says where the time goes. First the losses of a few steps have to be those of the
step as it is, but for rounding. A change that wins belongs in the library, and is taken out of here.
`--smoke` runs every line on whatever is here.
"""

import sys
from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import NamedTuple
from unittest.mock import patch

import torch
import torch.nn.functional as F
from gpu import DEVICE, SMOKE, Stepping, cases, graphs_of, seconds_a_step
from layer_variants import (
    channels_in_eights,
    grown_by_products,
    instance_norms_compiled,
    norms_compiled,
    without_idle_biases,
)
from torch.func import functional_call
from training import random_slices

from synthem.compute.devices import forbid_tf32, use_threads
from synthem.compute.precision import precision_here
from synthem.gans.losses import ADVERSARIAL
from synthem.gans.pair import Pair, weighted_sum
from synthem.gans.pix2pix import Pix2Pix
from synthem.networks.layers import CONVOLUTIONS, BatchNorm, InstanceNorm
from synthem.training.capture import PLAIN_STEPS, Recorded, Task, copy_into
from synthem.training.segmenter import Segmentation

EQUAL_STEPS, NEAR = PLAIN_STEPS + 3, 0.02  # replays among them; relative, for bfloat16 has 8 bits
LARGE_NET, SMALL_NET = "U-Net 31 M, 16 x 256^2", "U-Net 1.9 M, 12 x 160^2"
ONE_PAIR, PAIRS = "pix2pix 57 M, 1 x 256^2", "pix2pix 57 M, 8 x 256^2"


class Variant(NamedTuple):
    """A change, as a context in which a task is built and takes its steps, and what it is tried with."""

    changed: Callable
    names: tuple
    after: Callable = lambda task: None  # once the task is built


def plain_layout(task):
    """Channels first in memory: instance norms need that anyway, and give it to the next convolution."""
    for net in (task.generator, task.discriminator):
        net.to(memory_format=torch.contiguous_format)


def norm_of_one_image(norm, x):
    """Of one image, the norm over a batch is the same: it need not bring channels in another order first."""
    if x.shape[-2:].numel() == 1:
        return x
    if len(x) == 1:
        return F.batch_norm(x, None, None, training=True, eps=norm.eps)
    return F.instance_norm(x, eps=norm.eps)


def loss_of_both(task, batch, fake):
    """The discriminator sees real and drawn images in one batch: for norms that look at single images."""
    adversarial = ADVERSARIAL[task.objective.adversarial]
    seen = [task.seen(batch.conditions, image, batch.known) for image in (batch.real, fake)]
    both = [scale.chunk(2) for scale in task.run(task.discriminator, torch.cat(seen))]
    real, drawn = ([scale[n] for scale in both] for n in (0, 1))
    return weighted_sum(
        {
            "d_real": (1 / 2, lambda: adversarial.real(real)),
            "d_fake": (1 / 2, lambda: adversarial.fake(drawn)),
        }
    )


@contextmanager
def real_judged_beside():
    """The discriminator looks at real images while the generator draws: small kernels leave a card room."""
    side = torch.cuda.Stream() if DEVICE.type == "cuda" else None

    def learn(task, batch):
        adversarial = ADVERSARIAL[task.objective.adversarial]
        task.discriminator.requires_grad_(True)
        if side:
            side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            d_real = adversarial.real(task.judge(batch.conditions, batch.real, batch.known))
        images = task.generate(batch)
        d_fake = adversarial.fake(task.judge(batch.conditions, images.detach(), batch.known))
        if side:
            torch.cuda.current_stream().wait_stream(side)
        task.discriminator_optimiser.step((d_real + d_fake) / 2)
        task.discriminator.requires_grad_(False)
        loss, more = task.generator_loss(batch, images)
        task.generator_optimiser.step(loss)
        return {"d_real": d_real, "d_fake": d_fake} | more

    with patch.object(Pix2Pix, "learn", learn):
        yield


class Rounded(torch.autograd.Function):
    """All weights of a network in bfloat16, and their gradients in float32, by a kernel or two for all."""

    @staticmethod
    def forward(context, *weights):
        return copies_of(weights, torch.bfloat16)

    @staticmethod
    def backward(context, *slopes):
        return copies_of(slopes, torch.float32)


def copies_of(tensors, dtype):
    copies = [torch.empty_like(tensor, dtype=dtype) for tensor in tensors]
    torch._foreach_copy_(copies, [*tensors])
    return tuple(copies)


def rounded(net):
    """A function that calls the network with its convolutions rounded; norms keep 32 bits."""
    layers = [(name, layer) for name, layer in net.named_modules() if isinstance(layer, CONVOLUTIONS)]
    chosen = {f"{name}.{part}": weight for name, layer in layers for part, weight in layer.named_parameters()}

    def call(*inputs):
        return functional_call(net, dict(zip(chosen, Rounded.apply(*chosen.values()), strict=True)), inputs)

    return call


@contextmanager
def weights_rounded_at_once():
    run, logits = Pair.run, Segmentation.logits

    def run_rounded(task, net, *inputs):
        bf16 = task.precision == "bf16" and isinstance(net, torch.nn.Module)
        return run(task, rounded(net) if bf16 else net, *inputs)

    def logits_rounded(task, net, channels):
        bf16 = task.precision == "bf16" and isinstance(net, torch.nn.Module)
        return logits(task, rounded(net) if bf16 else net, channels)

    with patch.object(Pair, "run", run_rounded), patch.object(Segmentation, "logits", logits_rounded):
        yield


def norm_by_cudnn(norm, x):
    """torch takes its own kernels for bfloat16."""
    if not norm.training or DEVICE.type != "cuda":
        return F.batch_norm(
            x, norm.running_mean, norm.running_var, norm.weight, norm.bias, norm.training, 0.1, norm.eps
        )
    place = (norm.weight, norm.bias, norm.running_mean, norm.running_var)
    return torch.cudnn_batch_norm(x, *place, True, 0.1, norm.eps)[0]


@contextmanager
def batches_on_a_stream_of_their_own():
    """The next patches are cut while the last graph still runs; they wait until its batch was copied."""
    if DEVICE.type != "cuda":
        yield
        return
    here, side, copied = torch.cuda.current_stream(), torch.cuda.Stream(), torch.cuda.Event()
    here.record_event(copied)

    def step(task, number):
        side.wait_event(copied)
        with torch.cuda.stream(side):
            batch = task.batch_of(number)
        here.wait_stream(side)
        for optimiser in task.optimisers:
            optimiser.prepare(number)
        replayed = len(task.graphs.recorded)
        losses = task.graphs.run(task.learn, batch)
        if not replayed:  # a plain step reads its batch until its end
            here.record_event(copied)
        return losses

    def replay(recorded, batch):
        copy_into(recorded.batch, batch)
        here.record_event(copied)
        recorded.again()
        return dict(zip(recorded.names, recorded.losses.clone().unbind(), strict=True))

    with patch.object(Task, "step", step), patch.object(Recorded, "replay", replay):
        yield


VARIANTS = {
    "channels in eights": Variant(channels_in_eights, (LARGE_NET, PAIRS, ONE_PAIR, SMALL_NET)),
    "no idle biases": Variant(nullcontext, (PAIRS, ONE_PAIR), without_idle_biases),
    "norms compiled": Variant(norms_compiled, (LARGE_NET, SMALL_NET)),
    "instance norms compiled": Variant(instance_norms_compiled, (PAIRS, ONE_PAIR)),
    "real judged beside": Variant(real_judged_beside, (ONE_PAIR, PAIRS)),
    "grown by products": Variant(grown_by_products, (LARGE_NET, SMALL_NET)),
    "plain layout": Variant(nullcontext, (ONE_PAIR, PAIRS), plain_layout),
    "norm of one image": Variant(
        lambda: patch.object(InstanceNorm, "forward", norm_of_one_image), (ONE_PAIR,)
    ),
    "real and drawn at once": Variant(
        lambda: patch.object(Pix2Pix, "discriminator_loss", loss_of_both), (ONE_PAIR, PAIRS)
    ),
    "weights rounded at once": Variant(weights_rounded_at_once, (SMALL_NET, LARGE_NET, ONE_PAIR, PAIRS)),
    "norms by cuDNN": Variant(
        lambda: patch.object(BatchNorm, "forward", norm_by_cudnn), (SMALL_NET, LARGE_NET)
    ),
    "batches beside": Variant(batches_on_a_stream_of_their_own, (SMALL_NET, LARGE_NET, ONE_PAIR, PAIRS)),
}


def first_losses(task):
    step = Stepping(task)
    losses = [torch.stack([loss.clone() for loss in step().values()]) for _ in range(EQUAL_STEPS)]
    return torch.stack(losses).double().cpu()


def tried(case, variant):
    """(losses of the first steps, images a second) of a case, as it is or with a variant."""
    build = partial(case.build, precision=precision_here("auto"))
    with variant.changed():
        tasks = [build(), build()]
        for task in tasks:
            variant.after(task)
        losses = first_losses(tasks[0])
        if DEVICE.type == "cuda" and not graphs_of(tasks[0]):
            raise RuntimeError("its steps could not be captured")
        return losses, case.batch / seconds_a_step(Stepping(tasks[1]), case.steps)


def main():
    forbid_tf32()
    if SMOKE:
        use_threads(1)  # it runs beside other tests
    wanted = [word for word in sys.argv[1:] if word in VARIANTS] or VARIANTS
    every = cases(*random_slices())
    as_it_is = {}
    for what in wanted:
        for name in VARIANTS[what].names[: 1 if SMOKE else None]:
            if name not in as_it_is:
                as_it_is[name] = tried(every[name], Variant(nullcontext, ()))
            expected, speed = as_it_is[name]
            try:
                losses, found = tried(every[name], VARIANTS[what])
            except Exception as error:  # one that torch refuses: the others are tried all the same
                print(f"{name:26} {what:24} {type(error).__name__}: {str(error).splitlines()[0]}")
                continue
            unlike = ((losses - expected).abs() / expected.abs().clamp(min=1e-3)).max().item()
            verdict = "same" if unlike <= NEAR else "OTHER LOSSES"
            print(
                f"{name:26} {what:24} {found:9.1f} img/s for {speed:9.1f}: x {found / speed:.3f}"
                f" ({verdict}, {unlike:.2g})",
                flush=True,
            )
            if DEVICE.type == "cuda":
                torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
