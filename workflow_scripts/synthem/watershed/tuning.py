"""Chooses the setting of a method that scores best on the validation block."""

from synthem.labels.numbering import parts_in_slices
from synthem.metrics.conventions import convention_scores
from synthem.watershed.bodies import tune_threshold
from synthem.watershed.methods import METHODS

RANKING = "cremi"  # of the conventions, the one that is fit to rank
NO_TRUTH = "the validation block has no voxels that the cremi convention scores: the first setting is used"


def tune(prediction, truth, *, method, tune_by, settings, threads):
    """The best of the settings that a method is to try, on the validation block -> plain data.

    method, tune_by, settings {name: value}, threshold, validation_score, curve (one dict for each setting
    tried), reason ("" or why there is no score). iou: of the mask, the higher the better (`tune_threshold`);
    cremi_score and voi: of the labels by the cremi convention, the lower the better, ties to the first.
    """
    facts = {"method": method, "tune_by": tune_by}
    if tune_by == "iou":
        tuned = tune_threshold(prediction.inside, truth.mask, truth.ignore, thresholds=settings["thresholds"])
        chosen = {"settings": {"threshold": tuned["threshold"]}, "validation_score": tuned["validation_iou"]}
        return facts | chosen | tuned
    whole = in_volume([(method, settings)], prediction.linked)
    curve = []
    for setting, labels in METHODS[method].candidates(prediction, threads=threads, **settings):
        rows = convention_rows(labels, truth, prediction.voxel_size_nm, whole=whole, threads=threads)
        (row,) = (row for row in rows if row["convention"] == RANKING)
        curve.append(setting | {name: row[name] for name in ("voi", "voi_split", "voi_merge", "arand")})
        curve[-1]["cremi_score"] = row["cremi_score"]
    scored = [place for place, row in enumerate(curve) if row[tune_by] is not None]
    best = min(scored, key=lambda place: curve[place][tune_by], default=0)
    chosen = {name: curve[best][name] for name in setting}
    return facts | {
        "settings": chosen,
        "threshold": chosen.get("threshold", chosen.get("interior_threshold")),
        "validation_score": curve[best][tune_by],
        "curve": curve,
        "reason": "" if scored else NO_TRUTH,
    }


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
