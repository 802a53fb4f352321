"""Does an arm score better than the reference, by how much, and how sure is that?

An arm is trained once per seed and label fraction; all arms with one seed start from the same weights
and see the same real patches, so scores are compared in pairs of one seed.
"""

from itertools import product

import numpy as np
from scipy import stats

from synthem.errors import SynthemError
from synthem.metrics.masks import BASELINE
from synthem.summaries import number

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
ARMS = {"mixed": "mixing synthetic images in", "synthetic": "training on synthetic images alone"}


def compare(scores, *, reference, resamples, confidence, smallest_effect, seed):
    """Rows of columns.SCORE_COLUMNS -> one row of COMPARISON_COLUMNS per arm and fraction.

    difference: mean over seeds of IoU(arm) - IoU(reference) on the whole test block.
    low, high: the interval of `interval`. p: of `sign_flip`; no p of n pairs is below smallest_possible_p.
    verdict, the first rule that fits:
    1. undecided: fewer than two pairs or test slices, for chance cannot be told from effect;
    2. no effect: the whole interval lies within +-smallest_effect, even if it leaves out 0;
    3. helps: the whole interval is above 0;  4. harms: it is below 0;  5. undecided.
    """
    runs = _runs(scores)
    rows = []
    for arm, fraction in dict.fromkeys(run[:2] for run in runs if run[0] != reference):
        seeds = [s for s in _seeds(runs, arm, fraction) if (reference, fraction, s) in runs]
        # A pair in which one IoU is undefined has no difference.
        seeds = [s for s in seeds if None not in (runs[arm, fraction, s][0], runs[reference, fraction, s][0])]
        row = {"arm": arm, "reference": reference, "fraction": fraction, "n_pairs": len(seeds), "n_slices": 0}
        row |= {"confidence": confidence, "smallest_effect": smallest_effect}
        if seeds:
            arms = [[runs[name, fraction, s] for s in seeds] for name in (reference, arm)]
            row |= _compare_pairs(*arms, resamples=resamples, confidence=confidence, seed=seed)
        rows.append(dict.fromkeys(COMPARISON_COLUMNS) | row | _judge(row, smallest_effect))
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


def verdict_sentence(row):
    """A row of `compare` in a biologist's words: what changed, by how much, how sure, and what it means."""
    data = subject([row])
    other = f'the arm "{row["arm"]}" instead of "{row["reference"]}"'
    arm = ARMS[row["arm"]] if data == "synthetic data" else other
    start = f"With {_labels(row['fraction'])}, "
    if number(row["difference"]) is None:
        return f"{start}nothing can be said about {arm}: no seed has an IoU in both arms."
    before, after, difference = row["reference_iou"], row["arm_iou"], row["difference"]
    digits = _digits(difference, 3 if f"{before:.2f}" == f"{after:.2f}" and difference else 2)
    verb = "raised" if difference > 0 else "lowered"
    change = f"{verb} the IoU from {before:.{digits}f} to {after:.{digits}f}"
    change = change if difference else f"left the IoU at {after:.2f}"
    if number(row["low"]) is None:
        sure = "no interval"
    else:
        sure = f"{100 * row['confidence']:g} % interval {signed(row['low'])} to {signed(row['high'])}"
    sure += f", {_count(row['n_pairs'], 'seed')}, {_count(row['n_slices'], 'test slice')}, p = {row['p']:.2g}"
    verdict = {
        "helps": f"{data} helps here",
        "harms": f"{data} harms here",
        "no effect": f"{data} has no effect here larger than {row['smallest_effect']:g}",
        "undecided": f"whether {data} helps here is undecided, as {row['reason']}",
    }[row["verdict"]]
    sentence = f"{start}{arm} {change} ({signed(difference, digits)}, {sure}): {verdict}."
    if row["smallest_possible_p"] > 0.05 and number(row["low"]) is not None:
        least = f"{_count(row['n_pairs'], 'seed')} cannot give a p below {row['smallest_possible_p']:.2g}"
        sentence += f" ({least}, so this rests on the interval alone.)"
    return sentence


def headline(rows, *, structure):
    """All rows of `compare` in one sentence; `structure` is what was segmented."""
    if not rows:
        return f"For {structure}, no arm was compared with another: nothing can be said about synthetic data."
    answers = []
    for verdict in ("helps", "harms", "no effect", "undecided"):
        cases = [_case(row) for row in rows if row["verdict"] == verdict]
        if cases:
            answers.append(f"{verdict.capitalize()}: {'; '.join(cases)}.")
    few, many = min(row["n_pairs"] for row in rows), max(row["n_pairs"] for row in rows)
    seeds = _count(many, "seed") if few == many else f"{few} to {_count(many, 'seed')}"
    several = ", intervals not widened for their number" if len(rows) > 1 else ""
    return (
        f"Does {subject(rows)} help to segment {structure}? {' '.join(answers)} "
        f"(Change of the IoU on the test block, {seeds}{several}.)"
    )


def signed(value, digits=2):
    """+0.07, -0.003: two decimals, or as many as keep a change from being shown as none."""
    if value == 0:
        return "0"
    return f"{value:+.{_digits(value, digits)}f}" if abs(value) >= 1e-6 else f"{value:+.0e}"


def _digits(value, digits):
    while digits < 6 and value and float(f"{value:.{digits}f}") == 0:
        digits += 1
    return digits


def _case(row):
    change = number(row["difference"])
    return f"{row['arm']} with {_labels(row['fraction'])}: {'no IoU' if change is None else signed(change)}"


def _count(number, noun):
    return f"{number:g} {noun}{'s' * (number != 1)}"


def _labels(fraction):
    return "all labels" if fraction == 1 else f"{100 * fraction:g} % of the labels"


def subject(rows):
    """Only the arms of the default config are known to differ from the reference in their synthetic data."""
    known = all(row["arm"] in ARMS and row["reference"] == "real" for row in rows)
    return "synthetic data" if known else "the other arm"


def _runs(scores):
    """(arm, fraction, seed) -> (IoU of the volume, {slice: counts}); the baseline has no seed, so no run."""
    volumes, slices = {}, {}
    for row in scores:
        if row["arm"] == BASELINE or number(row["seed"]) is None:
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


def _judge(row, smallest_effect):
    """The rules of `compare`."""
    low, high, pairs = row.get("low"), row.get("high"), row["n_pairs"]
    if low is None:
        few = f"{_count(pairs, 'seed')} with an IoU in both arms" if pairs < 2 else "fewer than 2 test slices"
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
