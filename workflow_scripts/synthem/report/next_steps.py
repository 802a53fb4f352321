"""What to do after a verdict: one to three sentences that name the arm, the key and the number."""

from synthem.comparison.answers import NO_ANSWER, budgets_text, remedy
from synthem.comparison.designs import FEWEST, LEAST_EFFECTIVE
from synthem.comparison.learning import UNFINISHED
from synthem.comparison.summaries import number
from synthem.report.verdict import OPEN, asked_rows, leading
from synthem.storage.naming import count_text

MOST = 3  # sentences

ONE_ARM = "Name a second arm to compare, for example `study: {{arms: [{}]}}`: what is finished is kept."
CONTROLS_ALONE = (
    "Name an arm to compare beside the controls, for example `study: {{arms: [{}]}}`: what is finished is "
    "kept."
)
HELPS = (
    "Learn with `{arm}` {labels}. `apply: {{stacks: ...}}` and `snakemake apply` segment whole stacks by the "
    "arm that is best with the most labels."
)
CONFIRM = "Repeat the study on another block or animal before you rely on it: this is one volume."
HARMS = "Do not learn from `{arm}` {labels}; segment with `{reference}`."
FINISH = "Raise `unets: training: steps` before you drop `{arm}`: its networks had not finished learning."
LOOK = "Look at the images below: what differs from real ones misleads networks."
NO_EFFECT = "Segment with `{reference}`: `{arm}` brings nothing that matters {labels}."
FEWER = "Synthetic data has most to give where labels are few: try `labels: {{budgets: [{0}]}}`."
MORE_REPLICATES = (
    "Set `study: {{replicates: {needed}}}`, leave `planned`, and start again; what is finished is kept. That "
    "would find a difference of {effect:g} {labels} in about 80 of 100 such studies."
)
NEW_STUDY = (
    "A new study on other test slices ({other}) with `study: {{replicates: "
    "{anew}, planned: {anew}}}` would find a difference of {effect:g} {labels} in about 80 of 100: to go on "
    "with this one would not."
)
MORE_SLICES = "Label more test slices ({more}): more replicates alone would not decide {labels}."
TOO_FEW = (
    "Set `study: {{replicates: {needed}}}` and start again; what is finished is kept ({labels}; complete "
    "now: {n}; add one for each that fails)."
)
FEW_SLICES = "Test on {least} slices or more ({more}): of {slices} no number of replicates makes a verdict."
FEW_BLOCKS = (
    "Test on a longer block ({more}): {blocks} of slices that err apart {be} too few, {least} make a verdict."
)
FEW_EFFECTIVE = (
    "Test on a block with more of the structure ({more}): it lies in so few slices that they "
    "say as much as {n:.1f} blocks of equal size; {least} make a verdict."
)
NO_INTERVAL = (
    "Test on several slices ({more}); where there are some, find the undefined score in "
    "scores.csv: nothing says how sure the difference is."
)
# Where test slices come from: of the volume's own, or from a stack of their own.
OF_BLOCK = {
    "more": "raise `split: {test: ...}`",
    "other": "another `split: {fold: ...}` or volume",
}
OF_STACK = {
    "more": "a larger stack at `test:` of the volume",
    "other": "another stack at `test:` of the volume",
}
BROKEN = "Find out why scores are missing {labels}: {reason}."
MEANWHILE = "Until then, segment with `{reference}`."


def next_steps(comparisons, answer, *, tested, apart=False):
    """Rows of comparison.csv and verdict.json -> sentences; names in `...` are of arms, keys and commands.

    tested: how many test slices there are; with too few no number of replicates brings a verdict. apart: they
    are a stack of their own, which no `split` makes larger.
    """
    rows = asked_rows(comparisons, answer)
    if not rows:
        lacking = dict.fromkeys(remedy(row["reason"]) for row in answer["unlearnt"])
        own = answer["reference"]
        wanted = ["real", own] if own != "real" else [own, "mixed"]
        wanted += dict.fromkeys(row["arm"] for row in comparisons)
        more = CONTROLS_ALONE if comparisons else ONE_ARM
        return [*lacking, more.format(", ".join(wanted))][:MOST]
    place = {"reference": answer["reference"]}
    painted = answer["subject"] == "synthetic data"
    steps, slices = [], {"tested": tested, **(OF_STACK if apart else OF_BLOCK)}
    for row in _strongest(leading(rows)):
        alike = [one for one in rows if _alike(one, row)]
        of_arm = [one for one in rows if one["arm"] == row["arm"]]
        steps += _decided(row, alike, of_arm, place, painted) or _undecided(row, alike, **slices)
    verdict = leading(rows)[0]["verdict"]
    if verdict not in OPEN:
        steps += [step for row in rows if row["verdict"] in OPEN for step in _undecided(row, [row], **slices)]
    elif verdict != NO_ANSWER:
        steps.append(MEANWHILE.format(**place))
    return list(dict.fromkeys(steps))[:MOST]


def _strongest(rows):
    """For each verdict the row with the largest difference."""
    found = {}
    for row in sorted(rows, key=lambda row: -abs(number(row["difference"]) or 0)):
        found.setdefault(row["verdict"], row)
    return list(found.values())


def _alike(one, other):
    return (one["arm"], one["verdict"]) == (other["arm"], other["verdict"])


def _decided(row, alike, of_arm, place, painted):
    """Sentences after a verdict, none where there is none.

    of_arm: the rows of its arm; alike: those of them with the same verdict.
    """
    words = place | {"arm": row["arm"], "labels": _with(alike)}
    early = [FINISH.format(**words)] if any(UNFINISHED in (one["caveat"] or "") for one in alike) else []
    if row["verdict"] == "helps":
        return [HELPS.format(**words), CONFIRM]
    if row["verdict"] == "harms":
        return [HARMS.format(**words), *early, *[LOOK] * painted]
    if row["verdict"] != "no effect":
        return []
    fewest = min(of_arm, key=lambda one: one["labelled_slices"] or 1)
    half = (fewest["labelled_slices"] or 1) // 2
    budgets = ", ".join([str(half), *(str(one["budget"]) for one in of_arm)])
    fewer = [FEWER.format(budgets)] if painted and half and fewest in alike else []
    return [NO_EFFECT.format(**words), *early, *fewer]


def _undecided(row, alike, *, tested, more, other):
    """What would decide a row without a verdict; more, other: how there are more or other test slices."""
    labels, needed = _with(alike), number(row["needed_replicates"])
    if row["verdict"] == NO_ANSWER:
        return [remedy(row["reason"])]
    if number(row["difference"]) is None and row["n_replicates"] >= FEWEST:
        return [BROKEN.format(labels=labels, reason=row["reason"])]
    if row["verdict"] == "exploratory":
        steps = []
        if tested < FEWEST:
            steps.append(FEW_SLICES.format(slices=count_text(tested, "test slice"), least=FEWEST, more=more))
        least = max(FEWEST, row["planned_replicates"] or 0)
        if row["n_replicates"] < least:
            complete = {"needed": max(least, int(needed or 0)), "n": row["n_replicates"]}
            steps.append(TOO_FEW.format(**complete, labels=labels))
        if number(row["low"]) is None and row["n_replicates"] >= FEWEST:
            steps.append(NO_INTERVAL.format(more=more))
        elif number(row["low"]) is not None and (blocks := row["n_blocks"]) < FEWEST <= tested:
            be = "is" if blocks == 1 else "are"
            steps.append(
                FEW_BLOCKS.format(blocks=count_text(blocks, "block"), be=be, least=FEWEST, more=more)
            )
        elif number(row["low"]) is not None and row["effective_blocks"] < LEAST_EFFECTIVE:
            steps.append(FEW_EFFECTIVE.format(n=row["effective_blocks"], least=LEAST_EFFECTIVE, more=more))
        return steps
    words = {"effect": row["smallest_effect"], "labels": labels, "more": more, "other": other}
    if needed is not None:
        return [MORE_REPLICATES.format(needed=int(needed), **words)]
    anew = number(row["needed_anew"])
    return [NEW_STUDY.format(anew=int(anew), **words) if anew is not None else MORE_SLICES.format(**words)]


def _with(rows):
    return f"with {budgets_text(rows)}"
