"""What a training is like while it runs: a page with examples and losses, for whoever wants to look in."""

import io
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from torch.nn.modules.batchnorm import _BatchNorm

from synthem.errors import SynthemError
from synthem.log import say
from synthem.storage.files import write_bytes, write_text
from synthem.training.live_page import live_page

SHARE = 0.01  # of the time of a training, at most, but for the first look and the last
EXAMPLES = 4
LARGEST, SMALLEST = 256, 96  # pixels of the side of an example as it is shown
GAP = 4  # pixels between two examples


class Live:
    """Writes `folder`/index.html and examples.png: after each `every` steps (0: never) and after the last.

    A task has `examples(done)` -> {what it is: float tensor [B, C, Y, X] from 0 to 1}, made `undisturbed`.
    Nothing follows from a look: one that would take too much of the time waits for a later step, and a page
    that cannot be written is no error. curves: Curves, which get the picture, too.
    """

    def __init__(self, folder="", every=0, *, curves, steps):
        self.folder, self.every, self.curves, self.steps = Path(folder), every, curves, steps
        self.start, self.spent = time.monotonic(), 0.0

    def is_due(self, done, over):
        if not self.every or over:
            return bool(self.every)
        return done % self.every == 0 and self.spent <= SHARE * (time.monotonic() - self.start)

    def show(self, task, history):
        start = time.monotonic()
        examples = task.examples(len(history))
        picture = sheet(examples.values())
        self.curves.show(picture, len(history))
        try:
            write_bytes(self.folder / "examples.png", png(picture))
            write_text(self.folder / "index.html", live_page(list(examples), history, steps=self.steps))
        except SynthemError as error:  # of a full disk: no reason to stop a training
            say(f"WARNING no live page from step {len(history)} on: {error}")
            self.every = 0
        self.spent += time.monotonic() - start


@contextmanager
def undisturbed(*nets, statistics_of_images=False):
    """In the block, networks answer one process and nothing of them changes, nor does any random state.

    All blocks draw the same random numbers.

    statistics_of_images: batch norms use those of the images at hand (of more than one, or a map of a single
    value has none), not those of the training.
    """
    modules = [module for net in nets for module in net.modules()]
    training = [module.training for module in modules]
    norms = [module for module in modules if statistics_of_images and isinstance(module, _BatchNorm)]
    statistics = [(norm.running_mean, norm.running_var) for norm in norms]
    gpus = {weight.device for net in nets for weight in net.parameters() if weight.is_cuda}
    with torch.random.fork_rng(devices=gpus), torch.no_grad():
        torch.manual_seed(0)  # the same chance at each look, so that pictures differ by what was learnt
        try:
            for net in nets:
                net.eval()  # no dropout, no step of a spectral norm, and no waiting for other ranks
            for norm in norms:
                norm.running_mean = norm.running_var = None
            yield
        finally:
            for norm, (mean, variance) in zip(norms, statistics, strict=True):
                norm.running_mean, norm.running_var = mean, variance
            for module, mode in zip(modules, training, strict=True):
                module.training = mode


def one_by_one(function, batch):
    """function([1, ...]) of each sample of a batch, joined."""
    return torch.cat([function(sample) for sample in batch.split(1)])


def stretched(images):
    """Images [B, C, Y, X] of any range, each from 0, its darkest hundredth, to 1, its brightest."""
    flat = images.float().flatten(1)
    low, high = (flat.quantile(share, dim=1).view(-1, *[1] * (images.ndim - 1)) for share in (0.01, 0.99))
    return ((images - low) / (high - low).clamp(min=1e-6)).clamp(0, 1)


def in_greys(masks):
    """Masks [B, M, Y, X], above 0 where they are, as one picture [B, 1, Y, X]: the last one is white."""
    greys = torch.linspace(0, 1, masks.shape[1] + 1, device=masks.device)[1:]
    return ((masks > 0) * greys[:, None, None]).amax(dim=1, keepdim=True)


def flat(patches):
    """The middle slice of patches [B, C, Z, Y, X]; flat ones [B, C, Y, X] as they are."""
    return patches if patches.ndim == 4 else patches[:, :, patches.shape[2] // 2]


def sheet(rows):
    """Rows of examples, tensors [B, C, Y, X] from 0 to 1 -> one picture, uint8 [Y, X, 3]."""
    drawn = [np.concatenate([_framed(example) for example in row], axis=1) for row in rows]
    width = max(row.shape[1] for row in drawn)
    wide = [np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0)), constant_values=255) for row in drawn]
    return np.concatenate(wide)


def _framed(example):
    """[C, Y, X] -> uint8 [Y, X, 3], white at two sides; of other than 3 channels the mean."""
    image = example.float().cpu()
    image = image if len(image) == 3 else image.mean(dim=0, keepdim=True).expand(3, -1, -1)
    step, side = -(-max(image.shape[1:]) // LARGEST), max(image.shape[1:])
    image = image[:, ::step, ::step].repeat_interleave(-(-SMALLEST // side), dim=1)
    image = image.repeat_interleave(-(-SMALLEST // side), dim=2).permute(1, 2, 0)
    pixels = (image.clamp(0, 1) * 255).round().to(torch.uint8).numpy()
    return np.pad(pixels, ((0, GAP), (0, GAP), (0, 0)), constant_values=255)


def png(picture):
    from PIL import Image

    data = io.BytesIO()
    Image.fromarray(picture).save(data, "PNG")
    return data.getvalue()
