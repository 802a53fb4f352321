"""Losses while networks train."""

import math

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator

from synthem.figures.sheets import BLUE, GREEN, INK, ORANGE, PURPLE, SKY, VERMILLION, WIDTH, png

LINE_COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, INK)
VALIDATION = "validation_"
LOSS_WORDS = {
    "bce": "cross-entropy",
    "dice": "Dice loss",
    "cldice": "centre line Dice loss",
    "adversarial": "adversarial loss",
    "adversary": "discriminator of maps",
    "d_real": "discriminator, real images",
    "d_fake": "discriminator, generated images",
    "g_loss": "generator, sum",
    "g_adversarial": "generator, adversarial",
    "g_l1": "generator, L1",
    "g_mode_seeking": "generator, mode seeking",
    "g_texture": "generator, grain",
    "g_features": "generator, feature matching",
    "d_r1": "discriminator, gradient penalty",
    "d_slope": "discriminator, slope beside 1",
    "d_drift": "discriminator, drift",
    "d_label_mix": "discriminator, LabelMix",
    "ada_probability": "probability of augmentation",
    "validation_loss": "validation loss",
    "validation_iou": "validation IoU",
}
HELD_OUT = ("d_real", "d_fake", "g_loss", "g_adversarial", "g_l1")  # where a generator is validated
LOSS_WORDS |= {VALIDATION + name: f"{LOSS_WORDS[name]}, held out" for name in HELD_OUT}
NO_LOSS = ("step", "run")
PANELS_ACROSS, PANEL_HEIGHT = 3, 2.3
LONG = 30  # letters of a legend, of which four do not fit side by side


def training_curves(histories):
    """One panel per name of `histories` {name: rows}; in it a line per loss column.

    A row is {"step": int, column: number or blank ...}. Rows may carry a "run": one line for each.
    Columns named `validation_...` are drawn with markers. Panels with equal columns stand together, with
    one legend and one scale.
    """
    groups = {}
    for name, rows in histories.items():
        losses = tuple(dict.fromkeys(key for row in rows for key in row if key not in NO_LOSS))
        groups.setdefault(losses, {})[name] = rows
    heights = [group_height(group) for group in groups.values()]
    figure = Figure(figsize=(WIDTH, 0.3 + sum(heights)), layout="constrained")
    figure.suptitle("Losses of every network", fontsize=11, fontweight="bold", x=0.01, ha="left")
    parts = figure.subfigures(len(groups), 1, height_ratios=heights, squeeze=False)[:, 0]
    for part, (losses, group) in zip(parts, groups.items(), strict=True):
        draw_group(part, group, losses)
    return png(figure)


def group_height(group):
    return 0.6 + PANEL_HEIGHT * math.ceil(len(group) / PANELS_ACROSS)


def draw_group(figure, histories, losses):
    """Panels of one scale in a part of the figure."""
    plain = dict.fromkeys(column.removeprefix(VALIDATION) for column in losses)
    colours = {name: LINE_COLOURS[i % len(LINE_COLOURS)] for i, name in enumerate(plain)}
    across = min(PANELS_ACROSS, len(histories))
    axes = figure.subplots(math.ceil(len(histories) / across), across, squeeze=False, sharey=True)
    for panel, (name, rows) in zip(axes.flat, histories.items(), strict=False):
        panel.set_title(name)
        for column in losses:
            draw_loss(panel, rows, column, colours[column.removeprefix(VALIDATION)])
    if spans_decades(histories, losses):
        axes[0, 0].set_yscale("log")
        axes[0, 0].yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes[0, 0].yaxis.set_major_formatter("{x:g}")
        axes[0, 0].yaxis.set_minor_formatter("")
    for panel in axes.flat[len(histories) :]:
        panel.set_axis_off()
    for panel in axes[:, 0]:
        panel.set_ylabel("loss or score (no unit)")
    for column, panel in enumerate(axes[-1]):
        lowest = panel if panel.axison else axes[-2, column]
        lowest.set_xlabel("training step")
    lines = [legend_line(c, colours) for c in losses]
    ncols = 3 if max(len(line.get_label()) for line in lines) > LONG else 4
    figure.legend(handles=lines, loc="outside lower left", ncols=ncols)


def draw_loss(axes, rows, column, colour):
    """One column of a history: raw light and smoothed strong, or markers where it is a validation loss."""
    for run in dict.fromkeys(row.get("run") for row in rows):
        points = [(number(row["step"]), number(row.get(column))) for row in rows if row.get("run") == run]
        points = np.array([point for point in points if math.isfinite(point[1])]).reshape(-1, 2)
        if column.startswith(VALIDATION):
            axes.plot(
                *points.T, color=colour, marker="o", markersize=4, markerfacecolor="white", linewidth=0.9
            )
        else:
            axes.plot(*points.T, color=colour, linewidth=0.7, alpha=0.25)
            axes.plot(points[:, 0], smoothed(points[:, 1]), color=colour, linewidth=1.6)


def smoothed(values):
    """Moving mean [n] -> [n] over a twentieth of the curve; at the ends over what there is of it."""
    window = np.ones(max(1, len(values) // 20) | 1)
    if len(values) < len(window):
        return values
    return np.convolve(values, window, "same") / np.convolve(np.ones_like(values), window, "same")


def spans_decades(histories, losses):
    """Whether all losses are positive and differ so much that a plain axis would hide the small ones."""
    values = [number(row.get(column)) for rows in histories.values() for row in rows for column in losses]
    values = [value for value in values if math.isfinite(value)]
    return bool(values) and min(values) > 0 and max(values) > 10 * min(values)


def legend_line(column, colours):
    validation = column.startswith(VALIDATION)
    style = (
        {"marker": "o", "markersize": 4, "markerfacecolor": "white", "linewidth": 0.9} if validation else {}
    )
    colour = colours[column.removeprefix(VALIDATION)]
    return Line2D([], [], color=colour, label=LOSS_WORDS.get(column, column.replace("_", " ")), **style)


def number(value):
    """A cell of a table as float; not-a-number where it is blank."""
    return math.nan if value in (None, "") else float(value)
