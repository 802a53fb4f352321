"""Scores against the number of labelled slices, and how many of them an arm is worth."""

import numpy as np
from matplotlib.figure import Figure

from synthem.figures.scores import label_ends, metric_word
from synthem.figures.sheets import GREY, INK, WIDTH, arm_styles, png

PANEL_HEIGHT = 3.6
ACROSS = 2


def saving_figure(curves, rows, *, reference, endpoint):
    """A panel per arm beside the reference: a thin curve for each replicate, a thick one for their mean.

    curves {arm: (slices [B], scores [R, B], NaN where there is none)}; rows: of saving.csv. From each mean
    of an arm an arrow leads to where the reference is as good; the bar under it is its interval. An arrow
    that leaves the panel has no end: the reference is nowhere as good, or always better.
    """
    arms = [arm for arm, (_, scores) in curves.items() if arm != reference and np.isfinite(scores).any()]
    styles = arm_styles([reference, *arms])
    across = min(ACROSS, max(1, len(arms)))
    down = -(-max(1, len(arms)) // across)
    figure = Figure(figsize=(WIDTH, 0.5 + PANEL_HEIGHT * down), layout="constrained")
    panels = figure.subplots(down, across, squeeze=False, sharey=True)
    for axes, arm in zip(panels.flat, arms or [reference], strict=False):
        for name in dict.fromkeys((reference, arm)):
            draw_curves(axes, *curves[name], styles[name])
        axes.set_xscale("log")
        _slices_axis(axes, curves[reference][0])
    for axes in panels.flat[max(1, len(arms)) :]:
        axes.set_axis_off()
    low, high = panels[0, 0].get_ylim()
    panels[0, 0].set_ylim(low - 0.12 * (high - low), high)  # room for the bars of intervals
    for axes, arm in zip(panels.flat, arms, strict=False):
        own = [row for row in rows if row["arm"] == arm and row["equal_slices"] is not None]
        for place, row in enumerate(own):
            draw_reading(axes, row, place, styles[arm])
        ends = {name: (last_mean(curves[name][1]), styles[name][0]) for name in (reference, arm)}
        label_ends(axes, ends)
    figure.supylabel(f"{metric_word(endpoint)} on the test block", fontsize=10)
    figure.supxlabel(
        "labelled slices, validation included; thin: one replicate, thick: their mean\n"
        f"arrows: so many slices of {reference} are as good; bars: interval",
        fontsize=10,
    )
    return png(figure)


def draw_curves(axes, slices, scores, style):
    colour, marker = style
    for row in scores:
        axes.plot(slices, row, color=colour, linewidth=0.8, alpha=0.35)
    known = np.isfinite(scores).any(axis=0)
    mean = np.nanmean(scores[:, known], axis=0)
    axes.plot(slices[known], mean, color=colour, marker=marker, markersize=7, linewidth=2.4)


def draw_reading(axes, row, place, style):
    """The arrow of one row at the height of the arm, and its interval as a bar at the foot of the panel."""
    own, score = row["labelled_slices"], row["arm_score"]
    left, right = axes.get_xlim()
    end = min(max(row["equal_slices"], left), right)
    arrow = {"arrowstyle": "-|>", "color": INK, "linewidth": 1.4, "shrinkA": 4, "shrinkB": 0}
    if abs(np.log(end / own)) > 0.02:
        axes.annotate("", (end, score), (own, score), arrowprops=arrow, annotation_clip=False)
    foot = axes.get_ylim()[0] + (0.02 + 0.028 * place) * np.ptp(axes.get_ylim())
    low, high = (min(max(row[key], left), right) for key in ("low", "high"))
    axes.hlines(foot, low, high, color=style[0], linewidth=2.2)
    if low == high:  # all of it lies beyond the edge
        axes.plot(low, foot, marker="<" if low == left else ">", color=style[0], clip_on=False)
    axes.plot(own, foot, marker="|", color=INK, markersize=7)
    if left < row["equal_slices"] < right:
        axes.plot(row["equal_slices"], foot, marker=style[1], markersize=5, color=style[0])
        axes.vlines(row["equal_slices"], foot, score, color=GREY, linewidth=0.7, linestyle=(0, (2, 2)))


def last_mean(scores):
    """The mean at the largest budget that has any score."""
    known = np.isfinite(scores).any(axis=0)
    return float(np.nanmean(scores[:, known][:, -1]))


def _slices_axis(axes, slices):
    axes.set_xlim(slices[0] / 1.25, slices[-1] * 1.25)
    axes.set_xticks(slices, [f"{number:g}" for number in slices])
    axes.minorticks_off()
