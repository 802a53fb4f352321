"""Overlaps of whole volumes, slice by slice, as the scores of the conventions come by theirs."""

from synthem.metrics.overlaps import overlaps_of_slices


def overlaps(labels, truth, ignore=None, *, threads=1):
    """labels, truth, ignore (or None): [Z, Y, X], arrays or HDF5 datasets."""
    return overlaps_of_slices(
        lambda z: (labels[z], truth[z], None if ignore is None else ignore[z]), len(truth), threads=threads
    )
