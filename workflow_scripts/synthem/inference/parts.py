"""Cuts what is to be predicted in chunks, which one job or several work through with the same result."""

from collections import Counter
from itertools import groupby
from typing import NamedTuple

import numpy as np

from synthem.storage.arrays import open_arrays, read_array, read_attributes, writing_arrays

PREDICTED = ("validation", "test", "disagreement")  # arrays of parts, in the order of their files


class Chunk(NamedTuple):
    """Slices of a volume to predict together."""

    array: str  # that the result belongs to
    window: tuple  # (first, end) of the slices to see, in the volume
    inner: slice  # those of them that count
    first: int  # the place of the first that counts, in the array
    count: int


def chunks_of(blocks, cut, *, around=None, reach=0):
    """All chunks of {array: ranges of slices of the volume}, in the order of the arrays.

    cut(depth): as Segmenter.cuts. No chunk reaches over the end of a range: what lies beyond may be slices
    to train on, or another place. around {array: ranges}: those of an array are parts of these, in which a
    chunk may see up to `reach` slices more on both sides.
    """
    chunks = []
    for array, ranges in blocks.items():
        done = 0
        for first, end in ranges:
            low, high = _seen_around(first, end, (around or {}).get(array, ranges), reach)
            for window, inner, place in cut(high - low):
                start, stop = max(place.start, first - low), min(place.stop, end - low)
                if start < stop:
                    counted = slice(inner.start + start - place.start, inner.start + stop - place.start)
                    seen = (low + window.start, low + window.stop)
                    chunks.append(Chunk(array, seen, counted, done + low + start - first, stop - start))
            done += end - first
    return chunks


def _seen_around(first, end, ranges, reach):
    """A range and up to `reach` slices on both sides, within the one of the ranges that holds it."""
    low, high = next(held for held in ranges if held[0] <= first and end <= held[1])
    return max(first - reach, low), min(end + reach, high)


def share_of(chunks, part, parts):
    """The chunks of one of `parts` jobs, numbered from 1; equally many, or one more."""
    first, end = (len(chunks) * number // parts for number in (part - 1, part))
    return chunks[first:end]


def extents(chunks):
    """The slices that chunks make, {array: (first, end)}."""
    grouped = {array: list(own) for array, own in groupby(chunks, key=lambda chunk: chunk.array)}
    return {array: (own[0].first, own[-1].first + own[-1].count) for array, own in grouped.items()}


def gather_parts(path, parts):
    """Files of parts, in their order -> one file, with the bytes that one job would have written."""
    found = [(part, array, shape) for part in parts for array, shape in _shapes_in(part)]
    found.sort(key=lambda one: PREDICTED.index(one[1]))  # array by array, however they were cut
    depths, sizes = Counter(), {}
    for _, array, (depth, *rest) in found:
        depths[array] += depth
        sizes[array] = rest
    kinds = {array: ((depth, *sizes[array]), np.uint8) for array, depth in depths.items()}
    done = Counter()
    with writing_arrays(path, kinds, read_attributes(parts[0])) as put:
        for part, array, (depth, *_) in found:
            for z in range(depth):
                put(array, done[array], read_array(part, array, block=[(z, z + 1)]))
                done[array] += 1


def _shapes_in(part):
    with open_arrays(part) as file:
        return [(array, file[array].shape) for array in PREDICTED if array in file]
