"""Agglomeration (as in waterz): fragments merge in the order of the affinity of their border.

What is known of the border between two fragments adds up when they merge, so it is kept as sums: count and
total for the mean affinity, a histogram for a quantile.
"""

import heapq
from typing import NamedTuple

import numpy as np

from synthem.errors import SynthemError
from synthem.kernels.flooding import watershed
from synthem.kernels.markers import place_markers
from synthem.kernels.neighbourhoods import pair_of_views
from synthem.kernels.squares import squared_distances
from synthem.labels.numbering import labelled

BINS = 256  # of a quantile: steps of 0.4 %


class Contacts(NamedTuple):
    """Pairs of fragments that touch, in ascending order."""

    pairs: np.ndarray  # int64 [N, 2], smaller id first
    sums: np.ndarray  # float64 [N, 2] or [N, BINS]


def fragment_slices(interior, *, interior_threshold, marker_radius, zeros=np.zeros):
    """Probability of interior [Z, Y, X] -> fragments uint32 [Z, Y, X] that touch each other, slice by slice.

    Interior is probability > interior_threshold; its basins, one per marker as in `membranes`, have no lines
    between them. A part of the interior without a marker is no fragment.
    """

    def cut(probability):
        inside = probability > interior_threshold
        depth = squared_distances(inside[0])
        places, ids = place_markers(depth, marker_radius, None)
        seeds = np.zeros(depth.shape, np.int32)
        seeds.reshape(-1)[places] = ids
        within = np.s_[None, 1:-1, 1:-1]
        return watershed(-depth[within], seeds[within], inside, neighbours=4, lines=False)

    return labelled(cut, interior, linked=False, zeros=zeros)


def merge_fragments(fragments, contacts, *, quantile, threshold, zeros=np.zeros):
    """Fragment ids [Z, Y, X] and their Contacts -> labels uint32 [Z, Y, X], ids 1..n.

    Two fragments merge while the affinity of their border is at least `threshold`: the mean over all steps
    from one into the other, or, if `quantile` (0 to 1) is not None, that quantile of them. Of equally alike
    pairs the one with the smaller ids comes first. Id 0 is no fragment and stays.
    """
    ids = np.unique(np.concatenate([np.unique(plane) for plane in fragments]))
    ids = ids[ids > 0]
    cluster = merge_contacts(ids, contacts, quantile=quantile, threshold=threshold)
    # In the order of their first fragments.
    _, numbers = np.unique([cluster[fragment] for fragment in ids.tolist()], return_inverse=True)
    table = np.zeros(int(ids[-1]) + 1 if len(ids) else 1, np.uint32)
    table[ids] = numbers + 1
    labels = zeros(fragments.shape, np.uint32)
    for plane, fragment in zip(labels, fragments, strict=True):
        plane[...] = table[fragment]
    return labels


def find_contacts(fragments, affinities, steps, *, quantile):
    """Fragment ids [Z, Y, X], affinities [C, Z, Y, X] along `steps` -> Contacts.

    Every step from one fragment into another counts with its affinity.
    """
    if affinities.shape != (len(steps), *fragments.shape):
        raise SynthemError(
            "DATA_SHAPE",
            "affinities",
            f"shape {affinities.shape} for fragments {fragments.shape}",
            expected=f"one channel for each of {len(steps)} steps, of the fragments' shape",
            fix="give the steps that the affinities were predicted for",
        )
    keys, values = [np.zeros(0, np.uint64)], [np.zeros(0, affinities.dtype)]
    for channel, step in zip(affinities, steps, strict=True):
        here, there = pair_of_views(fragments.shape, step)
        one, other = fragments[here], fragments[there]
        touching = (one != other) & (one > 0) & (other > 0)
        one, other = one[touching].astype(np.uint64), other[touching].astype(np.uint64)
        keys.append((np.minimum(one, other) << np.uint64(32)) | np.maximum(one, other))
        values.append(channel[here][touching])
    pairs, row = np.unique(np.concatenate(keys), return_inverse=True)
    sums = _sums(row, len(pairs), np.concatenate(values).astype(float), quantile)
    return Contacts(
        np.stack([pairs >> np.uint64(32), pairs & np.uint64(0xFFFFFFFF)], 1).astype(np.int64), sums
    )


def _sums(row, count, values, quantile):
    if quantile is None:
        return np.stack([np.bincount(row, minlength=count), np.bincount(row, values, count)], 1).astype(float)
    bins = np.clip((values * BINS).astype(int), 0, BINS - 1)
    return np.bincount(row * BINS + bins, minlength=count * BINS).reshape(count, BINS).astype(float)


def affinity_of(sums, quantile):
    """One affinity from the sums of a contact."""
    if quantile is None:
        return sums[1] / sums[0]
    reached = np.cumsum(sums)
    return (int(np.searchsorted(reached, max(quantile * reached[-1], 1))) + 0.5) / BINS


def merge_contacts(ids, contacts, *, quantile, threshold):
    """{fragment: smallest fragment of its cluster} after all merges down to the threshold."""
    clusters = {fragment: [fragment] for fragment in ids.tolist()}
    around = {fragment: {} for fragment in clusters}  # cluster -> {neighbour: (entry in the heap, sums)}
    heap = []

    def wait(one, other, sums):
        entry = (-affinity_of(sums, quantile), min(one, other), max(one, other))
        around[one][other] = around[other][one] = (entry, sums)
        heapq.heappush(heap, entry)

    for (one, other), sums in zip(contacts.pairs.tolist(), contacts.sums, strict=True):
        wait(one, other, sums)
    while heap and -heap[0][0] >= threshold:
        entry = heapq.heappop(heap)
        _, one, other = entry
        if around.get(one, {}).get(other, (None,))[0] != entry:
            continue  # one of the two has merged since: they wait with another affinity, or are gone
        clusters[one] += clusters.pop(other)  # named after its first fragment: ties do not depend on history
        del around[one][other]
        for third, (_, sums) in around.pop(other).items():
            if third != one:
                del around[third][other]
                wait(one, third, sums + around[one][third][1] if third in around[one] else sums)
    return {fragment: first for first, members in clusters.items() for fragment in members}
