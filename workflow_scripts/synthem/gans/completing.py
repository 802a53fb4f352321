"""What a trained generator draws in the place of hidden parts of images, to be looked at."""

import numpy as np
import torch

from synthem.gans.batches import Pairs
from synthem.gans.hidden import hidden_parts
from synthem.intensity import colours_last, from_unit


@torch.no_grad()
def completed_images(generators, examples, *, hidden, count, size):
    """{true, hidden, drawn}: pieces of the images of a PatchSet, and what each of `generators` makes of them.

    true: uint8 [count, size, size], with colours last; hidden: {0, 1} [count, size, size], where nothing was
    shown; drawn: as `true`, [generators, count, ...], the whole of each answer. The pieces are the same for
    all generators and trainings, and so are hidden parts of one kind (a word of HIDDEN).
    """
    pairs = Pairs(examples, batch_size=count, patch=size, seed=0, device=torch.device("cpu"))
    _, real, _ = pairs.of_step(0)
    mask = hidden_parts(hidden, pairs.seed, 0, real)
    seen = torch.cat([real * (1 - mask), mask, torch.ones_like(mask)], dim=1)
    return {
        "true": as_images(real),
        "hidden": mask[:, 0].numpy().astype(np.uint8),
        "drawn": np.stack([as_images(generator.eval()(seen)) for generator in generators]),
    }


def as_images(batch):
    """[B, C, Y, X] in [-1, 1] -> uint8 [B, Y, X], or [B, Y, X, C]."""
    return np.stack([colours_last(from_unit(image.numpy())) for image in batch])
