"""Test-time augmentation: the eight symmetries of a square, over which predictions are averaged."""

from collections.abc import Callable
from typing import NamedTuple

import torch


class Turn(NamedTuple):
    """A symmetry of the last two axes (y, x) of a tensor, and its inverse."""

    there: Callable
    back: Callable


def _turn(quarters, mirrored):
    def there(x):
        x = torch.rot90(x, quarters, (-2, -1))
        return x.flip(-1) if mirrored else x

    def back(x):
        x = x.flip(-1) if mirrored else x
        return torch.rot90(x, -quarters, (-2, -1))

    return Turn(there, back)


# By their number, the config's word: the slice as it is, or all of its turns and mirror images.
TURNS = {
    1: [_turn(0, False)],
    8: [_turn(quarters, mirrored) for quarters in range(4) for mirrored in (False, True)],
}
