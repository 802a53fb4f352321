"""Decides whether a generator is good enough: whether enough of its images passed the filter.

Too few are a result, not an error: the real data is then reported without the synthetic.
"""

from collections import Counter

from synthem.metrics.columns import SCORE_COLUMNS
from synthem.metrics.definitions import NOT_TRAINED

NOT_GOOD_ENOUGH = "This generator is not good enough for this data"
REMEDY = "Raise gans: training: steps, then base_width in gans: generator."
WORDS = {  # of what a slice was rejected for; other measures stand under their own names
    "mean": "brightness",
    "std": "grey range",
    "blank": "blank",
    "among the worst": "least like real ones",
}


def decide(rows, *, least_kept):
    """Rows of synthesis.FILTER_COLUMNS -> {kept, of, least_kept, enough, rejected: {what for: how many}}."""
    kept = sum(row["kept"] for row in rows)
    rejected = Counter(cause(row) for row in rows if not row["kept"])
    return {
        "kept": kept,
        "of": len(rows),
        "least_kept": least_kept,
        "enough": kept >= least_kept,
        "rejected": dict(rejected.most_common()),
    }


def cause(row):
    """Why a slice was rejected: the feature furthest from real slices, or the reason that is no feature."""
    return row["furthest"] if row["reason"] == "deviates" else row["reason"]


def word(cause):
    return WORDS.get(cause, str(cause).replace("_", " "))


def sentence(decision):
    """A decision in a biologist's words."""
    start = f"{decision['kept']} of {decision['of']} generated images passed the filter"
    needed = "enough to train on" if decision["enough"] else f"{decision['least_kept']} or more are needed"
    causes = ", ".join(f"{word(cause)} ({count})" for cause, count in decision["rejected"].items())
    return f"{start}, {needed}" + (f"; rejected for: {causes}" if causes else "")


def announcement(decision):
    """A decision, with what it is about, for the terminal: what it means, too, where there is not enough."""
    what = f"{decision['data_set']} from {decision['labelled_slices']} labelled slices"
    start = f"Synthetic images, {what} (replicate {decision['replicate']}): {sentence(decision)}."
    return start if decision["enough"] else f"{start} {NOT_GOOD_ENOUGH}. {REMEDY}"


def untrained_rows(decisions, *, volume, arms):
    """A row of SCORE_COLUMNS, without a score, per arm and label fraction whose generator is not good enough.

    `decisions` as of `decide`, with their `fraction`; `arms` are those that learn from synthetic data.
    """
    return [
        dict.fromkeys(SCORE_COLUMNS)
        | {"volume": volume, "arm": arm, "fraction": decision["fraction"], "scope": NOT_TRAINED}
        | {"reason": sentence(decision)}
        for arm in arms
        for decision in decisions
        if not decision["enough"]
    ]
