"""Chooses the setting of a method that scores best on the validation slices of a run."""

import numpy as np

from synthem.labels.numbering import parts_in_slices
from synthem.labels.targets import is_of_labels
from synthem.metrics.conventions import convention_scores
from synthem.metrics.definitions import RANKING
from synthem.metrics.truth import truth_of
from synthem.storage.volumes import read_volume
from synthem.watershed.bodies import tune_threshold
from synthem.watershed.membranes import lists_of_preset
from synthem.watershed.methods import METHODS, candidates
from synthem.watershed.predictions import read_prediction

FIXED = 0.5  # the threshold of a mask that nothing is tuned on: where a network is as sure as not
NO_TRUTH = "the validation slices have no voxels that the cremi convention scores: the first setting is used"
NO_SLICES = "the budget leaves no labelled slice to tune on: fixed settings are used"


def validation_of(path, volume, slices, *, structure, target, median_slices=1, zeros=np.zeros):
    """(Prediction, Truth) of the labelled slices (ranges) to tune on; (None, None) where there are none.

    path: of the probabilities, volume: of the canonical volume. Slices in a row are one stack; others are
    taken one by one. median_slices: as of `read_prediction`.
    """
    if not slices:
        return None, None
    held_out = read_volume(volume, block="validation", drawn=slices, masks=[structure])
    how = {"median_slices": median_slices, "zeros": zeros}
    prediction = read_prediction(path, "validation", held_out.facts, target, **how)
    return prediction, truth_of(held_out, structure, "validation")


def tune(prediction, truth, *, method, tune_by, settings, threads):
    """The best of the settings that a method is to try, on validation slices -> plain data.

    method, tune_by, settings {name: value}, threshold, validation_score, curve (one dict for each setting
    tried), reason ("" or why there is no score). iou: of the mask, the higher the better (`tune_threshold`);
    cremi_score and voi: of the labels by the cremi convention, the lower the better, ties to the first.
    Without a prediction (None) the settings are `fixed`.
    """
    facts = {"method": method, "tune_by": tune_by}
    if prediction is None:
        chosen = fixed(method, settings, tune_by=tune_by)
        return facts | {
            "settings": chosen,
            "threshold": chosen[METHODS[method].border],
            "validation_score": None,
            "curve": [],
            "reason": NO_SLICES,
        }
    if tune_by == "iou":
        tuned = tune_threshold(prediction.inside, truth.mask, truth.ignore, thresholds=settings["thresholds"])
        chosen = {"settings": {"threshold": tuned["threshold"]}, "validation_score": tuned["validation_iou"]}
        return facts | chosen | tuned
    whole = in_volume([(method, settings)], prediction.linked)
    curve = []
    for setting, labels in candidates(prediction, method=method, settings=settings, threads=threads):
        rows = convention_rows(labels, truth, prediction.voxel_size_nm, whole=whole, threads=threads)
        (row,) = (row for row in rows if row["convention"] == RANKING)
        curve.append(setting | {name: row[name] for name in ("voi", "voi_split", "voi_merge", "arand")})
        curve[-1]["cremi_score"] = row["cremi_score"]
    scored = [place for place, row in enumerate(curve) if row[tune_by] is not None]
    best = min(scored, key=lambda place: curve[place][tune_by], default=0)
    chosen = {name: curve[best][name] for name in setting}
    return facts | {
        "settings": chosen,
        "threshold": chosen[METHODS[method].border],
        "validation_score": curve[best][tune_by],
        "curve": curve,
        "reason": "" if scored else NO_TRUTH,
    }


def fixed(method, settings, *, tune_by):
    """Settings of a method without any truth: FIXED for a mask, else the middle of each list of values.

    The lower of two middles. A preset of the method `membranes` goes before its lists, as ever.
    """
    if tune_by == "iou":
        return {"threshold": FIXED}
    lists = {name: sorted(settings[name]) for name in METHODS[method].tuned}
    if settings.get("preset"):
        lists = lists_of_preset(settings["preset"])
    return {name.removesuffix("s"): values[(len(values) - 1) // 2] for name, values in lists.items()}


def border_of(method, chosen):
    """The probability at which a voxel changes sides, by the settings that were chosen."""
    return FIXED if METHODS[method].of_fragments else chosen[METHODS[method].border]


def marked_by(target, method, threshold):
    """The threshold whose mask is scored, without a size filter; None where it is what labels mark.

    Only a network that has learnt the mask (`unets.target`) gives the probability of being in it: interiors
    are narrower, and affinities are of pairs of voxels.
    """
    return None if is_of_labels(target) or METHODS[method].of_fragments else threshold


def in_volume(methods, linked):
    """Whether the instances of all methods (word, settings) go on from slice to slice."""
    return linked and all(METHODS[method].follows_z(settings) for method, settings in methods)


def convention_rows(labels, truth, voxel_size_nm, *, whole, threads):
    """A row of scores for each convention; where not `whole`, of the parts that every id has in each slice.

    Labels that end at their slice would score nothing but that against cells of the volume. Labels that go on
    are cut alike: what only other slices hold together counts neither for nor against them.
    """
    labels, cells = (
        (labels, truth.instances) if whole else (parts_in_slices(labels), parts_in_slices(truth.instances))
    )
    return convention_scores(labels, cells, truth.ignore, voxel_size_nm=voxel_size_nm, threads=threads)
