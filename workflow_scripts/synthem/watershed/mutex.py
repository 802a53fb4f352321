"""Mutex watershed (Wolf et al. 2018, 2020): affinities -> cells, without seeds and without a threshold.

All edges in one order, the surest first. An attractive edge merges two clusters unless they exclude each
other; a repulsive edge makes two clusters exclude each other unless they are one already.
"""

import numpy as np

from synthem.errors import SynthemError
from synthem.kernels.compiling import kernel
from synthem.kernels.hash_table import slot_of
from synthem.kernels.neighbourhoods import pair_of_views
from synthem.kernels.unions import root_of

MOST_EDGES = 4_000_000_000  # edges and voxels are 32-bit numbers


def mutex_watershed(affinities, steps, *, attractive, stride, mask):
    """Affinities float [C, Z, Y, X] in [0, 1] along `steps` (z, y, x) -> labels uint32 [Z, Y, X], ids 1..n.

    attractive   so many of the first channels merge, with the affinity as weight; the others repel, with
                 1 - affinity. Edges of equal weight: in the order of channels, then of voxels.
    stride       (z, y, x): repulsive edges only from voxels whose coordinates are multiples of these
    mask         bool [Z, Y, X], 0 outside of it: no edge, label 0
    """
    _check(affinities, steps, attractive, mask)
    order, one, other = sorted_edges(affinities, steps, attractive, stride, mask)
    labels = _merge(np.ascontiguousarray(mask).reshape(-1), order < attractive, one, other)
    return labels.reshape(mask.shape)


def sorted_edges(affinities, steps, attractive, stride, mask):
    """Channel and both voxels (flat) of every edge within the mask, the heaviest edge first."""
    places = np.arange(mask.size).reshape(mask.shape)
    weights, channels, ones, others = [], [], [], []
    for channel, step in enumerate(steps):
        here, there = pair_of_views(mask.shape, step)
        used = mask[here] & mask[there]
        if channel >= attractive:
            for axis, every in enumerate(stride):
                first = here[axis].start
                on_grid = (np.arange(first, first + used.shape[axis]) % every) == 0
                used = used & np.expand_dims(on_grid, [a for a in range(3) if a != axis])
        weight = affinities[channel][here][used]
        weights.append(weight if channel < attractive else 1 - weight)
        channels.append(np.full(len(weight), channel))
        ones.append(places[here][used])
        others.append(places[there][used])
    order = _heaviest_first(np.concatenate(weights))
    return tuple(np.concatenate(parts)[order] for parts in (channels, ones, others))


def _heaviest_first(weights):
    """Stable order of falling weights. The bits of a float >= 0 sort like the float, and faster."""
    bits = np.asarray(weights, np.float32).view(np.uint32).astype(np.uint64)
    keys = ((np.uint64(0xFFFFFFFF) - bits) << np.uint64(32)) | np.arange(len(bits), dtype=np.uint64)
    return (np.sort(keys) & np.uint64(0xFFFFFFFF)).astype(np.int64)


@kernel
def _merge(mask, attracts, one, other):
    """Number of each voxel's cluster, 1..n, in the order of first voxels; 0 outside of the mask."""
    voxels = len(mask)
    parents = np.arange(voxels + 1)
    # Which clusters exclude each other: a table of pairs of roots, and at each root a chain of partners.
    first, last = np.full(voxels + 1, -1), np.full(voxels + 1, -1)
    length = np.zeros(voxels + 1, np.int64)
    following, partner = np.empty(1024, np.int64), np.empty(1024, np.int64)
    links, pairs = 0, 0
    table = np.zeros(4096, np.uint64)  # 0 is free: ids of clusters begin with 1
    for edge in range(len(one)):
        a, b = root_of(parents, one[edge] + 1), root_of(parents, other[edge] + 1)
        if a == b or _holds(table, a, b):
            continue
        if not attracts[edge]:
            table, pairs = _insert(table, pairs, a, b)
            following, partner, links = _link(following, partner, links, a, b, first, last, length)
            following, partner, links = _link(following, partner, links, b, a, first, last, length)
            continue
        keep, gone = (a, b) if length[a] >= length[b] else (b, a)
        parents[gone] = keep
        link = first[gone]
        # The shorter chain moves, so a link moves a few times at most; those to `gone` now lead to `keep`.
        while link >= 0:
            third = root_of(parents, partner[link])
            if not _holds(table, keep, third):
                table, pairs = _insert(table, pairs, keep, third)
                following, partner, links = _link(following, partner, links, keep, third, first, last, length)
            link = following[link]
    return _numbered(parents, mask)


@kernel
def _numbered(parents, mask):
    # A root is any member of its set here, so the sets are numbered by a pass over all voxels.
    numbers, count = np.zeros(len(parents), np.uint32), 0
    labels = np.zeros(len(mask), np.uint32)
    for voxel in range(len(mask)):
        if mask[voxel]:
            root = root_of(parents, voxel + 1)
            if numbers[root] == 0:
                count += 1
                numbers[root] = count
            labels[voxel] = numbers[root]
    return labels


@kernel
def _link(following, partner, links, cluster, excluded, first, last, length):
    """Append `excluded` to the chain of a cluster."""
    if links == len(partner):
        following = np.concatenate((following, np.empty(links, np.int64)))
        partner = np.concatenate((partner, np.empty(links, np.int64)))
    following[links], partner[links] = -1, excluded
    if first[cluster] < 0:
        first[cluster] = links
    else:
        following[last[cluster]] = links
    last[cluster] = links
    length[cluster] += 1
    return following, partner, links + 1


@kernel
def _key(a, b):
    return (np.uint64(min(a, b)) << np.uint64(32)) | np.uint64(max(a, b))


@kernel
def _holds(table, a, b):
    key = _key(a, b)
    return table[slot_of(table, table, key)] == key


@kernel
def _insert(table, pairs, a, b):
    """Add a pair that is not yet there. Pairs of roots that are gone stay: they are not looked up again."""
    if 2 * pairs >= len(table):
        grown = np.zeros(2 * len(table), np.uint64)
        for key in table:
            if key != 0:
                grown[slot_of(grown, grown, key)] = key
        table = grown
    key = _key(a, b)
    table[slot_of(table, table, key)] = key
    return table, pairs + 1


def _check(affinities, steps, attractive, mask):
    if affinities.shape != (len(steps), *mask.shape) or not 0 < attractive <= len(steps):
        raise SynthemError(
            "DATA_SHAPE",
            "affinities",
            f"shape {affinities.shape}, {attractive} of {len(steps)} steps attractive, mask {mask.shape}",
            expected="one channel per step, at least the first attractive, of the mask's shape",
            fix="give the steps that the affinities were predicted for",
        )
    if affinities.size > MOST_EDGES:
        raise SynthemError(
            "DATA_SHAPE",
            "affinities",
            f"{affinities.size} edges",
            expected=f"at most {MOST_EDGES}",
            fix="segment the volume in blocks, or use fewer steps",
        )
    if not (0 <= affinities.min() and affinities.max() <= 1):
        raise SynthemError(
            "DATA_VALUE",
            "affinities",
            f"from {affinities.min()} to {affinities.max()}",
            expected="numbers from 0 to 1",
            fix="predict the affinities again",
        )
