"""Whether generated images show the masks that they were painted on, in sentences."""

from synthem.report.generators import counted, in_words, is_a_finding, last_steps
from synthem.storage.naming import labels_text

PLAIN = "{:.3f}".format, "{:.3f} to {:.3f}".format
SIGNED = "{:+.3f}".format, "{:+.3f} to {:+.3f}".format
LESS, MORE = "less is found than in real tissue", "more is found than in real tissue"


def fidelity_sentences(rows):
    """Rows of realism.csv -> a sentence for each generator, of its last step and masks of the test block.

    Not of learnt masks: the network that is asked has learnt their real images, too. Nor of what images are
    worth: networks learnt well from images in which one of real slices found nothing.
    """
    found, differing = (last_steps(rows, score) for score in ("fidelity", "fidelity_difference"))
    return [
        f"In images painted by `{data_set}` ({labels_text(budget)}) on masks of the test block, a network of "
        f"the same labelled real slices finds these with an IoU of {in_words(own, *PLAIN)}. Less the IoU in "
        f"the real images there, that is {in_words(differing[place], *SIGNED)}: {_verdict(differing[place])}."
        for place, own in found.items()
        for data_set, budget, block in [place]
        if block == "test"
    ]


def _verdict(rows):
    """What is said of replicates whose interval leaves out 0."""
    known = [row for row in rows if row["low"] is not None]
    sure = {LESS: sum(row["high"] < 0 for row in known), MORE: sum(row["low"] > 0 for row in known)}
    said = max(sure, key=sure.get)
    if sure[LESS] == sure[MORE] or not is_a_finding(sure[said], len(rows)):
        return "no sure difference"
    return said + counted(sure[said], len(rows))
