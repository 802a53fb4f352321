"""Which arm of a study segments best, to use its networks: a choice by means, and no verdict."""

from synthem.comparison.pairs import endpoint_of
from synthem.comparison.summaries import number
from synthem.comparison.tables import of_endpoint
from synthem.errors import SynthemError


def best_arm(scores, partitions, *, arms, endpoint, budget, target):
    """The arm with the best mean of the endpoint over the replicates of a budget -> plain data.

    scores, partitions: frames of a target; arms in the order in which ties are broken. Several U-Nets of a
    replicate count as their mean. What is better by chance segments as well, so no interval is asked.
    """
    frame = of_endpoint(scores, partitions, endpoint)
    frame = frame[(frame["scope"] == "volume") & (frame["budget"].astype(str) == str(budget))]
    means = {}
    for arm in arms:
        own = frame[frame["arm"] == arm].groupby("replicate")[endpoint].mean()
        if (mean := number(own.mean() if len(own) else None)) is not None:
            means[arm] = round(float(mean), 12)
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
        "equal": equal,
        "rule": f"the best mean {endpoint} of the test block over all replicates; of equal arms "
        "the first in study.arms. This chooses networks to use; whether arms differ, the verdict says.",
    }
