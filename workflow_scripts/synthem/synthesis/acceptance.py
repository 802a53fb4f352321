"""Decides whether a generator is good enough: whether enough of its images passed the filter.

Too few are a result, not an error: the real data is then reported without the synthetic.
"""

from collections import Counter

from synthem.gans.findings import FINDING_COLUMNS, findings_text
from synthem.metrics.columns import SCORE_COLUMNS
from synthem.metrics.definitions import NOT_TRAINED
from synthem.storage.naming import labels_text, run_of

NOT_GOOD_ENOUGH = "This generator is not good enough for this data"
REMEDY = "Raise gans: training: steps, then base_width in gans: generator."
COLLAPSE_COLUMNS = ("data_set", "budget", "replicate", *FINDING_COLUMNS)
WORDS = {  # of what a slice was rejected for; other measures stand under their own names
    "mean": "brightness",
    "std": "grey range",
    "blank": "blank",
    "among the worst": "least like real ones",
}


def decide(rows, *, least_kept, findings=()):
    """Rows of filter.FILTER_COLUMNS -> {kept, of, least_kept, enough, failed, rejected: {cause: count}}.

    findings: of gans.findings. Images of a generator that failed while it trained are never enough; `failed`
    says how, and is empty where none did.
    """
    kept = sum(row["kept"] for row in rows)
    rejected = Counter(cause(row) for row in rows if not row["kept"])
    return {
        "kept": kept,
        "of": len(rows),
        "least_kept": least_kept,
        "enough": kept >= least_kept and not findings,
        "rejected": dict(rejected.most_common()),
        "failed": findings_text(findings),
    }


def cause(row):
    """Why a slice was rejected: the feature furthest from real slices, or the reason that is no feature."""
    return row["furthest"] if row["reason"] == "deviates" else row["reason"]


def word(cause):
    return WORDS.get(cause, str(cause).replace("_", " "))


def sentence(decision):
    """A decision in a biologist's words."""
    if decision["failed"]:
        return f"the generator failed while it trained: {decision['failed']}"
    start = f"{decision['kept']} of {decision['of']} generated images passed the filter"
    needed = "enough to train on" if decision["enough"] else f"{decision['least_kept']} or more are needed"
    causes = ", ".join(f"{word(cause)} ({count})" for cause, count in decision["rejected"].items())
    return f"{start}, {needed}" + (f"; rejected for: {causes}" if causes else "")


def announcement(decision):
    """A decision for the terminal: what it is about, and what it means where there is not enough."""
    labels = labels_text(decision["budget"], decision["labelled_slices"])
    where = f"{labels}, replicate {decision['replicate']}"
    start = f"Images of {decision['data_set']} with {where}: {sentence(decision)}."
    return start if decision["enough"] else f"{start} {NOT_GOOD_ENOUGH}. {REMEDY}"


def untrained_rows(decisions, *, arms, labelled_slices):
    """A row of SCORE_COLUMNS, without a score, per arm, budget and replicate that lacks a data set it needs.

    decisions: {naming.Run of the data set: as of `decide`}. arms: {arm: names of its data sets}.
    labelled_slices: {budget: their number}.
    """
    rows = []
    for arm, data_sets in arms.items():
        for run, decision in decisions.items():
            if run.name in data_sets and not decision["enough"]:
                row = {"volume": run.volume, "arm": arm, "budget": run.budget, "replicate": run.replicate}
                row |= {"labelled_slices": labelled_slices.get(run.budget), "scope": NOT_TRAINED}
                row |= {"reason": f"replicate {run.replicate}, {run.name}: {sentence(decision)}"}
                rows.append(dict.fromkeys(SCORE_COLUMNS) | row)
    return rows


def collapse_rows(found, *, data_sets):
    """{findings.json: findings} -> rows of COLLAPSE_COLUMNS; data_sets {name: variant of its generator}."""
    runs = [(run_of(path), findings) for path, findings in found.items()]
    return [
        {"data_set": name, "budget": run.budget, "replicate": run.replicate} | finding
        for name, variant in data_sets.items()
        for run, findings in runs
        if run.name == variant
        for finding in findings
    ]
