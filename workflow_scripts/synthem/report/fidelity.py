"""Whether generated images show the masks that they were painted on, in sentences."""

from synthem.storage.naming import labels_text


def fidelity_sentences(rows):
    """Rows of realism.csv -> a sentence for each generator, of its last step and masks of the test block.

    Not of learnt masks: the network that is asked has learnt their real images, too.
    """
    rows = [row for row in rows if row["score"] == "fidelity" and row["block"] == "test"]
    said = []
    for data_set, budget in dict.fromkeys((row["data_set"], str(row["budget"])) for row in rows):
        own = [row for row in rows if (row["data_set"], str(row["budget"])) == (data_set, budget)]
        last = [row for row in own if row["step"] == max(row["step"] for row in own)]
        real = ", ".join(_number(row["floor"]) for row in last)
        said.append(
            f"In images painted by `{data_set}` ({labels_text(budget)}) on masks of the test block, a "
            f"network of the same labelled real slices finds these masks with an IoU of {_values(last)}; in "
            f"the real images there with {real}: {_verdict(last)}."
        )
    return said


def _values(rows):
    """`0.620 (95 % interval 0.500 to 0.700)`, or of several replicates each value."""
    if len(rows) > 1:
        return ", ".join(_number(row["value"]) for row in rows) + " (by replicate)"
    (row,) = rows
    if row["low"] is None:
        return _number(row["value"])
    return f"{_number(row['value'])} (95 % interval {_number(row['low'])} to {_number(row['high'])})"


def _number(value):
    return f"{value:.3f}"


def _verdict(rows):
    """What is said of replicates whose interval lies beside what real images have.

    Not that images teach less: networks learnt well from images in which one of real slices found nothing.
    """
    known = [row for row in rows if row["low"] is not None]
    worse = [row for row in known if row["high"] < row["floor"]]
    better = [row for row in known if row["low"] > row["floor"]]
    if len(worse) == len(better):
        return "no sure difference"
    words = {
        "less is found than in real tissue": worse,
        "more is found than in real tissue": better,
    }
    said, sure = max(words.items(), key=lambda one: len(one[1]))
    return said + ("" if len(rows) == 1 else f" (surely in {len(sure)} of {len(rows)} replicates)")
