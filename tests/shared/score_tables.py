"""Score tables of whole studies, made up without the workflow."""

import numpy as np

from synthem.metrics.columns import PARTITION_COLUMNS, SCORE_COLUMNS
from synthem.metrics.definitions import BASELINES, PARTITIONS, SCORES
from synthem.storage.frames import frame_of

VOXELS = 4000  # of the structure in a slice
ARMS = {  # name: how much higher its IoU is than that of `real`
    **{"real": 0.0, "real_strong": 0.03, "copy_paste": 0.01, "source_pretrained": 0.02, "mixed-25": 0.03},
    **{"mixed-50": 0.05, "mixed-75": 0.04, "synthetic_first": 0.045, "synthetic": -0.12, "mismatched": -0.3},
}
BUDGETS = {"1": 1, "3": 3, "8": 8, "all": 22}  # name: labelled slices
TRIVIAL = {"threshold": 0.4, "smoothed": 0.66, "forest": 0.74, "everything": 0.16, "nothing": 0.0}


def scores_of(arms=ARMS, budgets=BUDGETS, *, replicates=6, seeds=1, slices=11, chance=0, sd=0.02):
    """A frame of SCORE_COLUMNS: arms that gain from labels, with noise of replicates, slices and both."""
    random = np.random.default_rng(chance)
    of_slice, rows = random.normal(0, 0.03, slices), []
    for budget, labelled in budgets.items():
        for replicate in range(1, replicates + 1):
            drawn = random.normal(0, 2 * sd)  # which slices are labelled: the same for all arms
            for arm, gain in (TRIVIAL | arms).items():
                level = gain if arm in TRIVIAL else 0.9 - 0.25 / labelled**0.7 + gain / labelled**0.5 + drawn
                level += random.normal(0, sd) * (gain > 0 or arm in arms)
                for seed in [None] if arm in BASELINES else range(1, seeds + 1):
                    run = {"volume": "v", "arm": arm, "budget": budget, "labelled_slices": labelled}
                    run |= {"replicate": replicate, "seed": seed}
                    noise = of_slice + random.normal(0, 0.01, slices)
                    rows += _run_rows(run, np.clip(level + (level > 0) * noise, 0, 0.99))
    return frame_of(rows, SCORE_COLUMNS)


def partitions_of(scores):
    """A frame of PARTITION_COLUMNS of the same runs, from their whole blocks."""
    rows = []
    for row in scores[scores["scope"] == "volume"].to_dict("records"):
        for convention in ("paper", "cremi", "challenge", "full"):
            values = {name: 1 - row["iou"] for name in PARTITIONS}
            for scope, number in (("slice", 33), ("volume", None)):
                own = {"scope": scope, "slice": number, "convention": convention, "reason": ""}
                rows.append(row | own | values)
    return frame_of([{name: row.get(name) for name in PARTITION_COLUMNS} for row in rows], PARTITION_COLUMNS)


def _run_rows(run, ious):
    """The rows of one run: of each slice, whose IoU is given, and of the block."""
    counts = []
    for iou in ious:
        wrong = VOXELS * (1 - iou) / (1 + iou)  # as many missed as extra ones
        counts.append([round(VOXELS - wrong), round(wrong), round(wrong), 60_000])
    rows = [_row(run, "slice", 30 + z, count) for z, count in enumerate(counts)]
    return [*rows, _row(run, "volume", None, np.sum(counts, axis=0).tolist())]


def _row(run, scope, number, counts):
    shared, extra, missed, empty = counts
    row = dict.fromkeys(SCORE_COLUMNS) | run | {"scope": scope, "slice": number, "threshold": 0.5}
    iou = shared / (shared + extra + missed)
    row |= {name: iou for name, metric in SCORES.items() if metric.best == 1}
    row |= {name: 100 * (1 - iou) for name, metric in SCORES.items() if metric.best == 0}
    row |= {"count_error": 0, "count": 9, "true_count": 9, "reason": ""}
    row |= {"shared_voxels": shared, "extra_voxels": extra, "missed_voxels": missed, "empty_voxels": empty}
    return row


DATA_SETS = {
    name: {"kind": kind, "variant": "", "of": of, "volume": ""}
    for name, kind, of in (
        ("painted", "gan", ""),
        ("pasted", "copy_paste", ""),
        ("wrong", "mismatched", "painted"),
    )
}
STUDY = {  # ARMS as a config describes them
    name: {"sets": sets, "then": then, "switch": 0.5, "variant": variant}
    | {"data_sets": {one: DATA_SETS[one] for one in {**sets, **then} if one != "real"}}
    for name, sets, then, variant in (
        ("real", {"real": 1}, {}, "base"),
        ("real_strong", {"real": 1}, {}, "strong"),
        ("copy_paste", {"real": 0.5, "pasted": 0.5}, {}, "base"),
        ("source_pretrained", {"real": 1}, {}, "pretrained"),
        ("mixed-25", {"real": 0.75, "painted": 0.25}, {}, "base"),
        ("mixed-50", {"real": 0.5, "painted": 0.5}, {}, "base"),
        ("mixed-75", {"real": 0.25, "painted": 0.75}, {}, "base"),
        ("synthetic_first", {"painted": 1}, {"real": 1}, "base"),
        ("synthetic", {"painted": 1}, {}, "base"),
        ("mismatched", {"real": 0.5, "wrong": 0.5}, {}, "base"),
    )
}


def comparisons_of(scores, reference, smallest_effect=0.05):
    """Rows as a comparison has them, with verdicts of every kind; Student's interval over replicates."""
    rows = []
    whole = scores[scores["scope"] == "volume"]
    for (arm, budget), own in whole.groupby(["arm", "budget"], sort=False):
        if arm in (*BASELINES, reference):
            continue
        both = [
            frame.groupby("replicate")["iou"].mean()
            for frame in (own, whole[(whole["arm"] == reference) & (whole["budget"] == budget)])
        ]
        difference = both[0] - both[1]
        mean, half = difference.mean(), 2.6 * difference.std() / len(difference) ** 0.5
        row = {"volume": "v", "arm": arm, "budget": budget, "reference": reference}
        row |= {"labelled_slices": BUDGETS[budget], "n_replicates": len(difference), "n_blocks": 6}
        row["effective_blocks"] = 5.5
        row |= {"reference_score": both[1].mean(), "arm_score": both[0].mean(), "difference": mean}
        row |= {"low": mean - half, "high": mean + half, "df": 5.0, "p": 0.04, "p_adjusted": 0.2}
        row |= {"better": 0.5 + np.sign(mean) * 0.49 * min(1, abs(mean) / half), "confidence": 0.95}
        row |= {"smallest_effect": smallest_effect, "reason": "", "needed_replicates": None}
        row["needed_anew"] = None
        verdict = "helps" if mean > half else "harms" if mean < -half else "undecided"
        if abs(mean) + half < smallest_effect:
            verdict = "no effect"
        if verdict == "undecided":
            row |= {"reason": "the interval holds 0 and reaches beyond ±0.05", "needed_replicates": 14}
        if len(difference) < 5:
            verdict, row["reason"] = "exploratory", f"{len(difference)} replicates are fewer than 5"
        rows.append(row | {"verdict": verdict})
    return rows
