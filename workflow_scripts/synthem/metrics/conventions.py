"""The same scores under four conventions, side by side: what counts where labels or truth show a border.

paper      predicted border (label 0) is not scored, as in the CREMI thesis: wide borders flatter the labels
cremi      true border is not scored: truth 0, and what lies within 25 nm of a true boundary in its section;
           labels first grow over their own borders. Fit to rank methods, whatever borders they leave
challenge  the numbers that the CREMI challenge itself computes: the same voxels, but labels do not grow: 0 is
           a label like any other for VOI, and its voxels lack partners for Rand. To be held against its table
full       every voxel, 0 is a label like any other
"""

import numpy as np

from synthem.kernels.threads import each_slice
from synthem.metrics.borders import near_borders, without_borders
from synthem.metrics.instances import instance_scores, instances, without_hidden
from synthem.metrics.overlaps import as_ids, merged, of_section, overlaps_of_slices
from synthem.metrics.partitions import challenge_scores, partition_scores
from synthem.metrics.shapes import check_shapes
from synthem.storage.ignore import plane

CONVENTIONS = ("paper", "cremi", "challenge", "full")
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
        counted = table.where(table.truth > 0) if name == "challenge" else table
        counted = counted if hidden is None else without_hidden(counted, tables["full"], hidden)
        scores = scores_under(name, table) | instance_scores(instances(counted))
        rows.append({"convention": name} | scores)
    return rows


def scores_under(convention, table):
    """Scores of partitions from a table of overlaps of `section_tables`."""
    return challenge_scores(table) if convention == "challenge" else partition_scores(table)


def convention_tables(labels, truth, ignore=None, *, voxel_size_nm, threads):
    """{convention: table of overlaps} in one pass over the volumes, slice by slice."""
    check_shapes(truth, labels=labels, ignore=ignore)

    def section(z):
        found = as_ids("labels", labels[z])
        known = {"grown": without_borders(found), "pixel_nm": voxel_size_nm[1:]}
        return section_tables(found, truth[z], plane(ignore, z), **known)

    sections = each_slice(section, len(truth), threads)
    return {name: merged([tables[name] for tables in sections]) for name in CONVENTIONS}


def section_tables(labels, truth, ignore, *, grown, pixel_nm):
    """{convention: table of overlaps} of one section [Y, X]; those of all sections merge to the volume's.

    labels as `as_ids` gives them; grown: the same `without_borders`.
    """
    truth = as_ids("truth", truth)
    border = (truth == 0) | near_borders(truth, BORDER_NM, pixel_nm)
    if ignore is not None:
        border |= np.asarray(ignore) > 0
    full = of_section(labels, truth, ignore)
    cremi = of_section(grown, truth, border)
    challenge = of_section(labels, np.where(border, 0, truth))
    return {"paper": full.where(full.labels > 0), "cremi": cremi, "challenge": challenge, "full": full}
