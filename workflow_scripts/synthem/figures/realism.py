"""How real generated images are: over training, against the number of images, by their features."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse

from synthem.figures.score_curves import score_curves
from synthem.figures.sheets import (
    ARM_COLOURS,
    ARM_MARKERS,
    BLACK,
    BLUE,
    GREY,
    VERMILLION,
    WIDTH,
    png,
)
from synthem.realism.components import Components, ellipse
from synthem.realism.features import standardised
from synthem.storage.naming import percent

BLOCK_WORDS = {
    "train": "masks that were learnt from",
    "test": "masks of the test block",
    "train against test": "real training against real test slices",
}
SCORE_WORDS = {
    "fd": "Fréchet distance,\n{n} images",
    "kd": "kernel distance,\n{n} images",
    "fid": "FID (Inception),\n{n} images",
    "diversity": "same mask, other noise:\nmean difference of grey levels",
    "diversity_relative": "the same in parts of that\nof two real slices",
    "fidelity": "IoU of masks with what a\nU-Net of real slices finds",
    "copied": "share of images whose grain\nis that of a training slice",
}
LOSS_WORDS = {
    "d_real_deviation": "discriminator,\nreal images",
    "d_fake_deviation": "discriminator,\ngenerated images",
    "g_adversarial_deviation": "generator,\nadversarial",
}
# Blocks against n: (colour, marker).
FLOOR_LOOKS = {"train": (BLACK, "o"), "test": (BLUE, "s"), "train against test": (VERMILLION, "^")}
FLOOR_WORDS = {
    "train": "two halves of the training slices",
    "test": "two halves of the test block",
    "train against test": "training slices against test block",
}


def realism_curves(rows, floors):
    """Distances, diversity, copies over training: a line for each data set; learnt and test masks apart."""
    n = next((row["n"] for row in rows), 0)
    words = {score: text.format(n=n) for score, text in SCORE_WORDS.items()}
    floors = [row for row in floors if row["n"] == n or row["score"] == "fidelity"]  # that is of whole slices
    return score_curves(rows, by="data_set", words=words, floors=floors, block_words=BLOCK_WORDS)


def stability_curves(rows):
    """How much the losses of each generator's training swing: a line for each variant."""
    words = {score: f"swing of the loss:\n{text}" for score, text in LOSS_WORDS.items()}
    return score_curves(rows, by="variant", words=words)


def floor_plot(floors, rows):
    """How far real images lie from real ones, against their number n; and where generators end."""
    scores = [score for score in ("fd", "kd", "fid") if any(row["score"] == score for row in floors)]
    figure = Figure(figsize=(WIDTH, 3.4), layout="constrained")
    last = {}
    for row in rows:
        last[row["data_set"]] = max(row["step"], last.get(row["data_set"], 0))
    for axes, score in zip(figure.subplots(1, len(scores), squeeze=False)[0], scores, strict=True):
        for block, (colour, marker) in FLOOR_LOOKS.items():
            here = [row for row in floors if row["score"] == score and row["block"] == block]
            sizes = sorted({row["n"] for row in here})
            ends = [
                [np.mean([row[end] for row in here if row["n"] == n]) for n in sizes]
                for end in ("value", "low", "high")
            ]
            axes.plot(sizes, ends[0], color=colour, marker=marker, markersize=5, linewidth=1.4)
            axes.fill_between(sizes, ends[1], ends[2], color=colour, alpha=0.12, linewidth=0)
        ended = [
            r for r in rows if (r["score"], r["block"], r["step"]) == (score, "test", last[r["data_set"]])
        ]
        axes.plot(
            [r["n"] for r in ended],
            [r["value"] for r in ended],
            "_",
            color=GREY,
            markersize=14,
            markeredgewidth=2,
            clip_on=False,  # whole also at the largest n, where generators stand, as a rule
        )
        axes.set_xscale("log", base=2)
        # Generated images may be a hundred times as far as real ones; kernel distances may be negative.
        axes.set_yscale(**({"value": "symlog", "linthresh": 1} if score == "kd" else {"value": "log"}))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.set_xlabel("number of images n in each set")
        axes.set_ylabel(SCORE_WORDS[score].split(",")[0])
        if score == "kd":
            axes.axhline(0, color=GREY, linewidth=0.8)
    handles = [
        Line2D([], [], color=colour, marker=marker, markersize=5, label=FLOOR_WORDS[block])
        for block, (colour, marker) in FLOOR_LOOKS.items()
    ]
    mark = {"color": GREY, "marker": "_", "markersize": 14, "markeredgewidth": 2, "linestyle": "none"}
    handles.append(Line2D([], [], **mark, label="generated, masks of the test block, last step"))
    figure.legend(handles=handles, loc="outside lower left", ncols=2)
    return png(figure)


def components_plot(measured):
    """Real and generated patches in the two directions in which real ones differ most, with 95 % ellipses.

    measured {data set: of `measurements.read_measured`}: the directions are those of the real patches of the
    first.
    """
    first = next(iter(measured.values()))
    learnt = first["real/train/filters"]
    real = {block: standardised(first[f"real/{block}/filters"], learnt) for block in ("train", "test")}
    components = Components(np.concatenate(list(real.values())))
    looks = {"real, training slices": (BLACK, "o"), "real, test block": (GREY, "s")}
    styles = zip(ARM_COLOURS[1:] * 9, ARM_MARKERS[2:] * 9, strict=False)
    looks |= dict(zip(measured, styles, strict=False))
    figure = Figure(figsize=(WIDTH, 5), layout="constrained")
    for axes, block in zip(figure.subplots(1, 2, sharex=True, sharey=True), ("train", "test"), strict=True):
        for name, own in zip(("real, training slices", "real, test block"), real.values(), strict=True):
            draw_cloud(axes, components.of(own), *looks[name])
        for name, arrays in measured.items():
            features = arrays[f"{arrays['steps'][-1]:08d}/{block}/filters"]
            draw_cloud(axes, components.of(standardised(features, learnt)), *looks[name])
        axes.set_title(f"generated on {BLOCK_WORDS[block]}")
        axes.set_xlabel(f"component 1 ({percent(components.explained[0])} of the variance)")
    figure.axes[0].set_ylabel(f"component 2 ({percent(components.explained[1])} of the variance)")
    handles = [
        Line2D([], [], color=colour, marker=marker, markersize=5, linestyle="none", label=name)
        for name, (colour, marker) in looks.items()
    ]
    figure.legend(handles=handles, loc="outside lower left", ncols=4)
    return png(figure)


def draw_cloud(axes, points, colour, marker):
    """Points [n, 2] and the ellipse of their covariance."""
    axes.plot(
        *points.T, linestyle="none", marker=marker, markersize=3, color=colour, alpha=0.35, markeredgewidth=0
    )
    centre, width, height, degrees = ellipse(points)
    axes.add_patch(Ellipse(centre, width, height, angle=degrees, fill=False, edgecolor=colour, linewidth=1.6))
