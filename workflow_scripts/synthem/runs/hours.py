"""How long the trainings behind each arm took, in all their sessions."""

from pathlib import Path
from statistics import fmean

from synthem.runs.record import spent_on


def hours_of_arms(parts, benchmarks, *, volume, budgets):
    """{(arm, budget): hours of training behind one run}, the mean over replicates and seeds.

    parts {arm: [(rule, arm or variant under which it trains), ...]}: networks that are trained for each draw
    of labels. An arm of which one part left no time is missing. Only for reading: times differ from run to
    run.
    """
    found = {}
    for arm, own in parts.items():
        for budget in budgets:
            places = [Path(benchmarks, rule, volume, name, f"budget-{budget}") for rule, name in own]
            seconds = [
                [one for file in sorted(place.rglob("*.tsv")) for one in spent_on(file, benchmarks)]
                for place in places
            ]
            if all(seconds):
                found[arm, str(budget)] = sum(map(fmean, seconds)) / 3600
    return found
