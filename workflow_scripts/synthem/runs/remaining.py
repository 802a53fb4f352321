"""How long the rest of a run takes, by how long such steps took: in this run, else in earlier ones."""

from pathlib import Path
from statistics import fmean

from synthem.runs.record import seconds_of


class Remaining:
    """Times the steps of a run; benchmarks: the folder of Snakemake's `benchmark:` files of earlier runs."""

    def __init__(self, benchmarks, clock):
        self.benchmarks, self.clock = Path(benchmarks), clock
        self.first, self.busy = None, 0.0
        self.running = {}  # {step: (rule, start)}
        self.took = {}  # {rule: seconds of each step of this run}
        self.earlier = {}  # {rule: mean seconds of earlier runs, or None}

    def start(self, step, rule):
        now = self.clock()
        self.first = now if self.first is None else self.first
        self._earlier(rule)  # before this run's own file replaces it
        self.running[step] = rule, now

    def finish(self, step):
        rule, start = self.running.pop(step)
        self.took.setdefault(rule, []).append(self.clock() - start)
        self.busy += self.took[rule][-1]

    def drop(self, step):
        """A step that failed says nothing of how long others take."""
        self.running.pop(step, None)

    def seconds(self, steps, told):
        """(seconds or None, whether all kinds were timed) of the steps {step: rule} that have not finished.

        told {step: seconds}: what running steps say themselves.
        """
        now = self.clock()
        known, work, longest = True, None, 0.0
        for step, rule in steps.items():
            mean = fmean(self.took[rule]) if rule in self.took else self._earlier(rule)
            if step in self.running and mean is not None:
                mean = max(mean - (now - self.running[step][1]), 0.0)
            mean = told.get(step, mean)
            if mean is None:
                known = False
            else:
                work, longest = (work or 0.0) + mean, max(longest, mean)
        if work is None:
            return (None, False) if steps else (0.0, True)
        # As many at once as so far, and no step shorter than it is.
        elapsed = now - self.first if self.first is not None else 0.0
        busy = self.busy + sum(now - start for _, start in self.running.values())
        return max(work / max(1.0, busy / elapsed if elapsed else 1.0), longest), known

    def _earlier(self, rule):
        if rule not in self.earlier:
            files = [self.benchmarks / f"{rule}.tsv", *(self.benchmarks / rule).rglob("*.tsv")]
            found = [seconds for file in files for seconds in seconds_of(file)]
            self.earlier[rule] = fmean(found) if found else None
        return self.earlier[rule]
