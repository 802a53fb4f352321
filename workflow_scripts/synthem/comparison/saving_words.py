"""Label saving, more labels and which slices have them, as sentences that a biologist understands."""

from math import isinf

from synthem.comparison.designs import FEWEST
from synthem.comparison.p_values import p_text
from synthem.metrics.ranges import possible, possible_difference, within
from synthem.storage.naming import count_text, labels_text, two_digits
from synthem.storage.splits import ALL

SCORES = {"iou": "IoU", "dice": "Dice score"}
ARTICLES = {"IoU": "an"}


def saving_sentence(row):
    """A row of saving.csv: "4 labelled slices with mixed = 7 (5 to 11) labelled slices with real: ...".

    That labels are saved, or an arm is worth less, is said where the verdict is "helps", or "harms": its p
    allows for all comparisons of the study, the interval for this one alone.
    """
    arm, reference, own = row["arm"], row["reference"], row["labelled_slices"]
    start = f"{labels_text(own)} with {arm}"
    if row["equal_slices"] is None:
        return f"{start}: no label saving can be read off, for {row['reason']}."
    low, high = (_bound(row[key], row) for key in ("low", "high"))
    ends = low if low == high else f"{low} to {high}"
    interval = (
        f"({100 * row['confidence']:g} % interval {ends}, {count_text(row['n_replicates'], 'replicate')})"
    )
    worth = f"{start} = {_bound(row['equal_slices'], row)} {interval} labelled slices with {reference}"
    return f"{_caution(row)}{worth}: {_saved(row)}.{_cost(row)}"


def more_slices_sentence(found, *, arm, last, endpoint, confidence, n_replicates):
    """An Extrapolation: "Five more slices would bring IoU 0.88 (0.86 to 0.90)", or why nothing is said."""
    more = found.slices - last
    if found.score is None:
        return f"What more labels would bring is not said: {found.reason}."
    low, high = (within(end, possible(endpoint)) for end in (found.low, found.high))
    interval = f"{100 * confidence:g} % interval {low:.2f} to {high:.2f}"
    score = f"{SCORES.get(endpoint, endpoint)} {found.score:.2f} ({interval})"
    return _caution({"n_replicates": n_replicates}) + (
        f"{more} more labelled slices than {last} would bring {arm} to {score}, if its error goes on "
        f"as it has; without the {last} slices, the smaller budgets foretell what was measured there."
    )


def choice_sentence(choice):
    """A row of `choice_rows`: "With 4 labelled slices, 6 replicates of real have an IoU from 0.71 to 0.92".

    What replicates differ in, all of it, is not set against an arm's effect: that is of a mean.
    """
    score, slices = SCORES.get(choice["endpoint"], choice["endpoint"]), labels_text(choice["labelled_slices"])
    if choice["sd"] is None:
        return f"How far scores with {slices} lie apart is not known of one replicate."
    of = f"{count_text(choice['n_replicates'], 'replicate')} of {choice['arm']}"
    spread = f"standard deviation {choice['sd']:.3f}, {choice['sd_low']:.3f} to {choice['sd_high']:.3f}"
    found = f"{ARTICLES.get(score, 'a')} {score} from {choice['lowest']:.2f} to {choice['highest']:.2f}"
    differ = "which slices are labelled, as far as the labelling strategy draws them, and in"
    if choice["budget"] == ALL:
        differ = "which slices validate, if any, not in which are labelled, and in"
    return (
        f"{_caution(choice)}With {slices}, {of} have {found} ({spread}); they differ in {differ} the chance "
        "of training."
    )


def strategy_sentence(row, strategies):
    """A paired difference of two arms that differ in the labelling strategy alone.

    row {arm, reference, labelled_slices, endpoint, difference, low, high, p_adjusted, family, confidence}:
    p allows for all comparisons of strategies, the interval for this one alone. strategies: of both.
    """
    score = SCORES.get(row["endpoint"], row["endpoint"])
    ways = "`{}` instead of `{}`".format(*strategies)
    start = f"With {labels_text(row['labelled_slices'])}, drawing them {ways}"
    if row["difference"] is None or row["low"] is None:
        return f"{start}: too few replicates to say what it changes."
    low, high = (within(row[end], possible_difference(row["endpoint"])) for end in ("low", "high"))
    interval = f"{100 * row['confidence']:g} % interval {low:+.3f} to {high:+.3f}"
    if row["family"] > 1:
        interval += f"; p {p_text(row['p_adjusted'])}, corrected for {row['family']} comparisons"
    told = "" if row["p_adjusted"] <= 1 - row["confidence"] else ": not told from no change"
    return f"{_caution(row)}{start} changes the {score} by {row['difference']:+.3f} ({interval}){told}."


def _saved(row):
    own, verdict = row["labelled_slices"], row["verdict"]
    behind = f"the verdict is {verdict}" if verdict else "there is no verdict about this score"
    if row["low"] > own:
        return _more(row) if verdict == "helps" else f"not enough to say that it saves labels: {behind}"
    if row["high"] < own:
        less = "it is worth less than its labels alone"
        return less if verdict == "harms" else f"not enough to say that {less}: {behind}"
    but = f", though {behind}" if verdict in ("helps", "harms") else ""
    return f"not told apart from the {own} that it has{but}"


def _more(row):
    own = row["labelled_slices"]
    if own == row["most"]:
        return "it saves labels, and only larger budgets can tell how many"
    saved = _bound(row["equal_slices"], row, less=own)
    return f"it saves {saved} {'slice' if saved == '1' else 'slices'} of labelling"


def _cost(row):
    if row["hours"] is None:
        return ""
    hours = abs(row["hours"])
    number, unit = (hours, "hour") if hours >= 1 else (60 * hours, "minute")
    time = count_text(float(two_digits(number)), unit)
    return f" A run takes {time} of computing {'more' if row['hours'] >= 0 else 'less'}."


def _bound(slices, row, less=0):
    """A number of slices to two digits; beyond the budgets it is only known to be more, or fewer."""
    if isinf(slices):
        return f"more than {row['most'] - less}"
    return f"fewer than {row['fewest']}" if slices == 0 else two_digits(slices - less)


def _caution(row):
    """That so few replicates are a first look, no finding; "" where there are enough."""
    return "Exploratory: " if row["n_replicates"] < FEWEST else ""
