"""Rows of the tables of scores: one per test slice, then one of the whole block.

A slice is scored as a picture of its own: its instances are cut at its faces, its distances stay in it. The
block is scored in three dimensions where its slices are linked; of tiles that are not, instances and surface
voxels are put together. `reason` has why a score is undefined.
"""

import numpy as np

from synthem.kernels.threads import each_slice
from synthem.labels.numbering import parts_in_slices
from synthem.metrics.borders import thin_where_they_meet, without_borders
from synthem.metrics.conventions import CONVENTIONS, scores_under, section_tables
from synthem.metrics.definitions import PARTITIONS, SCORES, reasons
from synthem.metrics.instances import instance_scores, instances, without_hidden
from synthem.metrics.isbi import THRESHOLDS, isbi_scores
from synthem.metrics.masks import scores_of_counts, voxel_counts
from synthem.metrics.overlaps import as_ids, merged, of_section, with_own_zeros
from synthem.metrics.partitions import foreground_scores
from synthem.metrics.shapes import check_shapes
from synthem.metrics.surfaces import distance_scores, surface_distances, surface_scores
from synthem.storage.ignore import plane


def score_rows(mask, labels, truth, *, boundary_tolerance_nm, threads):
    """Rows of columns.SCORE_COLUMNS: mask {0, 1} and labels uint32 [Z, Y, X] against a Truth.

    The scores of voxels are of the mask as the network marked it; `segmented_iou` is of the labels, of which
    a size filter may have dropped some. Surfaces are those of the instances where the data has true ones
    (cells that touch), else of the mask.
    """
    check_shapes(truth.mask, mask=mask, labels=labels, truth_labels=truth.instances, ignore=truth.ignore)
    here, there = (labels, truth.instances) if truth.given else (mask, truth.mask)
    tolerance = {"tolerance_nm": boundary_tolerance_nm}

    def section(z):
        ignore, one = plane(truth.ignore, z), slice(z, z + 1)
        distances = surface_distances(
            here[one],
            there[one],
            None if ignore is None else ignore[None],
            voxel_size_nm=truth.voxel_size_nm,
            threads=1,
        )
        counts = [voxel_counts(found[z] > 0, truth.mask[z], ignore) for found in (mask, labels)]
        return *counts, instance_tables(labels[z], truth.instances[z], ignore), distances

    counts, left, tables, distances = zip(*each_slice(section, len(mask), threads), strict=True)
    rows = [
        {"scope": "slice", "slice": number}
        | _scores(counts[z], left[z], *tables[z], distance_scores(*distances[z], **tolerance))
        for z, number in enumerate(truth.slices)
    ]
    if truth.linked:
        surfaces = surface_scores(
            here, there, truth.ignore, voxel_size_nm=truth.voxel_size_nm, threads=threads, **tolerance
        )
    else:
        pooled = (np.concatenate(side) for side in zip(*distances, strict=True))
        surfaces = distance_scores(*pooled, **tolerance)
    totals = [{name: sum(count[name] for count in each) for name in each[0]} for each in (counts, left)]
    known, hidden = (merged(column) for column in zip(*tables, strict=True))
    return [*rows, {"scope": "volume", "slice": None} | _scores(*totals, known, hidden, surfaces)]


def partition_rows(labels, truth, *, threads):
    """Rows of columns.PARTITION_COLUMNS: labels uint32 [Z, Y, X] against a Truth, under each convention.

    v_rand, v_info and their parts score true cells alone. `paper`: predicted border is not scored; `cremi`:
    labels grow, and what lies near a true border is not scored; `challenge`: the same voxels, with labels as
    they are; `full`: every voxel, and for v_rand and v_info predicted borders are first made one pixel wide,
    as in the challenge of ISBI 2012. Where slices are not linked, 0 is another piece in each.
    """
    check_shapes(truth.mask, labels=labels, truth_labels=truth.instances, ignore=truth.ignore)

    def section(z):
        ignore, true = plane(truth.ignore, z), truth.instances[z]
        found = as_ids("labels", labels[z])
        grown = without_borders(found)
        tables = section_tables(found, true, ignore, grown=grown, pixel_nm=truth.voxel_size_nm[1:])
        return tables | {"thin": of_section(thin_where_they_meet(found, grown), true, ignore)}

    sections = each_slice(section, len(labels), threads)
    rows = []
    for number, tables in zip(truth.slices, sections, strict=True):
        rows += _partition_rows({"scope": "slice", "slice": number}, tables, tables)
    columns = {name: [tables[name] for tables in sections] for name in sections[0]}
    whole = {name: merged(tables) for name, tables in columns.items()}
    pieces = whole
    if not truth.linked:
        apart = {name: merged(with_own_zeros(tables)) for name, tables in columns.items()}
        pieces = apart | {"challenge": whole["challenge"]}  # to the challenge, 0 is 0 wherever it is
    return rows + _partition_rows({"scope": "volume", "slice": None}, pieces, whole)


def _partition_rows(scope, pieces, cells):
    """A row for each convention, of tables by name: with all pieces that count, and with true cells."""
    rows = []
    for name in CONVENTIONS:
        scores = scores_under(name, pieces[name]) | foreground_scores(
            cells["thin" if name == "full" else name]
        )
        rows.append(scope | {"convention": name} | scores | {"reason": reasons(scores, PARTITIONS)})
    return rows


def isbi_row(inside, truth, *, threads):
    """The row of columns.ISBI_COLUMNS: probability [Z, Y, X] of being inside a cell against a Truth.

    Each score is that of the threshold best for it ON THE TEST BLOCK, as the challenge of ISBI 2012 was
    scored: fit to be held against its published scores, never against scores tuned on other data. Its
    cells are the parts that lie apart in a section, whatever joins them in others.
    """
    cells = parts_in_slices(truth.instances)
    found = isbi_scores(1 - inside, cells, truth.ignore, thresholds=THRESHOLDS, threads=threads)
    names = ("v_rand", "v_info")
    best = {f"{name}_best": found[name] for name in names}
    thresholds = {f"{name}_threshold": found[f"{name}_threshold"] for name in names}
    metrics = {f"{name}_best": PARTITIONS[name] for name in names}
    return best | thresholds | {"reason": reasons(best, metrics)}


def instance_tables(labels, truth, ignore):
    """Overlaps of one section [Y, X]: of its known voxels, and of its unknown ones."""
    hidden = np.ones(truth.shape, bool) if ignore is None else ignore == 0
    return of_section(labels, truth, ignore), of_section(labels, truth, hidden)


def _scores(counts, left, known, hidden, surfaces):
    """All scores of a slice or of the block, and why some are undefined; `left`: counts of the labels."""
    found = instance_scores(instances(without_hidden(known, known, hidden)))
    found["instance_f1"] = found.pop("f1")  # beside precision and recall of the mask, F1 would be theirs
    del found["rq"]  # the same number
    segmented = {"segmented_iou": scores_of_counts(left)["iou"]}
    scores = scores_of_counts(counts) | segmented | surfaces | found
    return scores | counts | {"reason": reasons(scores, SCORES)}
