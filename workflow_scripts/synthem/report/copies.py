"""Whether generators copy their training slices, in sentences."""

from synthem.storage.naming import labels_text, percent

BY_CHANCE = 0.05  # of images that are no copies, above the limit of 95 % of real ones
ON_MASKS = {"test": "masks that it had never seen", "train": "masks that it had learnt"}
MEANS = {
    "test": "it copies what it was trained on, and copies are no new data",
    "train": "it knows training images by heart, which says nothing yet of new masks",
}


def copy_sentences(rows):
    """Rows of realism.csv -> a sentence for each generator and block, of its last step."""
    rows = [row for row in rows if row["score"] == "copied"]
    said = []
    for data_set, budget, block in dict.fromkeys(
        (row["data_set"], str(row["budget"]), row["block"])
        for row in sorted(rows, key=lambda row: list(ON_MASKS).index(row["block"]))
    ):
        place = {"data_set": data_set, "budget": budget, "block": block}
        own = [row for row in rows if all(str(row[key]) == value for key, value in place.items())]
        last = [row for row in own if row["step"] == max(row["step"] for row in own)]
        said.append(
            f"Of images painted by `{data_set}` ({labels_text(budget)}) on {ON_MASKS[block]}, "
            f"{_shares(last)} have the grain of a training slice; {percent(BY_CHANCE)} would by chance: "
            f"{_verdict(last, block)}."
        )
    return said


def _shares(rows):
    """`3.12 % (95 % interval 0.8 to 11 %)`, or of several replicates each share."""
    if len(rows) > 1:
        return ", ".join(percent(row["value"]) for row in rows) + " (by replicate)"
    (row,) = rows
    if row["low"] is None:
        return percent(row["value"])
    return f"{percent(row['value'])} (95 % interval {100 * row['low']:.2g} to {percent(row['high'])})"


def _verdict(rows, block):
    """What is said of replicates whose interval lies above chance and above what real patches have."""
    sure = [row for row in rows if row["low"] is not None and row["low"] > max(BY_CHANCE, row["floor"] or 0)]
    if not sure:
        return "not surely more, no sign that it copies"
    where = "" if len(rows) == 1 else f" (in {len(sure)} of {len(rows)} replicates)"
    return f"{MEANS[block]}{where}"
