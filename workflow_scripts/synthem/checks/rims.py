"""Finds the black rim of slices that a program has turned or shifted to lie upon each other."""

import numpy as np

STRETCH = 1 / 8  # of a side, without a break: what the detector saw has noise
FEWEST = 8  # pixels of it


def rim_of(plane):
    """The share of a slice [Y, X(, C)] with its lowest grey value, where that fills a stretch of a side.

    0 of others, and of a blank slice, which has no other value.
    """
    if plane.ndim == 3:
        plane = plane.max(axis=2)
    dark = plane == plane.min()
    if dark.all():
        return 0.0
    sides = dark[0], dark[-1], dark[:, 0], dark[:, -1]
    filled = any(longest_run(side) >= max(FEWEST, STRETCH * len(side)) for side in sides)
    return float(dark.mean()) if filled else 0.0


def longest_run(flags):
    """How many of the flags [N] in a row are true at most."""
    ends = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return int((ends[1::2] - ends[::2]).max(initial=0))
