"""Scores of membranes as in the ISBI 2012 challenge (Arganda-Carreras 2015); 1 is perfect."""

import numpy as np
from scipy import ndimage

from synthem.errors import SynthemError
from synthem.kernels.threads import each_slice
from synthem.metrics.borders import with_thin_borders
from synthem.metrics.overlaps import overlaps
from synthem.metrics.partitions import foreground_scores
from synthem.metrics.shapes import check_shapes

THRESHOLDS = tuple(step / 10 for step in range(10))  # of the challenge; at 1.0 nothing is membrane


def isbi_scores(membrane, truth, ignore=None, *, thresholds, threads):
    """v_rand and v_info of membrane probabilities [Z, Y, X] in [0, 1] against true cells (0 = membrane).

    Pixels above a threshold are membrane; the cells it leaves (4-connected, in the section) grow until lines
    of one pixel part them, so that its width does not count. Sections are scored one by one and averaged.
    Each score is that of its best threshold, as in the challenge: it is tuned on the truth, so compare it
    with no score that is not. None: no section has a true cell in known ground.
    """
    check_shapes(truth, membrane=membrane, ignore=ignore)
    _check_range(membrane)
    scores = {"v_rand": None, "v_rand_threshold": None, "v_info": None, "v_info_threshold": None}
    for threshold in thresholds:
        sections = each_slice(
            lambda z, threshold=threshold: section_scores(
                membrane[z] > threshold, truth[z], None if ignore is None else ignore[z]
            ),
            len(truth),
            threads,
        )
        for name in ("v_rand", "v_info"):
            defined = [section[name] for section in sections if section[name] is not None]
            mean = float(np.mean(defined)) if defined else None
            if mean is not None and (scores[name] is None or mean > scores[name]):
                scores |= {name: mean, f"{name}_threshold": threshold}
    return scores


def section_scores(membrane, truth, ignore):
    """foreground_scores of one section: membrane (bool) and true cells [Y, X]."""
    cells, _ = ndimage.label(~membrane)  # neighbours share an edge
    cells = with_thin_borders(cells.astype(np.uint32))
    return foreground_scores(
        overlaps(cells[None], truth[None], None if ignore is None else ignore[None], threads=1)
    )


def _check_range(membrane):
    low, high = float(membrane.min()), float(membrane.max())
    if not 0 <= low <= high <= 1:
        raise SynthemError(
            "DATA_VALUE",
            "membrane",
            f"values from {low:g} to {high:g}",
            expected="probabilities from 0 to 1",
            fix="scale the membrane map to 0 to 1",
        )
