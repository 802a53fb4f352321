"""What sentences about generators share: rows of their last step, and values of replicates in words."""


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
