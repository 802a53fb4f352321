"""Scores of the arms: against the number of labelled slices, and as differences with intervals."""

import math
import textwrap

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from synthem.figures.sheets import (
    BLUE,
    GREY,
    INK,
    VERDICT_COLOURS,
    VERDICT_MARKERS,
    WIDTH,
    png,
)
from synthem.metrics.columns import RUN
from synthem.metrics.definitions import BASELINES, RANKING, SCORES
from synthem.metrics.ranges import possible, possible_difference, within
from synthem.storage.naming import labels_text, percent

METRIC_WORDS = {"iou": "IoU", "dice": "Dice", "voi": "VOI, bits"}
ACROSS, PANEL_HEIGHT = 3, 2.9  # panels of the learning curves
MOST_BUDGETS = 4  # panels of differences in one row
# Dashes of what needs no network, so that grey lines can be told apart without colours.
DASHES = {
    "threshold": (0, (1, 2)),
    "smoothed": (0, (4, 2)),
    "forest": (0, (8, 2)),
    "everything": (0, (6, 2, 1, 2)),
}
FAINT = 0.45
NO_ANSWER = "no answer"
LOOKS = {  # of the reference, and of the arm beside it
    False: {"color": INK, "marker": "o", "markersize": 6, "linewidth": 1.8},
    True: {"color": BLUE, "marker": "s", "markersize": 6, "linewidth": 1.8},
}


def metric_word(metric):
    return METRIC_WORDS.get(metric, metric)


def rows_of_endpoint(of_masks, of_cells, endpoint):
    """The rows that hold the endpoint: of the masks of whole blocks, or of cells in slices, by what ranks."""
    if endpoint in SCORES:
        return [row for row in of_masks if row.get("scope", "volume") == "volume"]
    return [row for row in of_cells if (row["convention"], row["scope"]) == (RANKING, "slice")]


def runs_of_endpoint(of_masks, of_cells, endpoint):
    """The rows of single runs that hold the endpoint: of cells one for each run, the mean of its slices."""
    rows = rows_of_endpoint(of_masks, of_cells, endpoint)
    if endpoint in SCORES:
        return rows
    runs = {}
    for row in rows:
        runs.setdefault(tuple(row[name] for name in RUN), []).append(row[endpoint])
    known = {run: [value for value in values if value is not None] for run, values in runs.items()}
    return [
        dict(zip(RUN, run, strict=True)) | {endpoint: np.mean(values) if values else None}
        for run, values in known.items()
    ]


def learning_curves(summary, runs, *, reference, metric="iou", words=None):
    """Score against labelled slices: a panel per arm, with the curve of the arm `reference` in each.

    summary: rows {arm, labelled_slices, metric, mean, low, high}, baselines among them. runs: rows {arm,
    labelled_slices, <metric>} of single runs, small marks. words: {arm: what it learnt from}, below its name.
    """
    rows = [row for row in summary if row["metric"] == metric and row["mean"] is not None]
    runs = [row for row in runs if row[metric] is not None and row["arm"] not in BASELINES]
    arms = [arm for arm in dict.fromkeys(row["arm"] for row in rows) if arm not in BASELINES]
    shown = [arm for arm in arms if arm != reference] or arms
    across = min(ACROSS, len(shown))
    lines = math.ceil(len(shown) / across)
    figure = Figure(figsize=(WIDTH, 0.9 + lines * PANEL_HEIGHT), layout="constrained")
    panels = figure.subplots(lines, across, squeeze=False, sharex=True, sharey=True)
    baselines = visible([row for row in rows if row["arm"] in DASHES], runs, metric)
    for panel, arm in zip(panels.flat, shown, strict=False):
        for name in dict.fromkeys(row["arm"] for row in baselines):
            draw_baseline(panel, curve(baselines, name), name)
        for name in dict.fromkeys([reference, arm]):
            dots = [row for row in runs if row["arm"] == name]
            draw_arm(panel, curve(rows, name), dots, metric, aside=name != reference)
        add_title(panel, arm, (words or {}).get(arm, ""), width=165 // across)
    label_slices(panels, sorted({row["labelled_slices"] for row in rows}))
    for panel in panels.flat[len(shown) :]:
        panel.set_axis_off()
    for panel in panels[:, 0]:
        panel.set_ylabel(f"{metric_word(metric)} on the test block")
    figure.supxlabel("\n".join(["labelled slices used", *far_off(rows, baselines)]), fontsize=10)
    handles = learning_legend(baselines, reference, alone=shown == [reference])
    figure.legend(handles=handles, loc="outside upper left", ncols=4)
    return png(figure)


def curve(rows, arm):
    """The rows of one arm, by labelled slices."""
    return sorted((row for row in rows if row["arm"] == arm), key=lambda row: row["labelled_slices"])


def visible(baselines, runs, metric):
    """Rows of baselines that lie near the networks: one far off would press all curves together."""
    scores = [row[metric] for row in runs]
    if not scores:
        return baselines
    reach = max(0.1, 0.6 * (max(scores) - min(scores)))
    near = {row["arm"] for row in baselines if min(abs(row["mean"] - score) for score in scores) <= reach}
    return [row for row in baselines if row["arm"] in near]


def add_title(axes, arm, about, *, width):
    """The name of an arm, and small below it what it learns from, in at most two lines."""
    lines = textwrap.wrap(about.replace("`", ""), width, max_lines=2, placeholder=" ...")
    axes.set_title(arm, pad=5 + 11 * len(lines))
    place = {"xycoords": "axes fraction", "xytext": (0, 4), "textcoords": "offset points", "va": "bottom"}
    axes.annotate("\n".join(lines), (0, 1), **place, fontsize=8.5, color=GREY)


def draw_arm(axes, rows, dots, metric, *, aside):
    """One arm: its mean with interval, as far as values are possible, and single runs.

    aside: it is drawn a little beside its number of slices, so that it does not hide the reference.
    """
    bounds = possible(metric)
    shift, beyond = (1.035, 1.1) if aside else (1, 0.93)
    look = LOOKS[aside]
    small = {"marker": look["marker"], "color": look["color"], "alpha": FAINT, "markeredgewidth": 0}
    x = [row["labelled_slices"] * beyond for row in dots]
    axes.plot(x, [row[metric] for row in dots], linestyle="none", markersize=4, **small)
    x = np.array([row["labelled_slices"] * shift for row in rows])
    mean = np.array([row["mean"] for row in rows])
    # A single replicate has no interval: the bar has no length then.
    low, high = (
        np.array([row["mean"] if row[end] is None else within(row[end], bounds) for row in rows])
        for end in ("low", "high")
    )
    axes.errorbar(x, mean, np.clip([mean - low, high - mean], 0, None), capsize=2.5, elinewidth=1.1, **look)


def draw_baseline(axes, rows, name):
    """What needs no network, as a dashed line; one budget alone is drawn as a short one."""
    x = [row["labelled_slices"] for row in rows]
    y = [row["mean"] for row in rows]
    if len(x) == 1:
        x, y = [x[0] / 1.15, x[0] * 1.15], y * 2
    axes.plot(x, y, color=GREY, linestyle=DASHES[name], linewidth=1.3)


def label_slices(panels, slices):
    """One logarithmic axis for all panels, with a tick at each number of labelled slices."""
    axes = panels[0, 0]
    axes.set_xscale("log")
    axes.set_xlim(slices[0] / 1.25, slices[-1] * 1.3)
    axes.set_xticks(slices, [f"{number:g}" for number in slices])
    axes.minorticks_off()
    for panel in panels.flat:
        panel.tick_params(labelbottom=True)


def learning_legend(baselines, reference, *, alone):
    """Handles: reference, arm, single runs, and the baselines that are drawn."""
    dot = {"color": GREY, "marker": "o", "markersize": 4, "linestyle": "none"}
    handles = [Line2D([], [], **LOOKS[False], label=f"{reference}{'' if alone else ' (the reference)'}")]
    handles += [] if alone else [Line2D([], [], **LOOKS[True], label="the arm of the panel")]
    handles += [Line2D([], [], **dot, label="one run")]
    for name in dict.fromkeys(row["arm"] for row in baselines):
        handles.append(
            Line2D([], [], color=GREY, linewidth=1.3, linestyle=DASHES[name], label=BASELINES[name])
        )
    return handles


def far_off(rows, drawn):
    """A line with the means of baselines that lie too far from the networks to be drawn, if any do."""
    names = dict.fromkeys(row["arm"] for row in rows if row["arm"] in DASHES)
    lacking = [name for name in names if name not in {row["arm"] for row in drawn}]
    means = {name: np.mean([row["mean"] for row in curve(rows, name)]) for name in lacking}
    if means:
        yield "far off: " + ", ".join(f"{BASELINES[name]} {mean:.2f}" for name, mean in means.items())


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


def comparison_plot(comparisons, *, smallest_effect, confidence, metric="iou"):
    """Differences to the reference: a panel per label budget, a line per arm, coloured by its verdict.

    Within the band of `smallest_effect` no difference matters.
    """
    arms = list(dict.fromkeys(row["arm"] for row in comparisons))
    budgets = {row["budget"]: labels_text(row["budget"], row.get("labelled_slices")) for row in comparisons}
    across = max(1, min(MOST_BUDGETS, len(budgets)))
    lines = max(1, math.ceil(len(budgets) / across))
    figure = Figure(figsize=(WIDTH, 1.2 + lines * (0.45 + 0.31 * len(arms))), layout="constrained")
    panels = figure.subplots(lines, across, squeeze=False, sharex=True, sharey=True)
    for panel, (budget, words) in zip(panels.flat, budgets.items(), strict=False):
        panel.axvspan(-smallest_effect, smallest_effect, color="#DDE3EA", linewidth=0, zorder=0)
        panel.axvline(0, color=INK, linewidth=1)
        for row in comparisons:
            if row["budget"] == budget:
                draw_difference(panel, arms.index(row["arm"]), row, metric)
        panel.set_title(words)
    for panel in panels.flat[len(budgets) :]:
        panel.set_axis_off()
    set_ranges(panels[0, 0], comparisons, arms, smallest_effect, metric)
    figure.supxlabel(
        f"{metric_word(metric)} of the arm less that of {reference_of(comparisons)}, with "
        f"{percent(confidence)} interval; shaded: within ±{smallest_effect:g} a difference does not matter",
        fontsize=10,
    )
    found = dict.fromkeys(row["verdict"] for row in comparisons)
    marks = [verdict_mark(verdict) for verdict in VERDICT_COLOURS if verdict in found]
    if marks:
        figure.legend(handles=marks, loc="outside upper left", ncols=len(marks))
    return png(figure)


def reference_of(comparisons):
    return comparisons[0]["reference"] if comparisons else "the reference"


def set_ranges(axes, comparisons, arms, smallest_effect, metric):
    """Both axes, which all panels share: arms from the top down, differences with a margin."""
    axes.set_ylim(len(arms) - 0.4, -0.6)
    axes.set_yticks(range(len(arms)), arms)
    axes.tick_params(axis="y", length=0)
    ends = [end for row in comparisons if row["verdict"] != NO_ANSWER for end in ends_of(row, metric)]
    least, most = min(ends + [-2 * smallest_effect]), max(ends + [2 * smallest_effect])
    margin = 0.06 * (most - least)
    axes.set_xlim(least - margin, most + margin)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    for panel in axes.figure.axes:
        panel.tick_params(axis="x", labelsize=8.5)


def draw_difference(axes, y, row, metric):
    """A mark with its interval, and the number at the right edge; a row without a number says so."""
    colour = VERDICT_COLOURS[row["verdict"]]
    text = row["verdict"]
    if row["difference"] is not None and text != NO_ANSWER:  # there, a number would be taken for one
        text = f"{round(row['difference'], 3) or 0.0:+.3f}".replace("-", "−").replace("+0.000", "0.000")
        axes.plot(row["difference"], y, markersize=7, color=colour, marker=VERDICT_MARKERS[row["verdict"]])
        if row["low"] is not None and row["high"] is not None:
            axes.hlines(y, *ends_of(row, metric)[1:], color=colour, linewidth=2.2)
    place = {"xycoords": axes.get_yaxis_transform(), "xytext": (4, 0), "textcoords": "offset points"}
    axes.annotate(text, (1, y), **place, va="center", fontsize=8.5, color=colour, annotation_clip=False)


def verdict_mark(verdict):
    look = {"color": VERDICT_COLOURS[verdict], "marker": VERDICT_MARKERS[verdict], "linestyle": "none"}
    return Line2D([], [], markersize=7, label=verdict, **look)


def ends_of(row, metric):
    """The difference and both ends of its interval, as far as differences are possible."""
    bounds = possible_difference(metric)
    return [within(row[key], bounds) for key in ("difference", "low", "high") if row[key] is not None]
