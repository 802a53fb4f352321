"""Scores of a network at one step of its training, on slices that it has learnt and on the test block."""

import numpy as np

from synthem.kernels.components import label_components
from synthem.labels.targets import interior_target, is_of_labels, steps_of
from synthem.metrics.definitions import BEFORE
from synthem.metrics.rows import partition_rows, score_rows
from synthem.metrics.truth import truth_of
from synthem.storage.splits import runs_of
from synthem.storage.volumes import read_volume
from synthem.watershed.methods import segment
from synthem.watershed.predictions import read_prediction
from synthem.watershed.tuning import border_of, marked_by, tune, validation_of

OF_MASK = ("iou", "dice", "accuracy", "precision", "recall", "segmented_iou")
OF_CELLS = ("voi", "voi_split", "voi_merge", "arand")


def scores_of_step(
    probability, volume, draw, *, structure, target, median_slices, watershed, metrics, threads
):
    """Rows {block, convention, score, n, value} of a prediction of the test block and of drawn slices.

    probability: path of the arrays `test`, `train` and, where the draw has some, `validation`, on which the
    method is tuned as after the last step. The other keywords are those of segmenting and scoring a run.
    """
    read = {"target": target, "median_slices": median_slices}
    known = read | {"structure": structure}
    tuned = tune(*validation_of(probability, volume, draw.validation, **known), threads=threads, **watershed)
    method = {"method": watershed["method"], "settings": watershed["settings"], "chosen": tuned["settings"]}
    threshold = marked_by(target, tuned["method"], tuned["threshold"])
    for block, drawn in (("train", draw.train), ("test", None)):
        own = read_volume(volume, block=block, drawn=drawn, masks=[structure])
        prediction = read_prediction(probability, block, own.facts, **read)
        truth = truth_of(own, structure, block)
        labels = segment(prediction, threads=threads, **method)
        mask = labels > 0 if threshold is None else prediction.inside >= threshold
        about = {"block": block, "n": len(truth.slices)}
        (row,) = _whole(score_rows(mask, labels, truth, threads=threads, **metrics))
        for score in OF_MASK:
            yield about | {"convention": None, "score": score, "value": row[score]}
        loss = dice_loss(prediction.inside, truth.mask, truth.ignore)
        yield about | {"convention": None, "score": "dice_loss", "value": loss}
        learnt = learnt_map(truth, target, runs_of(own.blocks[block], linked=own.facts.linked_in(block)))
        value = learnt and pixel_accuracy(above_border(prediction.inside, tuned), *learnt)
        yield about | {"convention": None, "score": "pixel_accuracy", "value": value}
        touching = touching_parts(prediction.inside, tuned)
        for suffix, instances in ((BEFORE, touching), ("", labels)):
            for convention, scores in _of_sections(instances, truth, threads).items():
                for score, value in scores.items():
                    yield about | {"convention": convention, "score": score + suffix, "value": value}


def above_border(inside, tuned):
    """The voxels that are rather inside than not, before a method cuts or joins what they make up."""
    return inside >= border_of(tuned["method"], tuned["settings"])


def touching_parts(inside, tuned):
    """What touches within its slice, of the voxels that are rather inside than not."""
    return label_components(above_border(inside, tuned), neighbours=4)[0]


def learnt_map(truth, target, runs):
    """The map that a network learns to answer with, and where it is unknown; None where that are affinities.

    The mask is no measure of a map of labels: its borders have another width, and what calls everything the
    inside of a cell may be nearer to it than the map is.
    """
    if not is_of_labels(target):
        return truth.mask, truth.ignore
    return None if steps_of(target) else interior_target(truth.instances, truth.ignore, target, runs=runs)


def pixel_accuracy(found, learnt, ignore):
    """The part of the known pixels that are what the network learns them to be (Herreros Fraile 2021)."""
    known = np.ones(found.shape, bool) if ignore is None else ignore == 0
    return float((found == (learnt > 0))[known].mean()) if known.any() else None


def dice_loss(probability, mask, ignore):
    """1 - 2 sum(p g) / (sum p^2 + sum g^2) over the known voxels (Milletari 2016)."""
    known = np.ones(mask.shape, bool) if ignore is None else ignore == 0
    p, g = probability[known].astype(np.float64), mask[known].astype(np.float64)
    below = (p**2).sum() + (g**2).sum()
    return float(1 - 2 * (p * g).sum() / below) if below else 0.0


def _of_sections(labels, truth, threads):
    """{convention: {score: mean over slices}}: what is cut slice by slice is fairly judged only so."""
    found = {}
    for row in partition_rows(labels, truth, threads=threads):
        if row["scope"] == "slice":
            found.setdefault(row["convention"], []).append(row)
    return {
        convention: {score: _mean([row[score] for row in rows]) for score in OF_CELLS}
        for convention, rows in found.items()
    }


def _mean(values):
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _whole(rows):
    return [row for row in rows if row["scope"] == "volume"]
