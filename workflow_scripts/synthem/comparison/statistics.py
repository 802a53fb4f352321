"""Compares each arm with the reference: difference of IoU, its interval, and the verdict.

An arm is trained once per seed and label fraction; all arms with one seed start from the same weights
and see the same real patches, so scores are compared in pairs of one seed.
"""

from itertools import product

import numpy as np
from scipy import stats

from synthem.comparison.summaries import number
from synthem.errors import SynthemError
from synthem.metrics.definitions import BASELINES, NOT_TRAINED

COUNTS = ("shared_voxels", "extra_voxels", "missed_voxels")
COMPARISON_COLUMNS = (
    "arm",
    "reference",
    "fraction",
    "n_pairs",
    "n_slices",
    "reference_iou",
    "arm_iou",
    "difference",
    "low",
    "high",
    "confidence",
    "p",
    "smallest_possible_p",
    "smallest_effect",
    "verdict",
    "reason",
)
MOST_EXACT = 12  # pairs: beyond, 2**n sign flips are too many to try all
FLIPS = 10_000


def compare(scores, *, reference, unlearnt, resamples, confidence, smallest_effect, seed):
    """Rows of columns.SCORE_COLUMNS -> one row of COMPARISON_COLUMNS per arm and fraction.

    difference: mean over seeds of IoU(arm) - IoU(reference) on the whole test block.
    low, high: the interval of `interval`. p: of `sign_flip`; no p of n pairs is below smallest_possible_p.
    unlearnt {fraction: why}: where the reference is none (`learning.unlearnt`).
    verdict, the first rule that fits:
    1. not trained: the arm has no networks here, for its synthetic data is not good enough;
    2. no answer: the networks of the reference have not learnt;
    3. undecided: fewer than two pairs or test slices, too few for an interval;
    4. no effect: the whole interval lies within +-smallest_effect, even if it leaves out 0;
    5. helps: the whole interval is above 0;  6. harms: it is below 0;  7. undecided.
    """
    runs, untrained = _runs(scores), _untrained(scores)
    rows = []
    for arm, fraction in _compared(scores, reference):
        seeds = [s for s in _seeds(runs, arm, fraction) if (reference, fraction, s) in runs]
        # A pair in which one IoU is undefined has no difference.
        seeds = [s for s in seeds if None not in (runs[arm, fraction, s][0], runs[reference, fraction, s][0])]
        row = {"arm": arm, "reference": reference, "fraction": fraction, "n_pairs": len(seeds), "n_slices": 0}
        row |= {"confidence": confidence, "smallest_effect": smallest_effect}
        if seeds:
            arms = [[runs[name, fraction, s] for s in seeds] for name in (reference, arm)]
            row |= _compare_pairs(*arms, resamples=resamples, confidence=confidence, seed=seed)
        verdict = _no_verdict(row, untrained, unlearnt) or _judge(row, smallest_effect)
        rows.append(dict.fromkeys(COMPARISON_COLUMNS) | row | verdict)
    return rows


def interval(reference_counts, arm_counts, *, resamples, confidence, seed):
    """Half the width of the interval of the difference; counts: int [seeds, slices, 3] in order of COUNTS.

    A two-level paired bootstrap. Each resample draws seeds, and draws blocks of neighbouring slices, with
    replacement; both arms get the same draw, and so do all seeds, for they are tested on the same slices:
    what a hard slice costs does not average out over seeds. A block has sqrt(slices) of them (wrapping
    round at the end), since neighbouring slices are nearly one picture. The IoU is that of the pooled
    voxels. The interval is Student's: the standard deviation of the resamples, freed of its bias,
    sqrt(k / (k - 1)), times the quantile of t with k - 1 degrees of freedom, k = the fewer of seeds and
    blocks. (Percentiles of the resamples of 3 seeds promise too much: simulated without any effect, their
    95 % intervals left out 0 in 28 % of cases, these in 6 %.)

    It covers other seeds of the U-Net and other slices of this test block. It does not cover other
    volumes, other animals or microscopes, nor another training of the GAN: all seeds share one GAN. Where
    objects run through more slices than a block has, it is too narrow.
    """
    rng = np.random.default_rng(seed)
    n_seeds, n_slices = reference_counts.shape[:2]
    length = max(1, min(round(n_slices**0.5), n_slices // 2))
    differences = np.full(resamples, np.nan)
    for i in range(resamples):
        seeds = rng.integers(n_seeds, size=n_seeds)
        starts = rng.integers(n_slices, size=-(-n_slices // length))
        slices = ((starts[:, None] + np.arange(length)) % n_slices).ravel()[:n_slices]
        drawn = [counts[seeds][:, slices].sum(axis=1) for counts in (reference_counts, arm_counts)]
        if all(counts.sum(axis=1).all() for counts in drawn):  # else an IoU is undefined
            before, after = (counts[:, 0] / counts.sum(axis=1) for counts in drawn)
            differences[i] = (after - before).mean()
    units = min(n_seeds, n_slices // length)
    spread = np.nanstd(differences) * (units / (units - 1)) ** 0.5
    return float(stats.t.ppf((1 + confidence) / 2, units - 1) * spread)


def sign_flip(differences, seed):
    """Two-sided p of "the sign of each difference is chance", and the smallest p that so many can give.

    Up to MOST_EXACT differences all sign flips are tried, else FLIPS random ones.
    """
    differences = np.asarray(differences, float)
    n = len(differences)
    if n <= MOST_EXACT:
        flips, smallest = np.array(list(product((1, -1), repeat=n))), 2 / 2**n
    else:
        flips = np.random.default_rng(seed).choice((1, -1), size=(FLIPS, n))
        flips[0], smallest = 1, max(2 / 2**n, 1 / FLIPS)  # what was observed is one of the possibilities
    # A hair below, or rounding decides whether a flip is as extreme as the observation.
    extreme = np.abs(flips @ differences) >= abs(differences.sum()) * (1 - 1e-9)
    return float(extreme.mean()), min(smallest, 1.0)


def _compared(scores, reference):
    """(arm, fraction) of all that is or should have been compared, in the order of the table."""
    arms = ((row["arm"], number(row["fraction"])) for row in scores)
    return [own for own in dict.fromkeys(arms) if own[0] not in BASELINES and own[0] != reference]


def _untrained(scores):
    """(arm, fraction) -> why it has no networks."""
    rows = (row for row in scores if row["scope"] == NOT_TRAINED)
    return {(row["arm"], number(row["fraction"])): row["reason"] for row in rows}


def _runs(scores):
    """(arm, fraction, seed) -> (IoU of the volume, {slice: counts}); BASELINES have no seed, so no run."""
    volumes, slices = {}, {}
    for row in scores:
        if row["arm"] in BASELINES or row["scope"] == NOT_TRAINED:
            continue
        run = (row["arm"], number(row["fraction"]), number(row["seed"]))
        if row["scope"] == "slice":
            if number(row["accuracy"]) is None:  # nothing of this slice is known: it tests nothing
                continue
            slices.setdefault(run, {})[row["slice"]] = [row[count] for count in COUNTS]
        elif run in volumes:
            raise SynthemError(
                "DATA_VALUE",
                "scores",
                f"two volume rows of arm {run[0]}, fraction {run[1]}, seed {run[2]}",
                expected="one per arm, fraction and seed",
                fix="compare the scores of one volume and one run at a time",
            )
        else:
            volumes[run] = number(row["iou"])
    return {run: (iou, slices.get(run, {})) for run, iou in volumes.items()}


def _seeds(runs, arm, fraction):
    return [run[2] for run in runs if run[:2] == (arm, fraction)]


def _compare_pairs(reference_runs, arm_runs, *, resamples, confidence, seed):
    """Runs (IoU, {slice: counts}) of both arms in the order of their seeds -> the numbers of one row."""
    before, after = (np.array([iou for iou, _ in runs]) for runs in (reference_runs, arm_runs))
    shared = sorted(set.intersection(*(set(counts) for _, counts in reference_runs + arm_runs)))
    row = {
        "n_slices": len(shared),
        "reference_iou": float(before.mean()),
        "arm_iou": float(after.mean()),
        "difference": float((after - before).mean()),
    }
    row["p"], row["smallest_possible_p"] = sign_flip(after - before, seed)
    if len(before) > 1 and len(shared) > 1:
        counts = [np.array([[c[z] for z in shared] for _, c in runs]) for runs in (reference_runs, arm_runs)]
        half = interval(*counts, resamples=resamples, confidence=confidence, seed=seed)
        row |= {"low": row["difference"] - half, "high": row["difference"] + half}
    return row


def _no_verdict(row, untrained, unlearnt):
    """Rules 1 and 2 of `compare`, or nothing."""
    own, here = untrained.get((row["arm"], row["fraction"])), unlearnt.get(row["fraction"])
    if own:
        return {"verdict": NOT_TRAINED, "reason": f"{own}; besides, {here}" if here else own}
    return {"verdict": "no answer", "reason": here} if here else None


def _judge(row, smallest_effect):
    """Rules 3 to 7 of `compare`."""
    low, high, pairs = row.get("low"), row.get("high"), row["n_pairs"]
    if low is None:
        few = (
            f"{pairs} seed{'s' * (pairs != 1)} with an IoU in both arms"
            if pairs < 2
            else "fewer than 2 test slices"
        )
        return {"verdict": "undecided", "reason": f"{few} cannot tell an effect from chance"}
    if -smallest_effect <= low and high <= smallest_effect:
        return {"verdict": "no effect", "reason": f"the whole interval lies within +-{smallest_effect:g}"}
    if low > 0:
        return {"verdict": "helps", "reason": "the whole interval lies above 0"}
    if high < 0:
        return {"verdict": "harms", "reason": "the whole interval lies below 0"}
    return {
        "verdict": "undecided",
        "reason": f"the interval holds 0 and reaches beyond +-{smallest_effect:g}",
    }
