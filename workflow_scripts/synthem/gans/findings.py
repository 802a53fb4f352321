"""What was found wrong with a generator while it trained: a function of the history, so no kill loses any."""

LEAST_EFFECT = 0.02  # in [-1, 1], i.e. 2.5 grey levels: below the noise of any microscope
LEAST_CONTRAST = 0.02  # standard deviation in [-1, 1]
MOST_SATURATED = 0.9  # of the pixels: EM has black and white spots, but few
LEAST_CALLED_WRONGLY = 0.03  # of the images, by a discriminator that still has something to learn

# What fails a generator: {column of the history: (the least it may be, the most it may be)}; None: no limit.
LIMITS = {
    "condition_effect": (LEAST_EFFECT, None),
    "latent_effect": (LEAST_EFFECT, None),
    "contrast": (LEAST_CONTRAST, None),
    "saturation": (None, MOST_SATURATED),
    "called_wrongly": (LEAST_CALLED_WRONGLY, None),
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
        for score in LIMITS:
            failed = [row for row in checked if score in row and fails(score, row[score])]
            if step >= first and len(failed) == in_a_row:
                found.append(finding(score, step, history[step - 1][score]))
    return found


def finding(score, step, value):
    least, most = LIMITS[score]
    return {"score": score, "step": step, "value": value, "limit": least if most is None else most}


def fails(score, value):
    """Whether a value lies beyond its limit; not-a-number does not, for there was nothing to measure."""
    least, most = LIMITS[score]
    return (least is not None and value < least) or (most is not None and value > most)


def findings_text(found):
    """Findings in a biologist's words: what, from when on, and how bad it was last; "" for none."""
    texts = []
    for score in dict.fromkeys(one["score"] for one in found):
        own = [one for one in found if one["score"] == score]
        bound = "at least" if LIMITS[score][1] is None else "at most"
        steps = f"step {own[0]['step']}" + (f" to {own[-1]['step']}" if len(own) > 1 else "")
        texts.append(
            f"{WORDS[score]} ({steps}; {score.replace('_', ' ')} {own[-1]['value']:.3g}, "
            f"expected {bound} {own[-1]['limit']:g})"
        )
    return " and ".join(texts)
