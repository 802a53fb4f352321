"""How long the trainings behind each arm took, in all their sessions."""

from pathlib import Path
from statistics import fmean

from synthem.runs.places import belongs_to
from synthem.runs.record import spent_on


def hours_of_arms(parts, benchmarks, *, volume, run):
    """{(arm, budget): hours of training behind one run}, the mean over replicates and seeds of the run.

    parts {arm: [(rule, arm or variant under which it trains), ...]}: networks that are trained for each draw
    of labels. An arm of which one part left no time is missing. Only for reading: times differ from run to
    run. run: as `belongs_to` takes it.
    """
    found = {}
    for arm, own in parts.items():
        for budget in run["budget"]:
            where = [(rule, f"{volume}/{name}/budget-{budget}") for rule, name in own]
            seconds = [_seconds(Path(benchmarks), rule, place, run) for rule, place in where]
            if all(seconds):
                found[arm, str(budget)] = sum(map(fmean, seconds)) / 3600
    return found


def _seconds(benchmarks, rule, place, run):
    """Seconds of each training of a rule below a place that the run has."""
    files = sorted((benchmarks / rule / place).rglob("*.tsv"))
    own = [file for file in files if belongs_to(run, file.relative_to(benchmarks / rule).as_posix())]
    return [seconds for file in own for seconds in spent_on(file, benchmarks)]
