"""Scores of every pair of thresholds of the membrane watershed, as tables like Herreros Fraile's (2021)."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from synthem.figures.sheets import INK, VERMILLION, WIDTH, png

ERRORS = {"voi": "VOI", "voi_split": "split: cells cut up", "voi_merge": "merge: cells run together"}
CONVENTIONS = ("cremi", "paper")
DARK = 0.75  # of the scale: letters are white from here on


def grid_sheet(rows):
    """Rows of grid.csv, of one arm and budget -> a picture: VOI | split | merge, by convention.

    Means over runs in bits. A frame marks the lowest VOI of the convention `cremi`, which is fit to rank; a
    dashed one the lowest by `paper`, whose unscored borders flatter wide ones.
    """
    edges = sorted({row["edge_rise"] for row in rows})
    interiors = sorted({row["interior_threshold"] for row in rows})
    means = {
        convention: {error: mean_table(rows, convention, error, interiors, edges) for error in ERRORS}
        for convention in CONVENTIONS
    }
    best = {convention: lowest(tables["voi"]) for convention, tables in means.items()}
    figure = Figure(figsize=(WIDTH, 1.2 + 2 * (0.5 + 0.36 * len(interiors))), layout="constrained")
    axes = figure.subplots(len(CONVENTIONS), len(ERRORS), squeeze=False)
    for line, convention in zip(axes, CONVENTIONS, strict=True):
        for panel, (error, word) in zip(line, ERRORS.items(), strict=True):
            draw_table(panel, means[convention][error])
            frame(panel, best["cremi"], INK, "solid")
            frame(panel, best["paper"], VERMILLION, "dashed")
            panel.set_title(f"{word} ({convention})")
            panel.set_xticks(range(len(edges)), [f"+{edge:g}" for edge in edges])
            panel.set_yticks(range(len(interiors)), [f"{interior:g}" for interior in interiors])
        line[0].set_ylabel("interior threshold")
    for panel in axes[-1]:
        panel.set_xlabel("edge threshold, above the interior one")
    figure.supxlabel(
        "bits, fewer are better; frame: lowest VOI by cremi; dashed: lowest VOI by paper", fontsize=10
    )
    return png(figure)


def mean_table(rows, convention, error, interiors, edges):
    """float [interior, edge]: mean over runs; not-a-number where none has a score."""
    table = np.full((len(interiors), len(edges)), np.nan)
    for y, interior in enumerate(interiors):
        for x, edge in enumerate(edges):
            place = {"convention": convention, "interior_threshold": interior, "edge_rise": edge}
            chosen = [row for row in rows if all(row[key] == value for key, value in place.items())]
            values = [row[error] for row in chosen if row[error] is not None]
            table[y, x] = np.mean(values) if values else np.nan
    return table


def lowest(table):
    """(row, column) of the least number; None where there is none."""
    return None if np.isnan(table).all() else np.unravel_index(np.nanargmin(table), table.shape)


def draw_table(axes, table):
    """Numbers on a ground that is the darker, the larger they are."""
    known = table[~np.isnan(table)]
    low, high = (known.min(), known.max()) if len(known) else (0, 1)
    shade = (table - low) / max(high - low, 1e-9)
    axes.imshow(shade, cmap="Blues", vmin=0, vmax=1.25, aspect="auto")
    axes.grid(False)
    for (y, x), value in np.ndenumerate(table):
        text = "–" if np.isnan(value) else f"{value:.2f}"
        axes.text(x, y, text, ha="center", va="center", color="white" if shade[y, x] > DARK else INK)


def frame(axes, place, colour, style):
    if place is not None:
        box = Rectangle((place[1] - 0.46, place[0] - 0.46), 0.92, 0.92, fill=False)
        box.set(edgecolor=colour, linewidth=2.2, linestyle=style)
        axes.add_patch(box)
