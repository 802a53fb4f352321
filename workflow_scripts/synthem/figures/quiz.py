"""The blind study: how often people took images of each source for real."""

from matplotlib.figure import Figure

from synthem.figures.sheets import BLUE, GREY, ORANGE, WIDTH, png
from synthem.quiz.patches import TEST, TRAINING
from synthem.quiz.scoring import CHANCE, EVERYONE, GENERATED, REAL


def quiz_plot(rows):
    """Rows of quiz.csv -> left, right answers of each person; right, what each source was taken for.

    Diamonds: means over persons, with an interval for other persons and images; of one person alone, with
    that of the answers. Dots: persons.
    """
    right = [row for row in rows if row["score"] == "accuracy"]
    called = [row for row in rows if row["score"] == "called_real" and row["source"] not in (REAL, GENERATED)]
    persons = [row["person"] for row in right]
    sources = list(dict.fromkeys(row["source"] for row in called))
    figure = Figure(figsize=(WIDTH, 1.5 + 0.32 * max(len(persons), len(sources))), layout="constrained")
    left, beside = figure.subplots(1, 2)
    for y, row in enumerate(right):
        _mark(left, y, row, large=row["person"] == EVERYONE, colour=BLUE)
    left.axvline(CHANCE, color=GREY, linestyle="--", linewidth=1)
    left.set_title("right answers (dashed: chance)")
    left.set_yticks(range(len(persons)), persons)
    for y, source in enumerate(sources):
        colour = BLUE if source in (TEST, TRAINING) else ORANGE
        own = [row for row in called if row["source"] == source]
        for row in own:
            if row["person"] != EVERYONE:
                beside.plot(row["value"], y, "o", color=colour, markersize=4, alpha=0.5, markeredgewidth=0)
        # One person has no interval over persons, but one of the images that were looked at.
        mean = next(row for row in own if row["person"] == EVERYONE)
        _mark(beside, y, own[-1] if mean["n"] == 1 else mean, large=True, colour=colour)
    beside.set_title("taken for real (blue: it is; orange: generated)")
    beside.set_yticks(range(len(sources)), sources)
    for axes, count in ((left, len(persons)), (beside, len(sources))):
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(count - 0.5, -0.5)
        axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:g} %")
    return png(figure)


def _mark(axes, y, row, *, large, colour):
    if row["low"] is not None:
        axes.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=1.5 if large else 1)
    axes.plot(row["value"], y, "D" if large else "o", color=colour, markersize=8 if large else 5)
