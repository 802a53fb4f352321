"""Scores of membranes as in the ISBI 2012 challenge (Arganda-Carreras 2015); 1 is perfect."""

import numpy as np
from scipy import ndimage

from synthem.errors import SynthemError
from synthem.kernels.threads import each_slice
from synthem.metrics.borders import with_thin_borders
from synthem.metrics.overlaps import of_section
from synthem.metrics.partitions import foreground_scores
from synthem.metrics.shapes import check_shapes
from synthem.storage.ignore import plane

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
                cells_between(membrane[z] > threshold), truth[z], plane(ignore, z)
            ),
            len(truth),
            threads,
        )
        for name, mean in mean_of_sections(sections).items():
            if mean is not None and (scores[name] is None or mean > scores[name]):
                scores |= {name: mean, f"{name}_threshold": threshold}
    return scores


def mean_of_sections(sections):
    """{v_rand, v_info} as means of the `section_scores` that have a value; None where none has."""
    defined = {
        name: [section[name] for section in sections if section[name] is not None]
        for name in ("v_rand", "v_info")
    }
    return {name: float(np.mean(values)) if values else None for name, values in defined.items()}


def cells_between(membrane):
    """The cells uint32 [Y, X] that the membrane (bool) of one section leaves; neighbours share an edge."""
    return ndimage.label(~membrane)[0].astype(np.uint32)


def section_scores(cells, truth, ignore):
    """`foreground_scores` of the cells of a section [Y, X], grown until lines of one pixel part them."""
    return foreground_scores(of_section(with_thin_borders(cells), truth, ignore))


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
