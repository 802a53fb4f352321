"""What was found wrong with a generator while it trained: a function of the history, so no kill loses any."""

from math import inf
from typing import NamedTuple


class Limits(NamedTuple):
    """The least and the most that a measured value may be."""

    least: float = -inf
    most: float = inf

    def exclude(self, value):
        """Whether a value lies beyond them; not-a-number does not, for there was nothing to measure."""
        return value < self.least or value > self.most

    @property
    def word(self):
        return "at most" if self.least == -inf else "at least"

    @property
    def bound(self):
        """The one of the two that is set."""
        return self.most if self.least == -inf else self.least


LEAST_EFFECT = 0.02  # in [-1, 1], i.e. 2.5 grey levels: below the noise of any microscope
LIMITS = {  # of the columns of the history: what lies beyond fails a generator
    "condition_effect": Limits(least=LEAST_EFFECT),
    "latent_effect": Limits(least=LEAST_EFFECT),
    "contrast": Limits(least=0.02),  # standard deviation in [-1, 1]
    "saturation": Limits(most=0.9),  # of the pixels: EM has black and white spots, but few
    "called_wrongly": Limits(least=0.03),  # of the images, where a discriminator has something to learn
}
WORDS = {
    "condition_effect": "other masks give the same image",
    "latent_effect": "other random numbers give the same image",
    "contrast": "images are blank",
    "saturation": "images are nothing but black and white",
    "called_wrongly": "the discriminator is always right",
}
FINDING_COLUMNS = ("score", "step", "value", "limit")


def findings_of(history, *, every, first, in_a_row, on_failure):
    """Each check that failed as the last of `in_a_row`: rows of FINDING_COLUMNS, by steps.

    history: a dict of floats per step. The other keywords: of `guards` in the config. Where failures stop a
    training, one that has ended has none.
    """
    if not every or on_failure == "stop":
        return []
    found = []
    for step in range(every, len(history) + 1, every):
        checked = history[:step][::-every][:in_a_row]
        for score, limits in LIMITS.items():
            failed = [row for row in checked if score in row and limits.exclude(row[score])]
            if step >= first and len(failed) == in_a_row:
                found.append(finding(score, step, history[step - 1][score]))
    return found


def finding(score, step, value):
    return {"score": score, "step": step, "value": value, "limit": LIMITS[score].bound}


def findings_text(found):
    """Findings in a biologist's words: what, from when on, and how bad it was last; "" for none."""
    texts = []
    for score in dict.fromkeys(one["score"] for one in found):
        own = [one for one in found if one["score"] == score]
        steps = f"step {own[0]['step']}" + (f" to {own[-1]['step']}" if len(own) > 1 else "")
        texts.append(
            f"{WORDS[score]} ({steps}; {score.replace('_', ' ')} {own[-1]['value']:.3g}, "
            f"expected {LIMITS[score].word} {own[-1]['limit']:g})"
        )
    return " and ".join(texts)
