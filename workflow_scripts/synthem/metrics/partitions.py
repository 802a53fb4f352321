"""How well labels cut a volume into the true pieces, whatever their ids are.

A score is a float, or None where it is undefined: see `definitions.PARTITIONS`, which also has the best
value of each: errors run from 0 up, scores of ISBI 2012 from 1 down.
"""

import math

import numpy as np

from synthem.metrics.definitions import ratio
from synthem.metrics.overlaps import totals


def partition_scores(table):
    """Scores of a table of overlaps, every id of which counts, 0 too: variation of information, Rand, CREMI.

    voi_split = H(labels | truth) in bits: true cells were cut in pieces; voi_merge = H(truth | labels):
    pieces cover several cells; voi is their sum (Meila 2007).
    arand_precision: of the pairs of voxels that have one label, the part that truly belongs together;
    arand_recall: of the pairs that belong together, the part that has one label; arand = 1 - their harmonic
    mean (Arganda-Carreras 2015; a voxel is no pair with itself). skimage swaps the names of these two.
    cremi_score: the geometric mean of voi and arand.
    """
    split, merge = _conditional_entropies(table)
    alone = table.voxels.sum()  # pairs of a voxel with itself
    of_truth, of_labels = (_squares(totals(ids, table.voxels)[0]) - alone for ids in table[:2])
    precision, recall, f1 = _agreement(_squares(table.voxels) - alone, of_labels, of_truth)
    return _partition_row(split, merge, precision, recall, f1)


def _partition_row(split, merge, precision, recall, f1):
    arand = None if f1 is None else 1 - f1
    return {
        "voi_split": split,
        "voi_merge": merge,
        "voi": None if split is None else split + merge,
        "arand": arand,
        "arand_precision": precision,
        "arand_recall": recall,
        "cremi_score": None if arand is None else float(np.sqrt((split + merge) * arand)),
    }


def challenge_scores(table):
    """The same scores as the CREMI challenge computes them, of the table of all voxels; truth 0: not scored.

    VOI counts 0 in the labels as a piece like any other. For Rand its voxels are no piece: their pairs are
    missing in the labels and remain in the truth. A voxel is a pair with itself, but those with label 0
    are together worth their share of all voxels, one voxel at the most, as in the challenge's code.
    """
    scored = table.where(table.truth > 0)
    kept = scored.where(scored.labels > 0)
    split, merge = _conditional_entropies(scored)
    lost = ratio(scored.voxels.sum() - kept.voxels.sum(), table.voxels.sum()) or 0.0
    of_truth = _squares(totals(scored.truth, scored.voxels)[0])
    of_labels = _squares(totals(kept.labels, kept.voxels)[0])
    precision, recall, f1 = _agreement(_squares(kept.voxels) + lost, of_labels + lost, of_truth)
    return _partition_row(split, merge, precision, recall, f1)


def foreground_scores(table):
    """Scores of ISBI 2012: Rand and information within true cells (Arganda-Carreras 2015); 1 is perfect.

    Voxels with truth 0 are not scored; one with label 0 in a true cell is a piece of its own. A split lowers
    v_rand_split and v_info_split, a merge the others; v_rand and v_info are the harmonic means. As in the
    challenge, a voxel is a pair with itself.
    """
    table = table.where(table.truth > 0)
    kept = table.where(table.labels > 0)
    of_truth, of_labels = totals(table.truth, table.voxels)[0], totals(kept.labels, kept.voxels)[0]
    everything, lost = int(table.voxels.sum()), int(table.voxels.sum() - kept.voxels.sum())

    merge, split, v_rand = _agreement(
        _squares(kept.voxels) + lost, _squares(of_labels) + lost, _squares(of_truth)
    )
    h_both, h_labels = (_entropy(sizes, lost, everything) for sizes in (kept.voxels, of_labels))
    h_truth = _entropy(of_truth, 0, everything)
    # Pieces add to the information in the labels, so here it is their share that falls with splits.
    info_split, info_merge, v_info = _agreement(h_labels + h_truth - h_both, h_labels, h_truth)
    return {
        "v_rand": v_rand,
        "v_rand_split": split,
        "v_rand_merge": merge,
        "v_info": v_info,
        "v_info_split": info_split,
        "v_info_merge": info_merge,
    }


def _conditional_entropies(table):
    """H(labels | truth), H(truth | labels) in bits; None without any voxel."""
    voxels = table.voxels
    if not len(voxels):
        return None, None
    everything = voxels.sum()
    wholes = [sums[row] for sums, row in (totals(ids, voxels) for ids in table[:2])]
    # Each logarithm is of 1 or more, so that perfect labels score 0 and not -1e-16.
    return tuple(math.fsum(voxels * np.log2(whole / voxels) / everything) for whole in wholes)


def _agreement(shared, of_labels, of_truth):
    """The shared part of the labels' total and of the truth's total, and the harmonic mean of both."""
    return ratio(shared, of_labels), ratio(shared, of_truth), ratio(2 * shared, of_labels + of_truth)


def _squares(voxels):
    return math.fsum(np.square(voxels, dtype=float))  # rounded once: the order of the ids cannot matter


def _entropy(voxels, singles, everything):
    """Entropy in bits of a partition into pieces of `voxels` voxels and `singles` pieces of one voxel."""
    terms = voxels * np.log2(everything / voxels) / everything if everything else np.zeros(0)
    return math.fsum(terms) + (singles * math.log2(everything) / everything if singles else 0.0)
