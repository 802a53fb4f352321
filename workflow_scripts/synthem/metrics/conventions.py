"""The same scores under three conventions, side by side: what counts where labels or truth show a border.

paper   predicted border (label 0) is not scored, as in the CREMI thesis: wide borders flatter the labels
cremi   true border is not scored: truth 0, and what lies within 25 nm of a true boundary in its section;
        labels first grow over their own borders. Only this one is fit to rank methods
full    every voxel, 0 is a label like any other
"""

import numpy as np

from synthem.metrics.borders import near_borders, without_borders
from synthem.metrics.instances import instance_scores, instances, without_hidden
from synthem.metrics.overlaps import as_ids, check_shapes, overlaps, overlaps_of_slices
from synthem.metrics.partitions import partition_scores

CONVENTIONS = ("paper", "cremi", "full")
BORDER_NM = 25.0  # of the CREMI challenge


def convention_scores(labels, truth, ignore=None, *, voxel_size_nm, threads):
    """Rows of scores, one per convention: those of partitions and of instances (0 = no instance).

    labels, truth [Z, Y, X]: ids any uint32, arrays or HDF5 datasets; voxels with `ignore` 1 are not scored.
    """
    tables = convention_tables(labels, truth, ignore, voxel_size_nm=voxel_size_nm, threads=threads)
    hidden = None
    if ignore is not None:
        hidden = overlaps_of_slices(
            lambda z: (labels[z], truth[z], np.asarray(ignore[z]) == 0), len(truth), threads=threads
        )
    rows = []
    for name, table in tables.items():
        counted = table if hidden is None else without_hidden(table, tables["full"], hidden)
        scores = partition_scores(table) | instance_scores(instances(counted))
        rows.append({"convention": name} | scores)
    return rows


def convention_tables(labels, truth, ignore=None, *, voxel_size_nm, threads):
    """{convention: table of overlaps} from two passes over the volumes, slice by slice."""
    check_shapes(truth, labels=labels, ignore=ignore)
    full = overlaps(labels, truth, ignore, threads=threads)

    def section(z):
        true = as_ids("truth", truth[z])
        border = (true == 0) | near_borders(true, BORDER_NM, voxel_size_nm[1:])
        if ignore is not None:
            border |= np.asarray(ignore[z]) > 0
        return without_borders(as_ids("labels", labels[z])), true, border

    cremi = overlaps_of_slices(section, len(truth), threads=threads)
    return {"paper": full.where(full.labels > 0), "cremi": cremi, "full": full}
