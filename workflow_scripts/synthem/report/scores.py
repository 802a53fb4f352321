"""Summaries of scores as tables that fit on a screen: a line per arm, not a line per number."""

from synthem.metrics.definitions import BASELINES, NOT_TRAINED, PARTITIONS, SCORES
from synthem.report.blocks import Html, folded, is_missing, number_text, table, word
from synthem.storage.naming import labels_text

SHOWN = (
    *("iou", "segmented_iou", "precision", "recall", "boundary_f1", "hd95_nm"),
    *("ap50", "instance_f1", "pq", "count_error"),
)
PARTITIONS_SHOWN = ("voi_split", "voi_merge", "voi", "arand", "cremi_score", "v_rand", "v_info")
CONVENTIONS = ("cremi", "challenge", "paper", "full")
COLUMNS = {name: (name, "volume") for name in CONVENTIONS} | {"cremi, slice by slice": ("cremi", "slice")}
ARROWS = {1: "\N{NO-BREAK SPACE}↑", 0: "\N{NO-BREAK SPACE}↓", None: ""}
TO = "\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}"


def score_tables(summary, *, caption):
    """Rows of summary.csv -> a table per label budget: arms and baselines down, scores across."""
    found = list(by_budget(summary, score_lines))
    captions = [caption, *[""] * len(found)]  # what is explained once need not be read again
    return [
        table(lines, caption=f"{words}. {also}".strip())
        for (words, lines), also in zip(found, captions, strict=False)
    ]


def partition_tables(summary, *, caption):
    """Rows of partition_summary.csv -> a folded table per budget: score and arm down, conventions across."""
    return [
        folded(f"VOI and Rand, {words}", table(lines, caption=caption))
        for words, lines in by_budget(summary, partition_lines)
    ]


def by_budget(summary, lines):
    """(budget in words, lines of the rows that have it)."""
    budgets = {row["budget"]: labels_text(row["budget"], row["labelled_slices"]) for row in summary}
    for budget, words in budgets.items():
        yield words, lines([row for row in summary if row["budget"] == budget])


def score_lines(rows):
    means = {(row["arm"], row["metric"]): row for row in rows}
    shown = [metric for metric in SHOWN if any(key[1] == metric for key in means)]
    return [
        {"arm": BASELINES.get(arm, arm), "n_replicates": replicates(rows, arm)}
        | {
            word(metric) + ARROWS[SCORES[metric].best]: mean_text(means.get((arm, metric)))
            for metric in shown
        }
        for arm in dict.fromkeys(row["arm"] for row in rows)
    ]


def partition_lines(rows):
    means = {(row["arm"], row["metric"], row["convention"], row["scope"]): row for row in rows}
    return [
        {
            "score": word(metric) + ARROWS[PARTITIONS[metric].best],
            "arm": BASELINES.get(arm, arm),
        }
        | {
            name: mean_text(means.get((arm, metric, *where)), interval=False)
            for name, where in COLUMNS.items()
        }
        for metric in PARTITIONS_SHOWN
        for arm in dict.fromkeys(row["arm"] for row in rows)
    ]


def replicates(rows, arm):
    """How many replicates the means of an arm are of, and whether these are too few for more than a look."""
    own = [row for row in rows if row["arm"] == arm]
    most = max(row["n_replicates"] for row in own)
    return f"{most} (exploratory)" if any(row["note"] for row in own) else str(most)


def mean_text(row, *, interval=True):
    """The mean of a row of a summary, with its interval; "undefined" or "not trained" where there is none."""
    if row is None or is_missing(row["mean"]):
        untrained = row and str(row.get("reason")).startswith(NOT_TRAINED)
        return NOT_TRAINED if untrained else "undefined"
    mean = number_text(float(row["mean"]))
    if is_missing(row["low"]) or not interval:
        return mean
    ends = TO.join(number_text(float(row[end])) for end in ("low", "high"))
    return Html(f'{mean}<span class="soft">{ends}</span>')
