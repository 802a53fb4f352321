"""Whether generators copy their training slices, in sentences."""

from synthem.report.generators import counted, in_words, is_a_finding, last_steps
from synthem.storage.naming import labels_text, percent

BY_CHANCE = 0.05  # of images that are no copies, above the limit of 95 % of real ones
ON_MASKS = {"test": "masks that it had never seen", "train": "masks that it had learnt"}
MEANS = {
    "test": "it copies what it was trained on, and copies are no new data",
    "train": "it knows training images by heart, which says nothing yet of new masks",
}


def copy_sentences(rows):
    """Rows of realism.csv -> a sentence for each generator and block, of its last step."""
    found = last_steps(rows, "copied")
    return [
        f"Of images painted by `{data_set}` ({labels_text(budget)}) on {ON_MASKS[block]}, "
        f"{in_words(own, percent, _ends)} have the grain of a training slice; {percent(BY_CHANCE)} would by "
        f"chance: {_verdict(own, block)}."
        for (data_set, budget, block), own in sorted(found.items(), key=lambda one: _order(one[0]))
    ]


def _order(place):
    """New masks first."""
    return list(ON_MASKS).index(place[2])


def _ends(low, high):
    return f"{100 * low:.2g} to {percent(high)}"


def _verdict(rows, block):
    """What is said of replicates whose interval lies above chance and above what real patches have."""
    sure = [row for row in rows if row["low"] is not None and row["low"] > max(BY_CHANCE, row["floor"] or 0)]
    where = counted(len(sure), len(rows))
    if is_a_finding(len(sure), len(rows)):
        return MEANS[block] + where
    if sure:
        return f"more{where}, which luck explains: no sure sign that it copies"
    return "not surely more, no sign that it copies"
