"""What a verdict about an arm leaves out: networks that had not finished learning, or are worse than none."""

import math
from statistics import fmean

from synthem.comparison.learning import digits_where, still_falls
from synthem.comparison.summaries import number
from synthem.metrics.definitions import BASELINES, PARTITIONS, SCORES

UNNEEDED = "what needs no network is better"
EQUAL_STEPS = "this compares equal steps, not networks"


def caveats(rows, losses, *, arms, stops_early, endpoint):
    """{(arm, budget): words} of the arms about which a verdict misleads by itself.

    rows: scores that hold the endpoint (`tables.of_endpoint`), of baselines, too. losses {arm: {budget:
    [losses of every step, per run]}}; arms {name: {then, switch, ...}}; stops_early {arm: whether its
    trainings end when the validation loss levels}, and so are not asked whether the loss still falls.
    """
    scores = _by_replicate(rows, endpoint)
    budgets = list(dict.fromkeys(budget for _, budget in scores))
    found = {}
    for name, arm in arms.items():
        for budget in budgets:
            curves = last_phase(losses.get(name, {}).get(budget, []), arm)
            falls = still_falls(curves) if curves and not stops_early[name] else ""
            words = [f"its networks {falls}; {EQUAL_STEPS}"] if falls else []
            words += _unneeded(scores, name, budget, (SCORES | PARTITIONS)[endpoint].best)
            if words:
                found[name, budget] = "; ".join(words)
    return found


def last_phase(losses, arm):
    """Losses per run from the step on from which an arm learns from other data sets; all, of other arms."""
    if not arm["then"]:
        return losses
    # There the loss leaps, which is no learning.
    return [curve[math.ceil(round(arm["switch"] * len(curve), 6)) :] for curve in losses]


def of_targets(found):
    """{target: rows of its comparison.csv} -> caveats, each with the target that it is of."""
    words = {}
    for target, rows in found.items():
        for row in rows:
            if number(row["caveat"]) is not None:
                words.setdefault((row["arm"], row["budget"]), []).append(f"in {target}, {row['caveat']}")
    return {place: "; ".join(of_each) for place, of_each in words.items()}


def _by_replicate(rows, endpoint):
    """{(arm, budget): {replicate: mean of the endpoint over its runs of the test block}}."""
    values = {}
    for row in rows:
        if row["scope"] == "volume" and number(row[endpoint]) is not None:
            own = values.setdefault((row["arm"], row["budget"]), {})
            own.setdefault(row["replicate"], []).append(row[endpoint])
    return {place: {draw: fmean(found) for draw, found in own.items()} for place, own in values.items()}


def _unneeded(scores, arm, budget, best):
    """Which baseline is the best, where it is better than an arm with these labels; best: 1, 0 of errors.

    Over the replicates that the arm has: each labels slices of its own, and a generator may have failed where
    that was hard.
    """
    own, sign, gains = scores.get((arm, budget), {}), 1 if best else -1, {}
    for name in BASELINES:
        other = scores.get((name, budget), {})
        if shared := [draw for draw in own if draw in other]:
            means = fmean(other[draw] for draw in shared), fmean(own[draw] for draw in shared)
            gains[name] = sign * (means[0] - means[1]), *means
    if not gains:
        return []
    name = max(gains, key=gains.get)
    gain, other, own = gains[name]
    if gain <= 0:
        return []
    digits = digits_where(lambda digits: round(other, digits) != round(own, digits), 3)
    return [f"{UNNEEDED}: {BASELINES[name]} {other:.{digits}f}, its own {own:.{digits}f}"]
