"""Histogram of the values of a stack, counted slab by slab."""

import numpy as np

MOST_VALUES = 2**22  # more different ones are no mask and no labels, and would fill the memory
SMALL = (np.uint8, np.uint16)  # few enough values to count each in a table
AT_ONCE = 2**22  # voxels counted at once: counting takes eight times their memory and more


class Histogram:
    """Values of all planes that were added, and how often each occurs; NaN and infinities apart."""

    def __init__(self):
        self.unfinite = Unfinite()
        self.too_many = False
        self._parts = []  # (values, counts), each in rising order; the first is the sum of those before
        self._waiting = 0  # values in all parts but the first

    def add(self, first, planes):
        """`planes` start at slice `first`."""
        if self.unfinite.add(first, planes):
            planes = planes[np.isfinite(planes)]
        flat = planes.reshape(-1)
        for start in range(0, len(flat), AT_ONCE):
            if not self.too_many:
                self._add_part(flat[start : start + AT_ONCE])

    @property
    def values(self):
        return self._sum_up()[0]

    @property
    def counts(self):
        return self._sum_up()[1]

    def without(self, values):
        """The values that occur and are none of these."""
        return self.values[~among(self.values, fitting(values, self.values.dtype))]

    def _add_part(self, flat):
        self._parts.append(_of_two(flat) or (_in_table(flat) if flat.dtype in SMALL else _in_runs(flat)))
        if len(self._parts) > 1:
            self._waiting += len(self._parts[-1][0])
        # Summed up only when as much waits as is known: each value is sorted a few times, not once a part.
        if self._waiting > max(len(self._parts[0][0]), 2**16):
            self._sum_up()
        self.too_many = len(self._parts[0][0]) > MOST_VALUES

    def _sum_up(self):
        if not self._parts:
            return np.zeros(0), np.zeros(0, np.int64)
        if len(self._parts) > 1:
            values, counts = (np.concatenate(arrays) for arrays in zip(*self._parts, strict=True))
            self._parts, self._waiting = [_added_up(values, counts)], 0
        return self._parts[0]


class Unfinite:
    """Counts numbers that are not finite (NaN, infinities), with the place of the first."""

    def __init__(self):
        self.count, self.first = 0, None

    def add(self, first, planes):
        """Count those of `planes`, which start at slice `first`; returns how many they have."""
        if planes.dtype.kind != "f":
            return 0
        wrong = ~np.isfinite(planes)
        found = int(np.count_nonzero(wrong))
        if found and self.first is None:
            z, *rest = (int(place) for place in np.unravel_index(wrong.argmax(), wrong.shape))
            self.first = (first + z, *rest)
        self.count += found
        return found


def among(planes, values):
    """True where a voxel has one of a few values; `np.isin` takes eight times the memory of the planes."""
    found = np.zeros(planes.shape, bool)
    for value in values:
        found |= planes == value
    return found


def fitting(values, dtype):
    """Those of `values` that this type can hold, in an array of it: nothing is rounded to be compared."""
    if dtype.kind == "f":
        return np.array(values, dtype)
    limits = np.iinfo(dtype)
    held = [int(value) for value in values if limits.min <= value <= limits.max and value == int(value)]
    return np.array(held, dtype)


def _of_two(flat):
    """A mask has two values, as a rule: to compare is ten times quicker than to count each; else None."""
    ends = flat.min(), flat.max()
    counts = [int(np.count_nonzero(flat == end)) for end in ends[: 1 + (ends[0] != ends[1])]]
    return (np.array(ends[: len(counts)]), np.array(counts)) if sum(counts) == len(flat) else None


def _in_table(flat):
    counts = np.bincount(flat)
    values = np.flatnonzero(counts)
    return values.astype(flat.dtype), counts[values]


def _in_runs(flat):
    """Labels are the same over long runs: to sort one value of each is ten times quicker than to sort all."""
    starts = np.flatnonzero(np.concatenate([[True], flat[1:] != flat[:-1]]))
    return _added_up(flat[starts], np.diff(starts, append=len(flat)))


def _added_up(values, counts):
    values, places = np.unique(values, return_inverse=True)
    return values, np.bincount(places, weights=counts).astype(np.int64)
