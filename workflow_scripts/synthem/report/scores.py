"""Summaries of scores as tables that fit on a screen: a line per score, not a line per number."""

from synthem.metrics.definitions import BASELINES, NOT_TRAINED, PARTITIONS, SCORES
from synthem.report.blocks import is_missing, number_text, percent, table, word

SHOWN = (
    *("iou", "precision", "recall", "boundary_f1", "assd_nm", "hd95_nm"),
    *("ap50", "instance_f1", "pq", "count_error"),
)
PARTITIONS_SHOWN = ("voi_split", "voi_merge", "voi", "arand", "cremi_score", "v_rand", "v_info")
CONVENTIONS = ("cremi", "paper", "full")
COLUMNS = {name: (name, "volume") for name in CONVENTIONS} | {"cremi, slice by slice": ("cremi", "slice")}
ARROWS = {1: "\N{NO-BREAK SPACE}↑", 0: "\N{NO-BREAK SPACE}↓", None: ""}
TO = "\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}"


def score_tables(summary, *, caption):
    """Rows of summary.csv -> a table per label fraction: scores down, arms and baselines across."""
    return [
        table(rows, caption=f"{percent(fraction)} of the labels. {caption}")
        for fraction, rows in by_fraction(summary, score_lines)
    ]


def partition_tables(summary, *, caption):
    """Rows of partition_summary.csv -> a table per fraction: score and arm down, conventions across."""
    return [
        table(rows, caption=f"{percent(fraction)} of the labels. {caption}")
        for fraction, rows in by_fraction(summary, partition_lines)
    ]


def by_fraction(summary, lines):
    """(fraction, lines of the rows that have it); baselines, which have none, stand in each."""
    fractions = dict.fromkeys(row["fraction"] for row in summary if row["arm"] not in BASELINES)
    for fraction in fractions:
        yield fraction, lines([row for row in summary if row["fraction"] in (fraction, None)])


def score_lines(rows):
    arms = dict.fromkeys(row["arm"] for row in rows)
    means = {(row["arm"], row["metric"]): row for row in rows}
    shown = [metric for metric in SHOWN if any((arm, metric) in means for arm in arms)]
    return [
        {"score": word(metric) + ARROWS[SCORES[metric].best]}
        | {heading(arm): mean_text(means.get((arm, metric))) for arm in arms}
        for metric in shown
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


def heading(arm):
    """Of a column; an arm may be called like a column that is there already."""
    return BASELINES.get(arm, f"arm {arm}")


def mean_text(row, *, interval=True):
    """The mean of a row of a summary, with its interval; "undefined" or "not trained" where there is none."""
    if row is None or is_missing(row["mean"]):
        untrained = row and str(row.get("reason")).startswith(NOT_TRAINED)
        return NOT_TRAINED if untrained else "undefined"
    mean = number_text(float(row["mean"]))
    if is_missing(row["low"]) or not interval:
        return mean
    # An interval is one word: it does not break at the end of a line.
    return f"{mean} ({number_text(float(row['low']))} to {number_text(float(row['high']))})".replace(
        " to ", TO
    )
