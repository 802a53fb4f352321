"""Scores of membrane networks against the noise that they learnt with."""

import numpy as np
from matplotlib.figure import Figure

from synthem.figures.sheets import BLUE, GREY, VERMILLION, WIDTH, png

SCORES = {
    "f1": "F1 ↑",
    "precision": "precision ↑",
    "recall": "recall ↑",
    "closed": "closed membranes ↑",
}
MARGIN = 0.1  # above and below all marks
BLOCKS = {  # of the table: words, colour, marker
    "source_learnt": ("source, learnt from", GREY, "s"),
    "source_held_out": ("source, held out", BLUE, "o"),
    "target": ("target", VERMILLION, "^"),
}


def noise_plot(rows):
    """Rows of membranes.csv -> a panel per score, a line per block: means of the variants with equal noise.

    Where several variants have one noise, small marks are the single ones.
    """
    figure = Figure(figsize=(WIDTH, 3.1), layout="constrained")
    panels = figure.subplots(1, len(SCORES), sharey=True)
    for panel, (score, words) in zip(panels, SCORES.items(), strict=True):
        for block, (_, colour, marker) in BLOCKS.items():
            draw_block(panel, points_of(rows, score, block), colour, marker)
        panel.set_title(words)
        panel.set_xlabel("noise in training")
    panels[0].set_ylabel("score (no unit)")
    values = [row["value"] for row in rows if row["score"] in SCORES and row["value"] is not None]
    if values:  # the axis shows what differs, but never luck alone in large
        panels[0].set_ylim(max(-0.02, min(values) - MARGIN), min(1.02, max(values) + MARGIN))
    shown = dict.fromkeys(row["block"] for row in rows if row["value"] is not None)
    marks = [
        panels[0].plot([], [], marker + "-", color=colour, label=words)[0]
        for block, (words, colour, marker) in BLOCKS.items()
        if block in shown
    ]
    figure.legend(handles=marks, loc="outside lower left", ncols=len(marks) or 1)
    return png(figure)


def draw_block(panel, points, colour, marker):
    for noise, values in points.items():
        panel.plot([noise] * len(values), values, marker, color=colour, markersize=4, alpha=0.5)
    means = [np.mean(values) for values in points.values()]
    panel.plot(list(points), means, marker + "-", color=colour, markersize=7, linewidth=1.6)


def points_of(rows, score, block):
    """{noise: values}, rising, of the rows that have one."""
    points = {}
    for row in sorted(rows, key=lambda row: row["noise"]):
        if (row["score"], row["block"]) == (score, block) and row["value"] is not None:
            points.setdefault(row["noise"], []).append(row["value"])
    return points
