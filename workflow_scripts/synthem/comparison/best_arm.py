"""Which arm of a study segments best, to use its networks: a choice by means, and no verdict."""

from synthem.comparison.pairs import endpoint_of
from synthem.comparison.tables import of_endpoint
from synthem.errors import SynthemError


def best_arm(scores, partitions, *, arms, endpoint, budget, target):
    """The arm with the best mean of the endpoint over the replicates that all arms have -> plain data.

    A replicate labels slices of its own: an arm whose generator failed where that was hard would look better.

    scores, partitions: frames of a target; arms in the order in which ties are broken. Several U-Nets of a
    replicate count as their mean. What is better by chance segments as well, so no interval is asked.
    """
    frame = of_endpoint(scores, partitions, endpoint)
    frame = frame[(frame["scope"] == "volume") & (frame["budget"].astype(str) == str(budget))]
    found = {arm: frame[frame["arm"] == arm].groupby("replicate")[endpoint].mean().dropna() for arm in arms}
    found = {arm: own for arm, own in found.items() if len(own)}
    shared = set.intersection(*(set(own.index) for own in found.values())) if found else set()
    if found and not shared:  # of arms that share none only one can be judged
        found = dict([next(iter(found.items()))])
        shared = set(next(iter(found.values())).index)
    means = {arm: round(float(own[own.index.isin(shared)].mean()), 12) for arm, own in found.items()}
    if not means:
        raise SynthemError(
            "DATA_VALUE",
            f"results/tables/{target}/scores.csv",
            f"no arm has a {endpoint} with the budget {budget}",
            expected="one that has",
            fix="name the arm in apply.arm",
        )
    sign = endpoint_of(endpoint).sign
    best = max(sign * mean for mean in means.values())
    equal = [arm for arm, mean in means.items() if sign * mean == best]
    return {
        "arm": equal[0],
        "target": target,
        "budget": str(budget),
        "endpoint": endpoint,
        "means": means,
        "replicates": sorted(map(int, shared)),
        "equal": equal,
        "rule": f"the best mean {endpoint} of the test block over the replicates that all arms have; of "
        "equal arms the first in study.arms. This chooses networks to use, and flatters the best; whether "
        "arms differ, the verdict says.",
    }
