"""Any score over the steps of trainings: a line for each arm, variant or data set, from a long table."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from synthem.figures.sheets import ARM_COLOURS, ARM_MARKERS, GREY, WIDTH, png
from synthem.metrics.ranges import half_width, level_interval, possible

PANEL_HEIGHT = 2.3
CONFIDENCE = 0.95
BAND = 0.18  # opacity
THIN = 0.5
FEW = 3  # replicates that a band needs: an interval of two is 13 times as wide as they lie apart
MARGIN = 0.05  # of the axis, beyond the bounds of a score
BEYOND = 0.6  # of the range of the lines: what of a band lies further off is cut


def score_curves(rows, *, by, words, floors=(), block_words=None):
    """A row of panels for each score, a column for each block; in them a line for each of `by`.

    rows: {by, block, replicate, step, score, value, low, high} in long form; those without a value are left
    out, other columns count for nothing. words {score: what it is}: the scores to draw, in order. A line is
    the mean over replicates (seeds and the like in one), which stand beside it as thin lines; a band is its
    95 % interval, of three replicates and more, or the own interval of one that is alone. floors: rows
    {block, score, low, high}, together a grey band. block_words: as `words`, for columns.
    """
    rows = [row for row in rows if row["value"] is not None]
    known = [score for score in words if any(row["score"] == score for row in rows)]
    columns = list(dict.fromkeys(row.get("block") for row in rows)) or [None]
    names = list(dict.fromkeys(row[by] for row in rows))
    styles = dict(zip(names, looks(len(names)), strict=True))
    height = 0.7 + PANEL_HEIGHT * max(len(known), 1)
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    panels = figure.subplots(max(len(known), 1), len(columns), squeeze=False, sharex=True, sharey="row")
    for line, score in zip(panels, known, strict=False):
        for panel, column in zip(line, columns, strict=True):
            here = [row for row in rows if row["score"] == score and row.get("block") == column]
            own = [row for row in floors if row["score"] == score and row.get("block") == column]
            if own:
                low, high = (np.mean([row[end] for row in own]) for end in ("low", "high"))
                panel.axhspan(low, high, color=GREY, alpha=BAND, linewidth=0, zorder=0)
            for name in names:
                draw_line(panel, [row for row in here if row[by] == name], *styles[name])
        line[0].set_ylabel(words[score])
        line[0].set_ylim(*limits(line, possible(name_of(score))))
    for panel, column in zip(panels[0], columns, strict=True):
        panel.set_title((block_words or {}).get(column, "" if column is None else str(column)))
    for panel in panels[-1]:
        panel.set_xlabel("training step")
        panel.xaxis.get_major_locator().set_params(integer=True)
    handles = [Line2D([], [], color=c, marker=m, markersize=5, label=name) for name, (c, m) in styles.items()]
    if floors:
        handles.append(Patch(color=GREY, alpha=BAND, label="the same of real images (95 % interval)"))
    if handles:
        figure.legend(handles=handles, loc="outside lower left", ncols=4)
    return png(figure)


def looks(count):
    """(colour, marker) of each line; none is black or grey, the colours of what is real."""
    colours = ARM_COLOURS[1:]  # 6, and 7 markers: 42 lines before two are alike
    return [(colours[i % len(colours)], ARM_MARKERS[i % len(ARM_MARKERS)]) for i in range(count)]


def limits(panels, bounds=(-np.inf, np.inf)):
    """The ends of an axis, by its lines and floors, hardly beyond the bounds of their score.

    Not by its bands: the interval of two replicates may be a hundred times as wide.
    """
    heights = [height for panel in panels for line in panel.lines for height in line.get_ydata()]
    for panel in panels:
        for floor in panel.patches:
            heights += [floor.get_y(), floor.get_y() + floor.get_height()]
    low, high = min(heights), max(heights)
    far = BEYOND * (high - low) or BEYOND * abs(high) or 1
    margin = MARGIN * (high - low + far)  # a line along a bound is seen
    foot = -0.05 * high if 0 <= low < far else low - far
    return max(foot, bounds[0] - margin), min(high + far, bounds[1] + margin)


def over_replicates(rows):
    """[(step, mean, low, high)] by step; low and high are None where there is no interval."""
    found = []
    for step in sorted({row["step"] for row in rows}):
        here = [row for row in rows if row["step"] == step]
        values = np.array([*of_replicates(here).values()])
        low = high = None
        if len(here) == 1:
            low, high = here[0].get("low"), here[0].get("high")
        elif len(values) >= FEW:
            half = half_width(values.std(ddof=1), len(values), CONFIDENCE)
            (low,), (high,) = level_interval(
                values.mean(keepdims=True), half, [possible(name_of(here[0]["score"]))]
            )
        found.append((step, float(values.mean()), low, high))
    return found


def name_of(score):
    """The name of a score, which may stand with its convention."""
    return score if isinstance(score, str) else score[0]


def of_replicates(rows):
    """{replicate: mean of its values}."""
    values = {}
    for row in rows:
        values.setdefault(row.get("replicate"), []).append(row["value"])
    return {replicate: np.mean(own) for replicate, own in values.items()}


def draw_line(axes, rows, colour, marker):
    if not rows:
        return
    steps, means, lows, highs = zip(*over_replicates(rows), strict=True)
    for replicate in of_replicates(rows):
        own = over_replicates([row for row in rows if row.get("replicate") == replicate])
        axes.plot(*list(zip(*own, strict=True))[:2], color=colour, alpha=THIN, linewidth=0.7)
    # Many points are a line; a mark at each would hide it.
    axes.plot(
        steps, means, color=colour, marker=marker if len(steps) <= 30 else None, markersize=4.5, linewidth=1.4
    )
    whole = [(step, low, high) for step, low, high in zip(steps, lows, highs, strict=True) if low is not None]
    if len(whole) == 1:  # a band of one step cannot be seen; as a line, the axis has room for it
        step, *ends = whole[0]
        axes.plot([step, step], ends, color=colour, linewidth=1.4)
    elif whole:
        axes.fill_between(*zip(*whole, strict=True), color=colour, alpha=BAND, linewidth=0)
