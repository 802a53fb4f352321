"""Properties of every score beside its formula: its best value, and why it may be undefined.

Without a formula and without an import, so that tables are read and compared without compiled code.
"""

from typing import NamedTuple

# Arms of the tables that need no network, and so have no seed: their words.
BASELINES = {
    "threshold": "grey threshold",
    "smoothed": "smoothed threshold",
    "forest": "random forest",
    "everything": "everything marked",
    "nothing": "nothing marked",
}
# What has hardly learnt: networks must be better.
TRIVIAL = ("threshold", "smoothed", "everything", "nothing")
CONTROLS = ("copies", "mismatched")  # kinds of data sets whose arms ask nothing: they must not be better
NOT_TRAINED = "not trained"  # scope of a row, and verdict: of a run that does not exist
BEFORE = "_before"  # of scores of what touches above the threshold, before a method cuts or joins it
RANKING = "cremi"  # of the CONVENTIONS of partitions, the one that ranks: its VOI may be the endpoint


class Metric(NamedTuple):
    """Properties of one score."""

    best: float | None  # 1: more is better; 0: less is better; None: best at 0, from either side
    undefined: str  # when it has no value
    bounds: tuple | None = None  # (lowest, highest), where not 0..1 of a best 1, 0.. of a best 0, any of None


NOTHING_THERE = "neither the mask nor the truth has a known voxel of the structure"
ONE_KIND = f"{NOTHING_THERE}, or one of the background"
MASKS = {  # of the voxels that are known
    "iou": Metric(1, NOTHING_THERE),
    "dice": Metric(1, NOTHING_THERE),
    "iou_mean": Metric(1, ONE_KIND),
    "dice_mean": Metric(1, ONE_KIND),
    "precision": Metric(1, "the mask is empty, or nothing is known of it"),
    "recall": Metric(1, "the truth is empty, or nothing is known of it"),
    "accuracy": Metric(1, "no voxel is known"),
}

SEGMENTED = {"segmented_iou": Metric(1, NOTHING_THERE)}  # the IoU of what is left after the size filter

ONE_SURFACE = "the labels or the truth have no surface in known ground: there is no distance"
SURFACES = {
    "boundary_precision": Metric(1, "the labels have no surface in known ground"),
    "boundary_recall": Metric(1, "the truth has no surface in known ground"),
    "boundary_f1": Metric(1, "neither the labels nor the truth have a surface in known ground"),
    "assd_nm": Metric(0, ONE_SURFACE),
    "hausdorff_nm": Metric(0, ONE_SURFACE),
    "hd95_nm": Metric(0, ONE_SURFACE),
}

NO_INSTANCE = "neither the labels nor the truth have an instance in known ground"
INSTANCES = {
    "ap50": Metric(1, NO_INSTANCE),
    "ap75": Metric(1, NO_INSTANCE),
    "map": Metric(1, NO_INSTANCE),
    "instance_f1": Metric(1, NO_INSTANCE),
    "pq": Metric(1, NO_INSTANCE),
    "sq": Metric(1, "no label matches a true instance"),
    "count_error": Metric(None, "it always has a value"),
}

SCORES = MASKS | SEGMENTED | SURFACES | INSTANCES

NOTHING_SCORED = "no voxel is scored"
NO_CELL = "no voxel of a true cell is scored"
NO_PAIR = "no two scored voxels share a label or a true id"
PARTITIONS = {
    "voi_split": Metric(0, NOTHING_SCORED),
    "voi_merge": Metric(0, NOTHING_SCORED),
    "voi": Metric(0, NOTHING_SCORED),
    "arand": Metric(0, NO_PAIR, bounds=(0, 1)),
    "arand_precision": Metric(1, "no two scored voxels share a label"),
    "arand_recall": Metric(1, "no two scored voxels share a true id"),
    "cremi_score": Metric(0, NO_PAIR),
    "v_rand": Metric(1, NO_CELL),
    "v_rand_split": Metric(1, NO_CELL),
    "v_rand_merge": Metric(1, NO_CELL),
    "v_info": Metric(1, f"{NO_CELL}, or there is one true cell and one label in it: neither has information"),
    "v_info_split": Metric(1, f"{NO_CELL}, or there is one label in all true cells"),
    "v_info_merge": Metric(1, f"{NO_CELL}, or there is one true cell"),
}


def ratio(part, whole):
    """part / whole as a float; None where the whole is 0 and a score is undefined."""
    return float(part / whole) if whole else None


def reasons(row, metrics):
    """Why scores of a row are undefined: "name: reason; name: reason"; "" where none is."""
    missing = (name for name in metrics if name in row and row[name] is None)
    return "; ".join(f"{name}: {metrics[name].undefined}" for name in missing)
