"""Places and augmentations of patches, drawn for many training steps in one call, before any is cut."""

from dataclasses import dataclass

import numpy as np

from synthem.patches.augment import Transforms
from synthem.patches.places import Places
from synthem.patches.rows import Rows

AHEAD = 50  # steps that are drawn together


@dataclass(frozen=True)
class Labels(Rows):
    """The planes that affinities need: those of the patches, and slices before them."""

    planes: Places
    outside: np.ndarray  # bool: there is no such slice
    transforms: Transforms


@dataclass(frozen=True)
class Drawn(Rows):
    """Patches of one or several slices: a row for each slice of each patch, one patch after the other."""

    planes: Places
    transforms: Transforms
    labels: Labels | None = None


def drawn_stacks(sets, places, transforms, depth):
    """Places of patches of `depth` slices, and transforms of these slices -> Drawn."""
    shown = _of_each(sets, places, lambda examples, z: examples.slices_from(z, depth), depth)
    labels = None if sets[0].labels is None else _labels(sets, places, shown, transforms)
    return Drawn(_planes(places, shown), transforms, labels)


def _labels(sets, places, shown, transforms):
    """Labels of patches and, for steps across slices, of slices before. All move like the first slice."""
    depth, lead = shown.shape[1], max(-z for z, _, _ in sets[0].steps)
    before = _of_each(sets, places, lambda examples, z: examples.slices_before(z, lead), lead)
    slices = np.concatenate([before, shown], axis=1)
    first = np.repeat(np.arange(len(places)) * depth, lead + depth)
    inside = np.where(slices < 0, places.z[:, None], slices)
    return Labels(_planes(places, inside), (slices < 0).ravel(), transforms[first])


def _of_each(sets, places, slices_of, count):
    """Numbers of `count` slices for each place: int64 [B, count]."""
    slices = np.empty((len(places), count), np.int64)
    for n, examples in enumerate(sets):
        slices[places.index == n] = slices_of(examples, places.z[places.index == n])
    return slices


def _planes(places, slices):
    """A place for each of these slices [B, n] of each patch."""
    index, y, x = (np.repeat(part, slices.shape[1]) for part in (places.index, places.y, places.x))
    return Places(index, slices.ravel(), y, x)


class Ahead:
    """The Drawn of each step, of AHEAD steps at a time; whichever step is asked for, it is the same.

    draw(first step, count) -> Drawn of these steps; ready: brings one where the batches are filled. early:
    those after them are drawn half-way, while a GPU still has steps to take: after the last it would wait.
    """

    def __init__(self, draw, ready, *, early):
        self.draw, self.ready, self.early = draw, ready, early
        self.windows = {}  # number: its Drawn

    def of_step(self, number):
        window, step = divmod(number, AHEAD)
        wanted = [window, window + 1] if self.early and step >= AHEAD // 2 else [window]
        if any(one not in self.windows for one in wanted):
            kept = self.windows
            self.windows = {one: kept[one] if one in kept else self._drawn(one) for one in wanted}
        return self.windows[window].share(step, AHEAD)

    def _drawn(self, window):
        return self.ready(self.draw(window * AHEAD, AHEAD))
