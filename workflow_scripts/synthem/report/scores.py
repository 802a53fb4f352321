"""Summaries of scores as tables that fit on a screen: a line per score, not a line per number."""

from synthem.metrics.masks import BASELINE
from synthem.metrics.meanings import PARTITIONS, SCORES
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
OF_BASELINE = "grey threshold"


def score_tables(summary, *, caption):
    """Rows of summary.csv -> a table per label fraction: scores down, arms and the baseline across."""
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
    """(fraction, lines of the rows that have it); the baseline, which has none, stands in each."""
    fractions = dict.fromkeys(row["fraction"] for row in summary if row["arm"] != BASELINE)
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
            "arm": arm if arm != BASELINE else OF_BASELINE,
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
    return OF_BASELINE if arm == BASELINE else f"arm {arm}"


def mean_text(row, *, interval=True):
    """The mean of a row of a summary, with its interval; "undefined" where there is none."""
    if row is None or is_missing(row["mean"]):
        return "undefined"
    mean = number_text(float(row["mean"]))
    if is_missing(row["low"]) or not interval:
        return mean
    # An interval is one word: it does not break at the end of a line.
    return f"{mean} ({number_text(float(row['low']))} to {number_text(float(row['high']))})".replace(
        " to ", TO
    )
