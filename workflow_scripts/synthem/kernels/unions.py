"""Sets that grow together (union-find): parents[i] is an earlier member of i's set, or i itself."""

import numpy as np

from synthem.kernels.compiling import kernel


@kernel
def root_of(parents, member):
    """The first member of the set: the same for all members."""
    while parents[member] != member:
        parents[member] = parents[parents[member]]  # halve the way for the next one
        member = parents[member]
    return member


@kernel
def unite(parents, one, other):
    """Make two sets one, and return its root: the smaller of the two roots."""
    one, other = root_of(parents, one), root_of(parents, other)
    if one < other:
        parents[other] = one
        return one
    parents[one] = other
    return other


@kernel
def number_sets(parents, numbers):
    """Write 1, 2, .. for the sets into `numbers`, in the order of their first members; member 0 has none."""
    count = 0
    for member in range(1, len(parents)):
        root = root_of(parents, member)
        if root == member:
            count += 1
            numbers[member] = count
        else:
            numbers[member] = numbers[root]
    return count


def unite_pairs(size, pairs):
    """Members 0 to size - 1 and pairs int [N, 2] of members in one set -> the root of each member."""
    parents = np.arange(size)
    _unite_pairs(parents, np.ascontiguousarray(pairs, np.int64).reshape(-1, 2))
    return roots_of(parents)


@kernel
def roots_of(parents):
    """The root of each member, in place."""
    for member in range(len(parents)):
        parents[member] = root_of(parents, member)
    return parents


@kernel
def _unite_pairs(parents, pairs):
    for row in range(len(pairs)):
        unite(parents, pairs[row, 0], pairs[row, 1])
