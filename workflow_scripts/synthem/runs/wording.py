"""Steps and durations of a run in plain words, as they stand on the terminal."""

import textwrap
from collections import Counter

from synthem.storage.durations import duration
from synthem.storage.naming import count_text, slices_text

NAMES = {"unet": "U-Net", "gan": "GAN", "stylegan": "StyleGAN", "isbi": "ISBI scores"}
WITH_WORDS = {
    "replicate": "rep {}",
    "seed": "seed {}",
    "part": "part {}",
    "parts": "of {}",
}
MOST_REASONS = 4  # groups of a dry run, each in at most so many lines
MOST_LINES = 2
FOLLOWS = "input files updated by another job"  # says nothing of why the other job runs


def step_in_words(rule, wildcards):
    """The rule and what it works on: `train U-Net: hippocampus, mixed, 4 slices, rep 2, seed 1`."""
    words = {name: WITH_WORDS.get(name, "{}").format(value) for name, value in wildcards.items()}
    if "budget" in words:
        words["budget"] = slices_text(words["budget"])
    what = words.values()
    return rule_in_words(rule) + (f": {', '.join(what)}" if what else "")


def rule_in_words(rule):
    return " ".join(NAMES.get(word, word) for word in rule.split("_"))


def time_left(seconds, *, spent, all_known):
    """What is left of a run; a lower bound where not all is known, and nothing where that is a small part.

    Below what was spent so far, or a minute, it would be taken for the whole.
    """
    if all_known:
        return duration(seconds)
    return f">{duration(seconds)}" if seconds is not None and seconds > max(spent, 60) else ""


def shortened(line, width):
    """The line within a width; as it is where there is none."""
    return line if not width or len(line) <= width else f"{line[: width - 1]}…"


def plan_in_words(jobs, *, then, width):
    """The lines of a dry run: steps of [(rule, reasons)] in groups, by the reason that comes first.

    then: rules after which more steps become known.
    """
    groups = {}
    for rule, reasons in jobs:
        own = next((reason for reason in reasons if reason != FOLLOWS), FOLLOWS)
        groups.setdefault(own, Counter())[rule] += 1
    if not jobs:
        return ["Dry run: no step would run."]
    lines = [f"Dry run: {count_text(len(jobs), 'step')} would run. Why, and how many:"]
    ordered = sorted(groups.items(), key=lambda group: (group[0] == FOLLOWS, -group[1].total()))
    for reason, rules in ordered[:MOST_REASONS]:
        words = [f"{count} x {rule_in_words(rule)}" for rule, count in rules.most_common()]
        lines += [f"  {reason} ({rules.total()}):", *_listed(words, width)]
    if rest := sum(rules.total() for _, rules in ordered[MOST_REASONS:]):
        lines.append(f"  other reasons ({rest})")
    if then:
        lines.append(f"More steps become known after: {', '.join(map(rule_in_words, then))}.")
    return lines


def _listed(words, width):
    """Words in a few lines; how many are left out, where they do not fit."""
    for count in range(len(words), 0, -1):
        left = f", and {count_text(len(words) - count, 'other kind')}" if count < len(words) else ""
        lines = textwrap.wrap(
            ", ".join(words[:count]) + left, width, initial_indent="    ", subsequent_indent="    "
        )
        if len(lines) <= MOST_LINES:
            break
    return lines
