"""What sentences about generators share: rows of their last step, and how many replicates make a finding."""

from math import comb

BY_LUCK = 0.025  # of intervals of 95 % lie above what is true, and as many below


def last_steps(rows, score):
    """{(data set, budget, block): rows of the last step, one a replicate} of a score of realism.csv."""
    groups = {}
    for row in rows:
        if row["score"] == score:
            groups.setdefault((row["data_set"], str(row["budget"]), row["block"]), []).append(row)
    last = {place: max(row["step"] for row in own) for place, own in groups.items()}
    return {place: [row for row in own if row["step"] == last[place]] for place, own in groups.items()}


def in_words(rows, number, ends):
    """`3.1 % (95 % interval 0.8 to 11 %)` of one replicate, of several each value.

    number (value) and ends (low, high) -> how they are written.
    """
    if len(rows) > 1:
        return ", ".join(number(row["value"]) for row in rows) + " (by replicate)"
    (row,) = rows
    known = row["low"] is not None
    return number(row["value"]) + (f" (95 % interval {ends(row['low'], row['high'])})" if known else "")


def is_a_finding(sure, replicates):
    """Whether `sure` of so many replicates, each by an interval of 95 %, are more than luck says the same of.

    Of five that do not differ it says so of one in 12 of 100 studies.
    """
    luck = sum(
        comb(replicates, count) * BY_LUCK**count * (1 - BY_LUCK) ** (replicates - count)
        for count in range(sure, replicates + 1)
    )
    return luck <= BY_LUCK + 1e-12  # one of one is exactly that


def counted(sure, replicates):
    """` (in 3 of 5 replicates)`; nothing of a single one."""
    return "" if replicates == 1 else f" (in {sure} of {replicates} replicates)"
