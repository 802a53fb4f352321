"""Whether the networks of the reference have learnt; where they have not, no arm is compared with them."""

import numpy as np
from scipy import special

from synthem.comparison.summaries import number
from synthem.metrics.definitions import BASELINES, TRIVIAL

UNFINISHED = "had not finished learning"  # and needs more steps: no other remedy helps
SURE = 0.95  # one-sided: of a smaller gain than least_gain, that it is above 0
MOST_LATE = 0.25  # of the whole fall of a loss: more in the second half of the steps, and it has not levelled
LEAST_FALL = 0.05  # of the loss itself: less in the second half is level, whatever it fell before
MOST_DIGITS = 6  # decimals of a reason
WINDOW = 0.1  # of the steps: single steps are noisy
WORDS = {"iou": ("IoU", "more"), "voi": ("VOI", "less")}  # of a score: its name, and what is better


def unlearnt(scores, histories, *, reference, score, least_gain, stops_early):
    """{budget: why} where no verdict can rest on the networks of the arm `reference`.

    scores: rows that hold `score`, one of WORDS. histories {budget: [losses of every step, per run]}.
    Networks have learnt where
    1. the mean of their score is better, by at least `least_gain`, than that of every TRIVIAL answer with the
       same labels, or better by less in so many replicates that it is no chance, and
    2. their loss has levelled (`late_fall`). Trainings that stop when the validation loss levels, with
       `stops_early`, are not judged by it; their training loss may well go on falling.
    """
    whole = [row for row in scores if row["scope"] == "volume" and number(row[score]) is not None]
    reasons = {}
    for budget in dict.fromkeys(row["budget"] for row in whole if row["arm"] == reference):
        own = [row for row in whole if row["budget"] == budget]
        reason = _no_gain(own, reference, score, least_gain)
        if not reason and not stops_early:
            reason = still_falls(histories[budget])
        if reason:
            reasons[budget] = f"the networks of the arm {reference} {reason}"
    return reasons


def late_fall(losses):
    """The part of the fall of a loss that came in the second half of the steps; 0 where it hardly fell there.

    losses: [steps] or several of them, of which the mean is taken. Measured between means over a tenth of the
    steps: the first, the last before half-time, the last. Half-time, because a learning rate that falls to
    nothing levels every loss at the end.
    """
    steps = min(len(curve) for curve in losses)
    curve = np.mean([curve[:steps] for curve in losses], axis=0)
    width, half = max(1, round(WINDOW * steps)), max(1, steps // 2)
    first, middle, last = (
        float(curve[max(0, end - width) : end].mean()) for end in (min(width, half), half, steps)
    )
    late = middle - last
    if late <= LEAST_FALL * middle:
        return 0.0
    return late / max(first - last, late)


def _no_gain(rows, reference, score, least_gain):
    """Which TRIVIAL answer is the best of those that the reference does not beat; "" where it beats all."""
    name, better = WORDS[score]
    sign = 1 if better == "more" else -1
    own = _by_replicate(rows, reference, score, sign)
    answers = {arm: found for arm in TRIVIAL if (found := _by_replicate(rows, arm, score, sign))}
    unbeaten = {arm: _mean(values) for arm, values in answers.items() if not _beats(own, values, least_gain)}
    if not unbeaten:
        return ""
    best = max(unbeaten, key=unbeaten.get)
    found, other = _mean(own), unbeaten[best]
    # Rounded alike, 0.3099 and 0.300 would look as if they were 0.01 apart.
    digits = digits_where(lambda digits: round(found, digits) < round(other, digits) + least_gain - 1e-9, 3)
    degree = "no" if found <= other else "hardly"
    return (
        f"are {degree} better than what needs no network: their {name} is {sign * found:.{digits}f}, that of "
        f"{BASELINES[best]} {sign * other:.{digits}f} (at least {least_gain:g} {better} is needed)"
    )


def digits_where(differ, fewest):
    """The fewest decimals, `fewest` or more, with which rounded numbers still show what was found of them.

    differ: decimals -> whether the numbers, rounded to them, do.
    """
    return next(filter(differ, range(fewest, MOST_DIGITS)), MOST_DIGITS)


def _by_replicate(rows, arm, score, sign):
    """{replicate: mean score of its seeds, times the sign}."""
    found = {}
    for row in rows:
        if row["arm"] == arm:
            found.setdefault(row["replicate"], []).append(row[score])
    return {replicate: sign * float(np.mean(values)) for replicate, values in found.items()}


def _mean(found):
    return float(np.mean(list(found.values())))


def _beats(own, others, least_gain):
    """Whether an arm beats others, by enough or beyond chance; both {replicate: score, more is better}."""
    if _mean(own) >= _mean(others) + least_gain:
        return True
    gains = np.array([own[replicate] - others[replicate] for replicate in own.keys() & others.keys()])
    if len(gains) < 2:
        return False
    error = gains.std(ddof=1) / len(gains) ** 0.5
    return bool(gains.mean() > special.stdtrit(len(gains) - 1, SURE) * error)


def still_falls(losses):
    """That networks had not finished learning, by their losses per run (`late_fall`); "" where they had."""
    late = late_fall(losses)
    if late <= MOST_LATE:
        return ""
    came, most = 100 * late, 100 * MOST_LATE
    digits = digits_where(lambda digits: round(came, digits) > most, 0)
    return (
        f"{UNFINISHED}: {came:.{digits}f} % of the fall of their loss came in the second half of "
        f"the steps, where at most {most:g} % should"
    )
