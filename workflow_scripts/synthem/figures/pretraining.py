"""Losses of networks that draw hidden parts of images: on what they learn from, and on held-out images."""

from matplotlib.figure import Figure

from synthem.figures.sheets import BLUE, VERMILLION, WIDTH, png

SCORES = {
    "d_loss": "discriminator",
    "g_adversarial": "generator, adversarial",
    "g_l1": "generator, pixel-wise",
}
BLOCKS = {"train": ("learnt from", BLUE, "-"), "test": ("held out", VERMILLION, "o-")}
ROW = 2.0  # inches


def pretraining_plot(rows):
    """Rows of pretraining.csv -> panels: a row for each loss, in one scale, and a column for each variant."""
    variants = list(dict.fromkeys(row["variant"] for row in rows)) or ["no look at held-out images"]
    figure = Figure(figsize=(WIDTH, 0.8 + ROW * len(SCORES)), layout="constrained")
    panels = figure.subplots(len(SCORES), len(variants), sharex=True, sharey="row", squeeze=False)
    for line, (score, words) in zip(panels, SCORES.items(), strict=True):
        for panel, variant in zip(line, variants, strict=True):
            for block, (_, colour, style) in BLOCKS.items():
                points = points_of(rows, variant=variant, score=score, block=block)
                panel.plot(*points, style, color=colour, markersize=4, linewidth=1.4, markerfacecolor="white")
        line[0].set_ylabel(f"loss: {words}", fontsize=9)
    for panel, variant in zip(panels[0], variants, strict=True):
        panel.set_title(variant)
    for panel in panels[-1]:
        panel.set_xlabel("training step")
    lines = [
        panels[0, 0].plot([], [], style, color=colour, label=words, markerfacecolor="white")[0]
        for words, colour, style in BLOCKS.values()
    ]
    figure.legend(handles=lines, loc="outside lower left", ncols=2)
    return png(figure)


def points_of(rows, **where):
    """(steps, values) of the rows in which all of `where` holds."""
    chosen = [row for row in rows if all(row[key] == value for key, value in where.items())]
    return [row["step"] for row in chosen], [row["value"] for row in chosen]
