"""Quality of predicted membranes as rows of a table: on the target, and on the source they were learnt on."""

COLUMNS = (
    *("variant", "noise", "seed", "volume", "block", "score", "n", "value", "low", "high"),
    "reason",
)
AGREEMENT = ("f1", "f1_tolerant", "iou", "precision", "recall", "truth_coverage")  # where truth is known
PLAUSIBILITY = ("coverage", "undecided", "closed", "inside_structure")
NO_TRUTH = "no true membranes of this volume were withheld"
NONE_LEFT = "labels.validation is 0: the network has learnt from every labelled slice"
NOTHING = "the slices have nothing that it could be measured on"
BLOCKS = {"learnt": "source_learnt", "held_out": "source_held_out"}


def target_rows(quality):
    """Rows {block, score, n, value, low, high, reason} of the quality of the target's membranes."""
    return quality_rows("target", quality, missing=NO_TRUTH)


def source_rows(qualities):
    """Rows of the quality of the source's membranes, {learnt, held_out: quality}; held_out may be missing."""
    found = []
    for block, name in BLOCKS.items():
        found += quality_rows(name, qualities.get(block, {"slices": 0}), missing=NONE_LEFT)
    return found


def quality_rows(block, quality, *, missing):
    """A row for each measure; without a value and with the reason where the quality has none."""
    rows = []
    for score in (*AGREEMENT, *PLAUSIBILITY):
        value = quality.get(score)
        reason = None if value is not None else NOTHING if score in quality else missing
        rows.append(
            {"block": block, "score": score, "n": quality["slices"], "value": value}
            | {"low": None, "high": None, "reason": reason}
        )
    return rows
