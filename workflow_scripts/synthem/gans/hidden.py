"""Masks of what Boundless has to draw: the right quarter, a centred square, or a random one."""

import numpy as np
import torch

from synthem.patches.on_gpu import send
from synthem.seeds import generator as random_numbers


def hidden_parts(word, seed, number, like):
    """1 where images [B, C, Y, X] `like` these are hidden: [B, 1, Y, X], a function of (seed, number)."""
    batch, _, side, _ = like.shape
    random = random_numbers(seed, "hidden", number)
    masks = [HIDDEN[word](side, random) for _ in range(batch)]
    return send(torch.from_numpy(np.stack(masks)[:, None]), like.device)


def right_quarter(side, random):
    mask = np.zeros((side, side), np.float32)
    mask[:, side - side // 4 :] = 1
    return mask


def centred_third(side, random):
    return _square(side, side // 3, (side - side // 3) // 2, (side - side // 3) // 2)


def random_square(side, random):
    """A square with 1/3 to 2/3 of the side, anywhere in the image."""
    length = int(random.integers(side // 3, 2 * side // 3 + 1))
    return _square(side, length, *(int(random.integers(side - length + 1)) for _ in range(2)))


def _square(side, length, y, x):
    mask = np.zeros((side, side), np.float32)
    mask[y : y + length, x : x + length] = 1
    return mask


# The one place that turns the config's word into what is hidden of an image: float32 [side, side].
HIDDEN = {"right": right_quarter, "centre": centred_third, "random": random_square}
