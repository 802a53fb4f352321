"""Instances in slices that are no neighbours: each slice by itself, with numbers of its own."""

import numpy as np


def labelled(label, stack, *, linked):
    """`label` of the stack [Z, Y, X] -> uint32; where slices are not linked, of each slice, ids going on."""
    if linked:
        return label(stack)
    labels, highest = np.zeros(stack.shape, np.uint32), 0
    for z in range(len(stack)):
        labels[z], highest = renumbered(label(stack[z : z + 1])[0], highest)
    return labels


def renumbered(labels, highest):
    """Labels [Y, X] with ids highest + 1, ... in order of the old ones, and the new highest; 0 stays 0."""
    numbers, places = np.unique(labels, return_inverse=True)
    first = highest + (numbers[0] != 0)
    ids = (np.arange(len(numbers)) + first).astype(np.uint32)
    ids[numbers == 0] = 0
    return ids[places].reshape(labels.shape), max(highest, int(ids.max(initial=0)))
