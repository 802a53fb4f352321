"""Scores of segmenters over their training, on slices that they have learnt and on the test block."""

from synthem.figures.score_curves import score_curves
from synthem.storage.naming import slices_text

BLOCK_WORDS = {"train": "slices that were learnt from", "test": "test block"}
# (score, convention): what it is; VOI by its own convention is the thesis's, by cremi fit to rank.
# Accuracy is of the map that a network learns.
SCORE_WORDS = {
    ("iou", None): "IoU",
    ("pixel_accuracy", None): "accuracy",
    ("voi_before", "paper"): "VOI before the cut\n(paper, bits)",
    ("voi", "paper"): "VOI (paper, bits)",
    ("voi_split", "paper"): "split: cells in pieces\n(paper, bits)",
    ("voi_merge", "paper"): "merge: cells in one\n(paper, bits)",
    ("voi", "cremi"): "VOI (cremi, bits)",
    ("arand", "paper"): "adapted Rand error\n(paper)",
}


def over_training_curves(rows):
    """Rows of snapshots.csv -> a row of panels for each score; a line for each arm and budget."""
    budgets = {row["budget"] for row in rows}
    drawn = []
    for row in rows:
        name = row["arm"] if len(budgets) == 1 else f"{row['arm']}, {slices_text(row['budget'])}"
        drawn.append(row | {"line": name, "score": (row["score"], row["convention"])})
    return score_curves(drawn, by="line", words=SCORE_WORDS, block_words=BLOCK_WORDS)
