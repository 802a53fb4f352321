"""A plan as one page that a biologist reads before the first training: can it answer, what does it cost."""

from synthem.comparison.p_values import p_text
from synthem.comparison.planning import POWER
from synthem.comparison.saving_words import SCORES
from synthem.errors import bytes_in_words
from synthem.plans.design import EARLIER
from synthem.plans.trainings import TRAININGS
from synthem.storage.naming import count_text, two_digits


def page_of(plan):
    """The plan of `plans.planning.plan_of` as text for the terminal."""
    lines = [f"PLAN  {_question(plan)}", "", "Can it answer?"]
    for target, outlook in plan["outlooks"].items():
        lines += [f"  {line}" for line in _outlook_lines(target, outlook, plan)]
    lines += ["", "What does it take?"]
    lines += [f"  {line}" for line in _cost_lines(plan)]
    lines += ["", "What does it learn from?"]
    lines += [f"  {line}" for line in _label_lines(plan)]
    return "\n".join(lines) + "\n"


def _question(plan):
    structure, reference = plan["structure"], plan["reference"]
    if not plan["arms"]:
        compared = "Controls alone are" if plan["controls"] else "No arm is"
        return f"How well does {reference} segment {structure}? {compared} compared with it."
    return f"Which arm segments {structure} better than {reference}: {', '.join(plan['arms'])}?"


def time_in_words(seconds):
    """40 seconds, 12 minutes, 3.5 hours, 4 days: two digits, for nobody knows more."""
    for unit, length, enough in (("days", 86400, 2), ("hours", 3600, 1.5), ("minutes", 60, 1.5)):
        if seconds >= enough * length:
            return f"{two_digits(seconds / length)} {unit}"
    return count_text(float(two_digits(seconds)), "second")


def _independent(blocks):
    """Blocks of test slices that err apart, in words."""
    return f"{count_text(blocks, 'block')} that {'counts' if blocks == 1 else 'count'} as independent"


def _outlook_lines(target, outlook, plan):
    if "unknown" in outlook:
        return [f"{target}: not known yet, for {outlook['unknown']}."]
    score = SCORES.get(plan["endpoint"], plan["endpoint"])
    blocks = f"{count_text(outlook['test_slices'], 'test slice')} ({_independent(outlook['blocks'])})"
    start = f"{target}: {count_text(outlook['replicates'], 'replicate')}, {blocks}"
    if not plan["arms"]:
        compared = "controls alone are" if plan["controls"] else "nothing is"
        return [f"{start}: {compared} compared, so there is no answer."]
    lines = [f"{start}, {count_text(outlook['family'], 'comparison')}."]
    if outlook["never_helps"]:
        lines.append(f"It can NEVER say that an arm helps: {outlook['never_helps']}. It explores.")
    else:
        found = f"A true difference of {outlook['smallest_effect']:g} {score} is found in"
        lines.append(
            f"{found} {100 * outlook['power']:.0f} of 100 such studies. {_detectable(outlook, score)}"
        )
        if outlook["family"] > 1 and outlook["power"] < POWER:
            lines.append(
                f"A study of one arm with one budget: in {100 * outlook['power_of_one']:.0f} of 100."
            )
        lines.append(_needed(outlook))
        # No IoU differs by more: a design whose p is above 0.05 even then can find nothing.
        lines.append(f"A difference of 1 {score} would have p {p_text(outlook['smallest_p'])}.")
    return [*lines, f"This rests on {outlook['rests_on']}: how much scores differ by chance."]


def _detectable(outlook, score):
    if outlook["detectable"] is None:
        return f"In {100 * POWER:.0f} of 100, no difference up to 1 {score} is found."
    return f"In {100 * POWER:.0f} of 100, one of {outlook['detectable']:.2g} {score} or more is found."


def _needed(outlook):
    goal = f"{100 * POWER:.0f} of 100 at {outlook['smallest_effect']:g}"
    needed = outlook["needed_replicates"]
    if needed is None:
        return (
            f"No number of replicates reaches {goal} here: more test slices do, or a larger smallest_effect."
        )
    advice = f"study: {{replicates: {needed}, planned: {needed}}}"
    if outlook["rests_on"] == EARLIER:
        return (
            f"For {goal}, a new study on other test slices: {advice}. How this one goes on, its report says."
        )
    return f"For {goal}: {advice}, set before a result is seen."


def _cost_lines(plan):
    trained = plan["trainings"]
    total = sum(one["count"] for one in trained)
    time = f"about {time_in_words(plan['seconds'])} on {count_text(plan['cores'], 'core')}"
    time += f" and {count_text(plan['gpus'], 'GPU')}" if plan["gpus"] else ""
    lines = [f"{time[0].upper()}{time[1:]}, and {bytes_in_words(plan['disk'])} of disk."]
    lines.append(f"{count_text(total, 'training')} and about {plan['other_jobs']} shorter jobs:")
    lines += [f"  {line}" for line in _kinds(trained)]
    lines.append(f"  shorter jobs: {time_in_words(plan['other_seconds'])} in all")
    lines += _stack_lines(plan["stacks"])
    lines += [f"WARNING {why}" for why in dict.fromkeys(one["too_large"] for one in trained) if why]
    if any(one["seconds"] is None for one in trained):
        lines.append("What is not timed is not in the sum: it takes longer.")
    return lines


def _stack_lines(found):
    """What whole stacks take, if there are any."""
    if not found["stacks"]:
        return []
    spent = f"{count_text(found['jobs'], 'job')}, {time_in_words(found['seconds'])} in all"
    lines = [f"  {count_text(found['stacks'], 'whole stack')} (apply): {spent}"]
    return lines + [f"  {name} is in no sum: {why}" for name, why in found["unknown"].items()]


def _kinds(trained):
    """A line for all networks of one kind that take the same time for the same reason."""
    groups = {}
    for one in trained:
        each = "not timed"
        if one["seconds"] is not None:
            each = f"{time_in_words(one['seconds'])} each, by {one['rests_on']}"
        groups.setdefault((one["rule"], each), []).append(one)
    for (rule, each), members in groups.items():
        names = ", ".join(dict.fromkeys(one["name"] for one in members))
        yield f"{count_text(sum(one['count'] for one in members), TRAININGS[rule][1])} ({names}): {each}"


def _label_lines(plan):
    lines = []
    for target, outline in plan["outlines"].items():
        if "unknown" in outline:
            continue
        train = outline["train"]
        words = [f"all {train}" if budget == "all" else str(budget) for budget in plan["budgets"]]
        lines.append(
            f"{target}: {' or '.join(words)} of {count_text(train, 'labelled slice')} ({plan['strategy']}); "
            f"{count_text(outline['test'], 'other')} {'is' if outline['test'] == 1 else 'are'} for the test."
        )
        for budget in plan["budgets"]:
            if budget != "all" and budget > train:
                lines.append(f"A budget of {budget} is more than there are.")
    return lines or ["Not known yet."]
