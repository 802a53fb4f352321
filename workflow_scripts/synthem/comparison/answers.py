"""The rows of a comparison as sentences that a biologist understands."""

from synthem.comparison.arms import arms_in_words, controls_of, generated_arms
from synthem.comparison.learning import UNFINISHED
from synthem.comparison.p_values import p_text
from synthem.comparison.summaries import number
from synthem.metrics.ranges import possible_difference, within
from synthem.storage.naming import count_text, labels_text
from synthem.synthesis.acceptance import REMEDY

VERDICTS = ("helps", "harms", "no effect", "undecided", "exploratory", "no answer")
NO_ANSWER = "no answer"
ENDPOINTS = {"iou": "IoU", "dice": "Dice score", "voi": "VOI (bits, less is better)"}
# What to do, by a word of the reason why there is no answer; the last one fits the rest.
REMEDIES = {
    "the control ": "Look at the pictures of that control first: data or labels are at fault, or chance.",
    "passed the filter": REMEDY,
    UNFINISHED: "Raise unets: training: steps, or the learning_rate of its optimiser.",
    "": "Set a larger `size`, or raise unets: training: steps or base_width in unets: network, or label more "
    "slices.",
}


def answer_of(comparisons, *, arms, structure, endpoint):
    """{question, subject, asked, headline, family, sentences, arms} of the rows of `compare`, for the report.

    asked: the arms that the question is about, those that learn from painted images where there are some;
    subject: what these have in common. arms: {name: {sets, then, switch, variant, data_sets}}, the reference
    among them.
    """
    words, generated, controls = arms_in_words(arms), generated_arms(arms), controls_of(arms)
    checks = [row for row in comparisons if row["arm"] in controls]
    asking = [row for row in comparisons if row["arm"] not in controls]
    compared = list(dict.fromkeys(row["arm"] for row in asking))
    painted = [arm for arm in compared if arm in generated]
    of_images = by_images_alone(asking, generated, arms)
    question = question_of(asking, of_images and compared == painted, structure=structure)
    return {
        "question": question,
        "subject": "synthetic data" if painted and of_images else "what was tried",
        "asked": painted if painted and of_images else compared,
        "headline": headline(asking, checks, question=question, endpoint=endpoint),
        "family": family_of(asking),
        "sentences": [verdict_sentence(row, words=words, endpoint=endpoint) for row in comparisons],
        "arms": words,
    }


def by_images_alone(comparisons, generated, arms):
    """Whether painted images are all that arms differ in from their reference, which has their settings.

    generated: names of the arms that learn from some; arms: as in `answer_of`.
    """
    pairs = {(row["arm"], row["reference"]) for row in comparisons if row["arm"] in generated}
    return all(
        reference not in generated and arms[arm]["variant"] == arms[reference]["variant"]
        for arm, reference in pairs
    )


def question_of(comparisons, of_images, *, structure):
    """What the rows of `compare` answer; of_images: whether that is what painted images do, and no more."""
    if not comparisons or of_images:
        return f"Does synthetic data help to segment {structure}?"
    return f"What helps to segment {structure}, against the arm `{comparisons[0]['reference']}`?"


def verdict_sentence(row, *, words, endpoint):
    """A row of `compare` in a biologist's words: what changed, by how much, how sure, and what it means.

    words: {arm: what it learnt from}.
    """
    start = f"With {labels_text(row['budget'], row.get('labelled_slices'))}, "
    who, score = f"`{row['arm']}` ({words[row['arm']]})", ENDPOINTS[endpoint]
    if row["verdict"] == NO_ANSWER:
        return f"{start}there is no answer about {who}: {row['reason']}. {remedy(row['reason'])}"
    if number(row["difference"]) is None:
        return f"{start}nothing can be said about {who}: {row['reason']}."
    before, after, difference = row["reference_score"], row["arm_score"], row["difference"]
    digits = _digits(difference, 3 if f"{before:.2f}" == f"{after:.2f}" and difference else 2)
    change = f"{who} has a {score} of {after:.{digits}f}, `{row['reference']}` of {before:.{digits}f}"
    change = change.replace(" has a IoU ", " has an IoU ")
    caveat = f" But {row['caveat']}." if number(row.get("caveat")) else ""
    return f"{start}{change} ({signed(difference, digits)}, {_sure(row, endpoint)}): {_meaning(row)}.{caveat}"


def headline(rows, controls=(), *, question, endpoint):
    """All rows of `compare` in a few sentences: the question, each verdict with its arms, the controls."""
    if not rows:
        compared = "Controls alone were compared" if controls else "No arm was compared with another"
        return f"{question} {compared}: nothing can be said.{controls_text(controls)}"
    answers = []
    for verdict in VERDICTS:
        own = [row for row in rows if row["verdict"] == verdict]
        if own:
            arms = dict.fromkeys(row["arm"] for row in own)
            cases = (_case([row for row in own if row["arm"] == arm]) for arm in arms)
            answers.append(f"{verdict.capitalize()}: {'; '.join(cases)}.{_why(own)}")
    measured = [row["n_replicates"] for row in rows if row["verdict"] != NO_ANSWER]
    if measured:
        few, many = min(measured), max(measured)
        replicates = count_text(many, "replicate") if few == many else f"{few} to {many} replicates"
        family = family_of(rows)
        several = f", p corrected for {family} comparisons" if family > 1 else ""
        answers.append(f"(Change of the {ENDPOINTS[endpoint]} on the test block; {replicates}{several}.)")
    return " ".join([question, *answers]) + controls_text(controls)


def family_of(rows):
    """For how many comparisons p is corrected; rows: of no control."""
    return sum(number(row["p_adjusted"]) is not None for row in rows)


def controls_text(rows):
    """What came out of the controls, which ask nothing themselves."""
    cases = [f"{row['arm']} with {budgets_text([row])}: {row['verdict']}" for row in rows]
    return f" Controls: {'; '.join(cases)}." if cases else ""


def remedy(reason):
    """What to do about a reason why there is no answer."""
    return next(what for sign, what in REMEDIES.items() if sign in reason)


def signed(value, digits=2):
    """+0.07, -0.003: two decimals, or as many as keep a change from being shown as none."""
    if value == 0:
        return "0"
    return f"{value:+.{_digits(value, digits)}f}" if abs(value) >= 1e-6 else f"{value:+.0e}"


def budgets_text(rows):
    """The label budgets of rows in words: `1, 3 and all 22 labelled slices`."""
    words = [labels_text(row["budget"], row.get("labelled_slices")) for row in rows]
    words = list(dict.fromkeys(words))
    *first, last = [word.removesuffix("s").removesuffix(" labelled slice") for word in words[:-1]] + words[
        -1:
    ]
    return f"{', '.join(first)} and {last}" if first else last


def _digits(value, digits):
    while digits < 6 and value and float(f"{value:.{digits}f}") == 0:
        digits += 1
    return digits


def _sure(row, endpoint):
    """Interval, numbers of replicates and p, in words."""
    sure = "no interval"
    if number(row["low"]) is not None:
        low, high = (within(row[end], possible_difference(endpoint)) for end in ("low", "high"))
        sure = f"{100 * row['confidence']:g} % interval {signed(low)} to {signed(high)}"
    sure += f", {count_text(row['n_replicates'], 'replicate')}"
    return sure if number(row["p_adjusted"]) is None else f"{sure}, adjusted p {p_text(row['p_adjusted'])}"


def _meaning(row):
    """What a verdict means, how sure, and what would decide where nothing is."""
    reference = f"`{row['reference']}`"
    meaning = {
        "helps": "it helps here",
        "harms": "it harms here",
        "no effect": f"it has no effect here larger than {row['smallest_effect']:g}",
        "undecided": f"whether it helps is undecided, as {row['reason']}",
        "exploratory": f"a first look, no answer, as {row['reason']}",
    }[row["verdict"]]
    if number(row["better"]) is not None:
        meaning += (
            f". In a new replicate it beats {reference} with a probability of {_percent(row['better'])}"
        )
    needed = number(row["needed_replicates"])
    if row["verdict"] == "exploratory" and needed is not None:
        meaning += f". About {needed:g} replicates would decide whether it makes {row['smallest_effect']:g}"
    return meaning


def _percent(probability):
    """98 %; never 0 or 100 %: nothing is certain."""
    if probability > 0.995:
        return "more than 99 %"
    return "less than 1 %" if probability < 0.005 else f"{100 * probability:.0f} %"


def _case(rows):
    """The rows of one arm and verdict: their budgets, and how much each changed."""
    start = f"{rows[0]['arm']} with {budgets_text(rows)}"
    if rows[0]["verdict"] == NO_ANSWER:  # a number would be taken for an answer
        return start
    changes = (number(row["difference"]) for row in rows)
    return f"{start} ({', '.join('no score' if change is None else signed(change) for change in changes)})"


def _why(rows):
    """Of rows without an answer: why, and what to do."""
    if rows[0]["verdict"] != NO_ANSWER:
        return ""
    reasons = list(dict.fromkeys(row["reason"] for row in rows))
    text = "; ".join(reasons)
    remedies = dict.fromkeys(map(remedy, reasons))
    return f" {text[0].upper()}{text[1:]}. {' '.join(remedies)}"
