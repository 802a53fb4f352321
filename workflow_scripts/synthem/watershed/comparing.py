"""Rows of grid.csv (pairs of thresholds) and methods.csv (methods) for the predictions of one run."""

import json

from synthem.labels.numbering import parts_in_slices
from synthem.metrics.columns import RUN
from synthem.metrics.isbi import mean_of_sections, section_scores
from synthem.storage.ignore import plane
from synthem.watershed.grids import PARTITION
from synthem.watershed.methods import candidates, segment
from synthem.watershed.tuning import convention_rows, in_volume, tune

CELLS = ("ap50", "map", "f1", "pq", "count", "true_count")
METHOD_COLUMNS = (
    *(*RUN, "method", "settings", "scope", "convention"),
    *(*PARTITION, "v_rand", "v_info", *CELLS),
)


def grid_rows(prediction, truth, *, settings, threads):
    """A row for each pair of thresholds and each convention, as in Herreros Fraile 2021.

    None without a prediction (None): there was no labelled slice to validate on.
    """
    if prediction is None:
        return []
    whole = in_volume([("membranes", settings)], prediction.linked)
    rows = []
    pairs = {"method": "membranes", "settings": settings | {"preset": ""}}
    for setting, labels in candidates(prediction, threads=threads, **pairs):
        for row in convention_rows(labels, truth, prediction.voxel_size_nm, whole=whole, threads=threads):
            rows.append(setting | {name: row[name] for name in ("convention", *PARTITION)})
    return rows


def method_rows(validation, test, *, methods, tune_by, threads):
    """Rows for each method and convention: tuned on validation, scored on test.

    validation, test: pairs of Prediction and Truth, the first (None, None) where there is nothing to tune on.
    methods: {word: settings}. All are scored alike:
    in the volume where each of them follows cells through z, else by slices.
    """
    prediction, truth = test
    whole = in_volume(methods.items(), prediction.linked)
    rows = []
    for method, settings in methods.items():
        tuning = {"method": method, "settings": settings, "tune_by": tune_by, "threads": threads}
        chosen = tune(*validation, **tuning)["settings"]
        labels = segment(prediction, method=method, settings=settings, chosen=chosen, threads=threads)
        run = {"method": method, "settings": json.dumps(chosen), "scope": "volume" if whole else "slice"}
        sections = isbi_scores_of_labels(labels, truth)
        for row in convention_rows(labels, truth, prediction.voxel_size_nm, whole=whole, threads=threads):
            rows.append(run | sections | {name: row[name] for name in ("convention", *PARTITION, *CELLS)})
    return rows


def isbi_scores_of_labels(labels, truth):
    """v_rand and v_info as in ISBI 2012, the means over sections, of the parts that ids have in each.

    None where no section has a true cell.
    """
    labels, cells = parts_in_slices(labels), parts_in_slices(truth.instances)
    return mean_of_sections(
        [section_scores(labels[z], cells[z], plane(truth.ignore, z)) for z in range(len(labels))]
    )
