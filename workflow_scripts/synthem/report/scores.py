"""Summaries of scores as tables that fit on a screen: a line per arm, not a line per number."""

from synthem.metrics.definitions import BASELINES, NOT_TRAINED, PARTITIONS, RANKING, SCORES
from synthem.report.blocks import folded, is_missing, number_text, table, word
from synthem.report.rendering import block
from synthem.report.terms import around, terms_of
from synthem.storage.naming import labels_text
from synthem.storage.tables import read_table

SHOWN = (
    *("iou", "segmented_iou", "precision", "recall", "boundary_f1", "hd95_nm"),
    *("ap50", "instance_f1", "pq", "count_error"),
)
PARTITIONS_SHOWN = ("voi_split", "voi_merge", "voi", "arand", "cremi_score", "v_rand", "v_info")
COLUMNS = {  # of a table of partitions: (convention, scope)
    **{name: (name, "volume") for name in (RANKING, "challenge", "paper", "full")},
    f"{RANKING}, slice by slice": (RANKING, "slice"),
}
ARROWS = {1: "\N{NO-BREAK SPACE}↑", 0: "\N{NO-BREAK SPACE}↓", None: ""}


def endpoint_rows(summary, partition_summary, endpoint):
    """The means of the networks' endpoint in two files, arm by arm and budget by budget.

    VOI is the mean of slices, as in the verdict.
    """
    rows = read_table(summary) + [
        row
        for row in read_table(partition_summary)
        if (row["convention"], row["scope"]) == (RANKING, "slice")
    ]
    return [row for row in rows if row["metric"] == endpoint and row["arm"] not in BASELINES]


def titled(metric):
    """A score in words, with an arrow that says which way is better."""
    return word(metric) + ARROWS[(SCORES | PARTITIONS)[metric].best]


def score_tables(summary, *, endpoint, caption, links=()):
    """Rows of summary.csv -> a table per label budget: arms and baselines down, scores across."""
    found = list(by_budget(summary, lambda rows: score_lines(rows, endpoint)))
    # Said once: the caption above the first table, the terms below the last.
    captions = [caption, *[""] * len(found)]
    terms = [{}] * (len(found) - 1) + [terms_of(SHOWN, titled)]
    return [
        table(lines, caption=f"{words}. {also}".strip(), links=links, terms=meant)
        for (words, lines), also, meant in zip(found, captions, terms, strict=False)
    ]


def partition_tables(summary, *, caption, links=()):
    """Rows of partition_summary.csv -> a folded table per budget: score and arm down, conventions across."""
    terms = terms_of(PARTITIONS_SHOWN, titled)
    return [
        folded(f"VOI and Rand, {words}", table(lines, caption=caption, links=links, terms=terms))
        for words, lines in by_budget(summary, partition_lines)
    ]


def by_budget(summary, lines):
    """(budget in words, lines of the rows that have it)."""
    budgets = {row["budget"]: labels_text(row["budget"], row["labelled_slices"]) for row in summary}
    for budget, words in budgets.items():
        yield words, lines([row for row in summary if row["budget"] == budget])


def score_lines(rows, endpoint):
    means = {(row["arm"], row["metric"]): row for row in rows}
    shown = [metric for metric in SHOWN if any(key[1] == metric for key in means)]
    return [
        {"arm": BASELINES.get(arm, arm), "n_replicates": replicates(rows, arm, endpoint)}
        | {titled(metric): mean_text(means.get((arm, metric))) for metric in shown}
        for arm in dict.fromkeys(row["arm"] for row in rows)
    ]


def partition_lines(rows):
    means = {(row["arm"], row["metric"], row["convention"], row["scope"]): row for row in rows}
    return [
        {"score": titled(metric), "arm": BASELINES.get(arm, arm)}
        | {
            name: mean_text(means.get((arm, metric, *where)), interval=False)
            for name, where in COLUMNS.items()
        }
        for metric in PARTITIONS_SHOWN
        for arm in dict.fromkeys(row["arm"] for row in rows)
    ]


def replicates(rows, arm, endpoint):
    """How many replicates of an arm have the endpoint, and whether these are too few for more than a look.

    Other scores may be undefined in some of them: no verdict rests on those.
    """
    own = [row for row in rows if row["arm"] == arm]
    judged = [row for row in own if row["metric"] == endpoint] or own  # VOI has a table of its own
    row = max(judged, key=lambda one: one["n_replicates"])
    return f"{row['n_replicates']} (exploratory)" if row["note"] else str(row["n_replicates"])


def mean_text(row, *, interval=True):
    """The mean of a row of a summary, with its interval; "undefined" or "not trained" where there is none."""
    if row is None or is_missing(row["mean"]):
        untrained = row and str(row.get("reason")).startswith(NOT_TRAINED)
        return NOT_TRAINED if untrained else "undefined"
    mean = number_text(float(row["mean"]))
    if is_missing(row["low"]) or not interval:
        return mean
    numbers = (float(row[key]) for key in ("mean", "low", "high"))
    return block("mean", text=mean, around=around(*numbers, row["metric"]))
