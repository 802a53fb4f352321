"""Where a random forest votes for a mask: many pixels at once go down each tree, and part at its nodes.

The trees are asked one after the other, and only of the pixels that the rest of them can still turn: the
mask is that of all votes, added up in the order of the trees.
"""

from typing import NamedTuple

import numpy as np

from synthem.kernels.compiling import kernel

BLOCK = 8192  # pixels that go down a tree together: their features stay in fast memory
EVERY = 4  # trees, after which pixels are sought that no other tree can turn
ROUNDING = 1e-6  # more than sums of votes can be wrong by


class Trees(NamedTuple):
    """The nodes of all trees of a forest, one tree after the other."""

    feature: np.ndarray  # int32, the one that a node asks for; below 0: it is a leaf
    limit: np.ndarray  # float32: up to it a pixel goes to the left
    left: np.ndarray  # int64, the node to the left
    right: np.ndarray
    vote: np.ndarray  # float64 of a leaf: the part of what it was taught that is structure
    roots: np.ndarray  # int64 [trees + 1], the first node of each tree, then their number


def trees_of(forest, kind):
    """The trees of a fitted RandomForestClassifier, which vote for one of its classes; for None, nowhere."""
    parts = [tree.tree_ for tree in forest.estimators_]
    roots = np.concatenate([[0], np.cumsum([part.node_count for part in parts])])
    steps = list(zip(parts, roots, strict=False))
    votes = [np.zeros(part.node_count) if kind is None else part.value[:, 0, kind] for part in parts]
    return Trees(
        feature=np.concatenate([part.feature for part in parts]).astype(np.int32),
        limit=_rounded_down(np.concatenate([part.threshold for part in parts])),
        left=np.concatenate([part.children_left + root for part, root in steps]),
        right=np.concatenate([part.children_right + root for part, root in steps]),
        vote=np.concatenate(votes),
        roots=roots,
    )


def voted(features, trees, threshold):
    """float32 [features, n] -> uint8 [n], 1 where the mean vote of the trees is at least the threshold."""
    found = np.zeros(features.shape[1], np.uint8)
    for first in range(0, len(found), BLOCK):
        block = np.ascontiguousarray(features[:, first : first + BLOCK])
        _ask_all(block, *trees, threshold, found[first : first + BLOCK])
    return found


def _rounded_down(limits):
    """float64 -> float32: no float32 lies between the two, so each is on the same side of both."""
    near = limits.astype(np.float32)
    return np.where(near > limits, np.nextafter(near, np.float32(-np.inf)), near)


@kernel
def _ask_all(features, feature, limit, left, right, vote, roots, threshold, found):
    trees, count = len(roots) - 1, features.shape[1]
    votes, open_ones = np.zeros(count), np.arange(count).astype(np.uint16)
    parted, waiting = np.empty((2, count), np.uint16), np.empty((len(feature) + 1, 4), np.int64)
    for tree in range(trees):
        parted[0, : len(open_ones)] = open_ones
        waiting[0] = roots[tree], 0, len(open_ones), 0
        _ask(features, feature, limit, left, right, vote, parted, waiting, votes)
        asked = tree + 1
        if asked % EVERY == 0 or asked == trees:
            open_ones = open_ones[: _decide(votes, trees, asked, threshold, open_ones, found)]
        if len(open_ones) == 0:
            break


@kernel
def _ask(features, feature, limit, left, right, vote, parted, waiting, votes):
    """Add the votes of one tree.

    waiting: groups of pixels, each with the node at which it is, first and end in one of the two rows of
    `parted`, and which row that is. Given is the first: all pixels, at the root.
    """
    groups = 1
    while groups > 0:
        groups -= 1
        node, first, end, row = waiting[groups]
        while first < end and feature[node] >= 0:
            middle = _part(features[feature[node]], limit[node], first, end, parted[row], parted[1 - row])
            row = 1 - row
            waiting[groups] = right[node], middle, end, row
            groups += middle < end
            node, end = left[node], middle
        if vote[node] > 0:
            for place in range(first, end):
                votes[parted[row, place]] += vote[node]


@kernel
def _part(values, limit, first, end, before, after):
    """Pixels from `first` to `end`, those up to the limit moved to the front; where the others begin."""
    # Without signs, for numba would ask of each place whether it is counted from the end.
    middle, last = np.uint64(first), np.uint64(end - 1)
    for place in range(np.uint64(first), np.uint64(end)):
        pixel = before[place]
        # It is written to both sides, one of which is written again: no branch has to be guessed.
        after[middle] = pixel
        after[middle + (last - place)] = pixel
        middle += np.uint64(values[pixel] <= limit)
    return np.int64(middle)


@kernel
def _decide(votes, trees, asked, threshold, open_ones, found):
    """Mark what has the votes it needs, and keep what the rest of the trees can still bring there."""
    kept = 0
    for place in range(len(open_ones)):
        pixel = open_ones[place]
        if votes[pixel] / trees >= threshold:
            found[pixel] = 1
        elif (votes[pixel] + (trees - asked) + ROUNDING) / trees >= threshold:
            open_ones[kept] = pixel
            kept += 1
    return kept
