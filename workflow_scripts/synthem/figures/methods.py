"""Scores of several methods on the same predictions, side by side."""

import numpy as np
from matplotlib.figure import Figure

from synthem.figures.sheets import WIDTH, arm_styles, png
from synthem.metrics.definitions import RANKING

SCORES = {
    "cremi_score": "CREMI score ↓",
    "voi": "VOI, bits ↓",
    "arand": "Rand error ↓",
    "v_rand": "V-Rand ↑",  # these two are always means of slices, as in the challenge of ISBI 2012
    "v_info": "V-Info ↑",
}
SCOPES = {"volume": "scored with cells followed through the volume", "slice": "scored slice by slice"}


def methods_plot(rows):
    """Rows of methods.csv -> a panel per score, a line per method: large marks are means, small ones runs.

    Of the most labels, by the convention `cremi`. The best mean CREMI score stands first. All rows have one
    scope: "volume", or "slice" where not every method follows cells through z.
    """
    most = max(row["labelled_slices"] for row in rows)
    rows = [row for row in rows if row["labelled_slices"] == most and row["convention"] == RANKING]
    methods = ranked(rows)
    arms = arm_styles(dict.fromkeys(row["arm"] for row in rows))
    figure = Figure(figsize=(WIDTH, 1.3 + len(methods) * (0.25 + 0.14 * len(arms))), layout="constrained")
    panels = figure.subplots(1, len(SCORES), sharey=True, squeeze=False)[0]
    for panel, (score, words) in zip(panels, SCORES.items(), strict=True):
        for number, (arm, (colour, marker)) in enumerate(arms.items()):
            shift = 0.6 * ((number + 0.5) / len(arms) - 0.5)
            for y, method in enumerate(methods):
                values = values_of(rows, score, method=method, arm=arm)
                small = {"markersize": 4, "alpha": 0.5, "markeredgewidth": 0}
                panel.plot(values, [y + shift] * len(values), marker, color=colour, **small)
                if values:
                    panel.plot(np.mean(values), y + shift, marker, color=colour, markersize=8)
        panel.set_title(words)
        if not values_of(rows, score):
            panel.text(0.5, 0.5, "undefined", ha="center", transform=panel.transAxes)
            panel.set_xticks([])
        else:
            panel.margins(x=0.15)
            panel.locator_params(axis="x", nbins=4)
    panels[0].set_yticks(range(len(methods)), methods)
    panels[0].set_ylim(len(methods) - 0.5, -0.5)
    marks = [
        panels[0].plot([], [], marker, color=colour, label=arm)[0] for arm, (colour, marker) in arms.items()
    ]
    figure.legend(handles=marks, loc="outside lower left", ncols=6)
    figure.supxlabel(f"{SCOPES[rows[0]['scope']]}", fontsize=10)
    return png(figure)


def ranked(rows):
    """Methods from the best mean CREMI score on; those that have none come last."""
    methods = dict.fromkeys(row["method"] for row in rows)
    scores = {method: values_of(rows, "cremi_score", method=method) for method in methods}
    return sorted(methods, key=lambda method: np.mean(scores[method]) if scores[method] else np.inf)


def values_of(rows, score, **where):
    """The scores of the rows in which all of `where` holds, without undefined ones."""
    chosen = [row for row in rows if all(row[key] == value for key, value in where.items())]
    return [row[score] for row in chosen if row[score] is not None]
