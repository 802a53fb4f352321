"""The rows of a comparison as sentences that a biologist understands."""

from synthem.comparison.summaries import number
from synthem.metrics.definitions import NOT_TRAINED
from synthem.synthesis.acceptance import NOT_GOOD_ENOUGH, REMEDY

VERDICTS = ("helps", "harms", "no effect", "undecided", "no answer", NOT_TRAINED)
TO_DO = {  # by verdicts that are none
    "no answer": "Raise unets: training: steps or base_width in unets: network, or label more slices.",
    NOT_TRAINED: REMEDY,
}
ARMS = {"mixed": "mixing synthetic images in", "synthetic": "training on synthetic images alone"}


def verdict_sentence(row):
    """A row of `compare` in a biologist's words: what changed, by how much, how sure, and what it means."""
    data = subject([row])
    other = f'the arm "{row["arm"]}" instead of "{row["reference"]}"'
    arm = ARMS[row["arm"]] if data == "synthetic data" else other
    start = f"With {_labels(row['fraction'])}, "
    if row["verdict"] == NOT_TRAINED:
        return f"{start}{arm} could not be tried: {row['reason']}. {NOT_GOOD_ENOUGH}. {TO_DO[NOT_TRAINED]}"
    if row["verdict"] == "no answer":
        return f"{start}there is no answer about {arm}: {row['reason']}. {TO_DO['no answer']}"
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
    for verdict in VERDICTS:
        own = [row for row in rows if row["verdict"] == verdict]
        if own:
            answers.append(f"{verdict.capitalize()}: {'; '.join(map(_case, own))}.{_what_to_do(own)}")
    answer = f"Does {subject(rows)} help to segment {structure}? {' '.join(answers)}"
    pairs = [row["n_pairs"] for row in rows if row["verdict"] not in TO_DO]
    if not pairs:
        return answer
    few, many = min(pairs), max(pairs)
    seeds = _count(many, "seed") if few == many else f"{few} to {_count(many, 'seed')}"
    several = ", intervals not widened for their number" if len(pairs) > 1 else ""
    return f"{answer} (Change of the IoU on the test block, {seeds}{several}.)"


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
    if row["verdict"] in TO_DO:  # a number would be taken for an answer
        return f"{row['arm']} with {_labels(row['fraction'])}"
    change = number(row["difference"])
    return f"{row['arm']} with {_labels(row['fraction'])}: {'no IoU' if change is None else signed(change)}"


def _what_to_do(rows):
    """Of rows of one verdict that is none: why, and what to do."""
    verdict = rows[0]["verdict"]
    if verdict not in TO_DO:
        return ""
    reasons = "; ".join(dict.fromkeys(row["reason"] for row in rows))
    meaning = f" {NOT_GOOD_ENOUGH}." if verdict == NOT_TRAINED else ""
    return f" {reasons[0].upper()}{reasons[1:]}.{meaning} {TO_DO[verdict]}"


def _count(number, noun):
    return f"{number:g} {noun}{'s' * (number != 1)}"


def _labels(fraction):
    return "all labels" if fraction == 1 else f"{100 * fraction:g} % of the labels"


def subject(rows):
    """Only the arms of the default config are known to differ from the reference in their synthetic data."""
    known = all(row["arm"] in ARMS and row["reference"] == "real" for row in rows)
    return "synthetic data" if known else "the other arm"
