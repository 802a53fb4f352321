"""Which true instances were found, one by one: labels against truth, 0 = no instance in both.

A label matches a true instance where their IoU is above the threshold. From 0.5 on no instance can match two,
so no assignment has to be solved. A score is a float, or None where undefined: see `definitions.INSTANCES`.
"""

from typing import NamedTuple

import numpy as np

from synthem.metrics.definitions import ratio
from synthem.metrics.overlaps import totals

THRESHOLDS = tuple(step / 20 for step in range(10, 20))  # 0.5 to 0.95


class Instances(NamedTuple):
    """Ids (ascending) and voxels of the labels and of the true instances; their pairs of an IoU above 0.5."""

    labels: np.ndarray
    label_voxels: np.ndarray
    truth: np.ndarray
    truth_voxels: np.ndarray
    pairs: np.ndarray  # [pairs, 2]: positions in labels and in truth
    iou: np.ndarray  # [pairs]


def instances(table):
    """Table of overlaps -> Instances."""
    found, true = table.where(table.labels > 0), table.where(table.truth > 0)
    labels, truth = np.unique(found.labels), np.unique(true.truth)
    label_voxels, truth_voxels = totals(found.labels, found.voxels)[0], totals(true.truth, true.voxels)[0]
    both = found.where(found.truth > 0)
    pairs = np.stack([np.searchsorted(labels, both.labels), np.searchsorted(truth, both.truth)], axis=1)
    iou = both.voxels / (label_voxels[pairs[:, 0]] + truth_voxels[pairs[:, 1]] - both.voxels)
    return Instances(labels, label_voxels, truth, truth_voxels, pairs[iou > 0.5], iou[iou > 0.5])


def without_hidden(table, known, hidden):
    """The table with id 0 for instances, found or true, of which more than half is unknown.

    known, hidden: the tables of the known and of the unknown voxels.
    """
    columns = {}
    for name in ("truth", "labels"):
        ids = getattr(table, name)
        columns[name] = np.where(np.isin(ids, _mostly_hidden(name, known, hidden)), np.uint32(0), ids)
    return table._replace(**columns)


def instance_scores(found):
    """Scores of Instances; 1 is perfect, 0 the worst, and count_error (found less true) is best at 0.

    ap<t> = TP / (TP + FP + FN) at IoU t / 100, map its mean over THRESHOLDS; at IoU 0.5: f1 = 2 TP /
    (2 TP + FP + FN), sq = the mean IoU of the matches, rq = f1, pq = sq rq (Kirillov 2019).
    """
    count, true_count = len(found.labels), len(found.truth)
    hits = [int((found.iou > threshold).sum()) for threshold in THRESHOLDS]
    precisions = [ratio(hit, count + true_count - hit) for hit in hits]
    f1 = ratio(2 * hits[0], count + true_count)
    return {
        "ap50": precisions[0],
        "ap75": precisions[THRESHOLDS.index(0.75)],
        "map": None if precisions[0] is None else float(np.mean(precisions)),
        "f1": f1,
        "pq": ratio(2 * float(found.iou.sum()), count + true_count),
        "sq": ratio(float(found.iou.sum()), hits[0]),
        "rq": f1,
        "count": count,
        "true_count": true_count,
        "count_error": count - true_count,
    }


def matches(found):
    """Rows of ids, voxels and IoU: one per true instance, then one per label that matches none at IoU 0.5.

    What has no match has None beside it.
    """
    label_of = {
        true: (label, iou) for (label, true), iou in zip(found.pairs.tolist(), found.iou, strict=True)
    }
    pairs = [(*label_of.get(true, (None, None)), true) for true in range(len(found.truth))]
    matched = {label for label, _, _ in pairs}
    pairs += [(label, None, None) for label in range(len(found.labels)) if label not in matched]
    return [
        {
            "truth": _at(found.truth, true),
            "label": _at(found.labels, label),
            "true_voxels": _at(found.truth_voxels, true),
            "voxels": _at(found.label_voxels, label),
            "iou": None if iou is None else float(iou),
        }
        for label, iou, true in pairs
    ]


def _mostly_hidden(column, known, hidden):
    """Ids of one column that have more hidden than known voxels."""
    ids = np.concatenate([getattr(known, column), getattr(hidden, column)])
    balance = np.concatenate([known.voxels, -hidden.voxels])
    return np.unique(ids)[totals(ids, balance)[0] < 0]


def _at(column, position):
    return None if position is None else int(column[position])
