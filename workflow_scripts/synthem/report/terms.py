"""Every score in one sentence for a reader who has never met it, and its interval as text."""

from math import isclose

from synthem.metrics.ranges import possible, possible_difference, within
from synthem.report.blocks import number_text

TO = "\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}"
CLIPPED = "Intervals are clipped to the possible range of a score; the tables in CSV keep them whole."
EXPLAINED = {
    "iou": "The area that network and truth share, divided by the area that either marks: 1 is perfect, 0 "
    "shares nothing.",
    "segmented_iou": "The same of the objects that are large enough to be kept.",
    "dice": "Twice the shared area, divided by the sum of both areas: 1 is perfect.",
    "precision": "The part of what was marked that is right.",
    "recall": "The part of the truth that was found.",
    "boundary_f1": "How well outlines agree within a tolerance: 1 is perfect.",
    "hd95_nm": "95 % of the outlines lie closer to each other than this.",
    "ap50": "Objects found, divided by objects found, missed and invented; found means an IoU above 0.5.",
    "instance_f1": "The balance of objects that were missed and objects that were invented: 1 has neither.",
    "pq": "Instance F1 times the mean IoU of the objects found: both must be good.",
    "count_error": "Objects found less objects there; 0 is best.",
    "voi_split": "Cells cut into pieces, in bits of information; 0 is best.",
    "voi_merge": "Cells run together, in bits; 0 is best.",
    "voi": "Variation of information: splits and merges together, in bits; 0 is best.",
    "arand": "Pairs of voxels that are wrongly together or apart; 0 is best, 1 worst.",
    "cremi_score": "The geometric mean of VOI and Rand error; 0 is best.",
    "v_rand": "The score of the ISBI 2012 challenge by pairs of pixels; 1 is best.",
    "v_info": "The score of the ISBI 2012 challenge by information; 1 is best.",
}
COMPARED = {  # columns of the table of comparisons
    "adjusted p": "How often chance alone gives a difference as large, corrected for all comparisons.",
    "p of a difference that matters": "How often a difference that matters looks as small as this.",
    "P(arm beats reference)": "The probability in one new replicate.",
    "replicates that would decide": "With which about 80 of 100 such studies find a difference that matters.",
    "blocks of test slices": "Neighbouring slices err alike, and count as one.",
}

CHANGED = {  # of the table of arms
    "settings that differ": "From those of the reference; of images, from those of the config itself.",
}


def terms_of(metrics, words):
    """{words of a score: its sentence} of scores, in their order."""
    return {words(metric): EXPLAINED[metric] for metric in metrics if metric in EXPLAINED}


def around(mean, low, high, metric):
    """What stands beside a mean: ± half of its interval, or the interval itself.

    That is where ± would promise values that the score cannot have, or where both halves differ. Both ends
    have as many decimals as the mean.
    """
    bounds = possible(metric)
    ends = within(low, bounds), within(high, bounds)
    if ends == (low, high) and isclose(high - mean, mean - low, rel_tol=1e-6, abs_tol=1e-12):
        half = (high - low) / 2
        return f"±\N{NO-BREAK SPACE}{f'{half:.1f}' if abs(mean) >= 100 else number_text(half)}"
    return TO.join(number_text(end, like=mean) for end in ends)


def interval_of_difference(row):
    """`−0.036 to +0.046`, no further than two values of the score can lie apart."""
    return " to ".join(number_text(end, signed=True) for end in ends_of_difference(row).values())


def ends_of_difference(row):
    """{low, high} of a difference of the endpoint, no further than two of its values can lie apart."""
    bounds = possible_difference(row["endpoint"])
    return {end: within(row[end], bounds) for end in ("low", "high")}
