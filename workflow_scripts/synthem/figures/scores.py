"""Scores of the arms: against the number of labels, and as differences with intervals."""

import numpy as np
from matplotlib.figure import Figure

from synthem.figures.sheets import (
    GREY,
    INK,
    VERDICT_COLOURS,
    VERDICT_MARKERS,
    WIDTH,
    arm_styles,
    percent,
    png,
)
from synthem.metrics.definitions import NOT_TRAINED

METRIC_WORDS = {
    "iou": "IoU",
    "dice": "Dice",
    "precision": "precision",
    "recall": "recall",
    "accuracy": "accuracy",
    "ap50": "AP at IoU 0.5",
    "instance_f1": "instance F1",
}


def metric_word(metric):
    return METRIC_WORDS.get(metric, metric)


def learning_curve(summary, baselines=None, *, metric="iou", seeds=()):
    """Score against the labelled fraction: a line with intervals per arm, a point per seed.

    `summary` rows {arm, fraction, metric, mean, low, high}; `seeds` score rows {arm, fraction, <metric>};
    `baselines` {name: score of an answer that needs no network, None where it is undefined}.
    """
    baselines = {name: score for name, score in (baselines or {}).items() if score is not None}
    rows = [row for row in summary if row["metric"] == metric and row["fraction"] is not None]
    rows = [row for row in rows if row["mean"] is not None]
    styles = arm_styles(dict.fromkeys(row["arm"] for row in rows))
    fractions = sorted({row["fraction"] for row in rows})
    figure = Figure(figsize=(WIDTH, 4.6), layout="constrained")
    axes = figure.add_subplot(xscale="log")
    step = (1.6 * fractions[-1] / fractions[0]) ** 0.017  # between arms, on any span of fractions
    ends = {}
    for i, (arm, style) in enumerate(styles.items()):
        shift = step ** (i - (len(styles) - 1) / 2)
        own = sorted((row for row in rows if row["arm"] == arm), key=lambda row: row["fraction"])
        dots = [row for row in seeds if row["arm"] == arm and row[metric] is not None]
        draw_arm(axes, own, dots, metric, (shift, shift * step**0.4), style)
        ends[arm] = own[-1]["mean"]
    axes.set_xlim(fractions[0] / 1.25, fractions[-1] * 1.25)
    axes.set_xticks(fractions, [percent(fraction) for fraction in fractions])
    axes.minorticks_off()
    axes.set(
        xlabel="labelled slices used, of the training block",
        ylabel=f"{metric_word(metric)} on the test block",
    )
    for baseline in baselines.values():
        axes.axhline(baseline, color=GREY, linestyle=(0, (5, 3)), linewidth=1.3)
    texts = {arm: (ends[arm], styles[arm][0]) for arm in ends}
    texts |= {name: (baseline, GREY) for name, baseline in baselines.items()}
    label_ends(axes, texts)
    return png(figure)


def draw_arm(axes, rows, dots, metric, shifts, style):
    """One arm: mean with interval, and single seeds; `shifts` for both keep them from hiding each other."""
    colour, marker = style
    axes.plot(
        [row["fraction"] * shifts[1] for row in dots],
        [row[metric] for row in dots],
        linestyle="none",
        marker=marker,
        markersize=4.5,
        color=colour,
        alpha=0.5,
        markeredgewidth=0,
    )
    x = np.array([row["fraction"] * shifts[0] for row in rows])
    mean = np.array([row["mean"] for row in rows])
    # A single seed has no interval: the bar has no length then.
    low = np.array([row["mean"] if row["low"] is None else row["low"] for row in rows])
    high = np.array([row["mean"] if row["high"] is None else row["high"] for row in rows])
    bars = np.clip([mean - low, high - mean], 0, None)
    axes.errorbar(
        x, mean, bars, color=colour, marker=marker, markersize=7, linewidth=1.8, capsize=3, elinewidth=1.2
    )


def label_ends(axes, texts):
    """Write each of `texts` {text: (height, colour)} right of the axes at its height, none over another."""
    low, high = axes.get_ylim()
    ordered = sorted(texts.items(), key=lambda item: item[1][0])
    places = spread([height for _, (height, _) in ordered], least=0.06 * (high - low))
    for place, (text, (_, colour)) in zip(places, ordered, strict=True):
        axes.annotate(
            text,
            (1, place),
            xycoords=axes.get_yaxis_transform(),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontweight="bold",
            annotation_clip=False,
        )


def spread(heights, *, least):
    """Rising `heights`, moved apart in pairs until no two are closer than `least`."""
    places = list(heights)
    for _ in range(200):
        for i in range(len(places) - 1):
            lack = max(0.0, least - (places[i + 1] - places[i]))
            places[i], places[i + 1] = places[i] - lack / 2, places[i + 1] + lack / 2
    return places


def comparison_plot(comparisons, *, smallest_effect, confidence):
    """Forest plot of the differences to the reference; within the band of `smallest_effect` none matters."""
    figure = Figure(figsize=(WIDTH, 1.1 + 0.36 * len(comparisons)), layout="constrained")
    axes = figure.add_subplot()
    axes.axvspan(-smallest_effect, smallest_effect, color="#DDE3EA", linewidth=0, zorder=0)
    axes.axvline(0, color=INK, linewidth=1)
    for y, row in enumerate(comparisons):
        draw_difference(axes, y, row)
    axes.set_ylim(len(comparisons) - 0.4, -0.6)
    axes.set_yticks(range(len(comparisons)), [comparison_text(row) for row in comparisons])
    axes.grid(False, axis="y")
    axes.tick_params(axis="y", length=0)
    ends = [end for row in comparisons for end in ends_of(row)]
    least, most = min(ends + [-2 * smallest_effect]), max(ends + [2 * smallest_effect])
    margin = 0.06 * (most - least)
    axes.set_xlim(least - margin, most + margin)
    axes.set_xlabel(
        f"← worse      difference in IoU, with {percent(confidence)} interval      better →\n"
        f"in the shaded band (±{smallest_effect:g}) a difference counts as no effect"
    )
    return png(figure)


def draw_difference(axes, y, row):
    colour, marker = VERDICT_COLOURS[row["verdict"]], VERDICT_MARKERS[row["verdict"]]
    text = row["verdict"] if row["verdict"] == NOT_TRAINED else f"undefined   {row['verdict']}"
    if row["difference"] is not None:
        text = f"{row['difference']:+.3f}   {row['verdict']}".replace("-", "−")
        axes.plot(row["difference"], y, marker=marker, markersize=9, color=colour)
        if row["low"] is not None and row["high"] is not None:
            axes.hlines(y, row["low"], row["high"], color=colour, linewidth=2.4)
    place = {"xycoords": axes.get_yaxis_transform(), "xytext": (8, 0), "textcoords": "offset points"}
    axes.annotate(text, (1, y), **place, va="center", fontweight="bold", annotation_clip=False)


def ends_of(row):
    return [row[key] for key in ("difference", "low", "high") if row[key] is not None]


def comparison_text(row):
    return f"{row['arm']} against {row['reference']}, {percent(row['fraction'])} of labels"
