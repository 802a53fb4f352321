"""How long the rest of a run takes, by how long such steps took: in this run, in earlier ones, or by a plan.

Of a kind that has not ended once, the first that runs and tells how long it has to go stands for all.
Kinds without a network that were never timed take as long as others of that sort; with one that learns or
predicts, what is known is a lower bound.

A step takes the time in which it runs, not that in the queue of a cluster: its benchmark file says how long,
and its log when it began. How many run at once is counted with all waiting, so it stands for the queue.
"""

import os
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from statistics import fmean

from synthem.runs.record import seconds_of


class Remaining:
    """Times the steps of a run.

    benchmarks: the folder of Snakemake's `benchmark:` files of earlier runs. planned () -> {rule: (count,
    seconds of one)} of the plan of this run, {} without one.
    """

    def __init__(self, benchmarks, clock, planned=dict):
        self.benchmarks, self.clock = Path(benchmarks), clock
        self.planned = cache(planned)
        self.first, self.busy = None, 0.0
        self.queued = {}  # {step: (rule, log, when it was sent, by the clock of files)}
        self.running = {}  # {step: (rule, start)}
        self.files = {}  # {step: its benchmark file}
        self.took = {}  # {rule: seconds of each step of this run}
        self.earlier = {}  # {rule: mean seconds of earlier runs, or None}

    def start(self, step, rule, benchmark=None, *, queued_for=None):
        """A step begins, or waits in the queue of a cluster until it writes its log `queued_for`."""
        now = self.clock()
        self.first = now if self.first is None else self.first
        self._earlier(rule)  # before this run's own file replaces it
        self.files[step] = benchmark
        if queued_for:
            self.queued[step] = rule, queued_for, time.time()
        else:
            self.running[step] = rule, now

    def begun(self):
        """The steps that run, with those that have written their log since they were sent to a queue."""
        for step, (rule, log, sent) in list(self.queued.items()):
            with suppress(OSError):
                if os.stat(log).st_mtime >= sent:
                    self.running[step] = rule, self.clock()
                    del self.queued[step]
        return list(self.running)

    def finish(self, step):
        """A step has ended well: it took what its benchmark file says, else what the clock does."""
        self.begun()
        rule, start = self.running.pop(step, None) or (self.queued.pop(step)[0], self.clock())
        measured = seconds_of(self.files[step]) if self.files[step] else []
        self.took.setdefault(rule, []).append(measured[-1] if measured else self.clock() - start)
        self.busy += self.took[rule][-1]

    def drop(self, step):
        """A step that failed says nothing of how long others take."""
        self.queued.pop(step, None)
        self.running.pop(step, None)

    def spent(self):
        """Seconds since the first step began."""
        return self.clock() - self.first if self.first is not None else 0.0

    def seconds(self, steps, told, heavy):
        """(seconds or None, whether these are all) of the steps {step: rule} that have not finished.

        told {step: seconds}: what running steps say themselves; heavy: rules whose networks learn or predict.
        """
        now = self.clock()
        starts = {step: self.running[step] for step in told}
        of_kind = {rule: now - start + told[step] for step, (rule, start) in starts.items()}
        light = [seconds for rule, all_of in self.took.items() if rule not in heavy for seconds in all_of]
        known, work, longest = True, None, 0.0
        for step, rule in steps.items():
            mean = fmean(self.took[rule]) if rule in self.took else of_kind.get(rule, self._earlier(rule))
            if mean is None and light and rule not in heavy:
                mean = fmean(light)
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
        busy = self.busy + sum(now - start for _, start in self.running.values())
        return max(work / max(1.0, busy / self.spent() if self.spent() else 1.0), longest), known

    def _earlier(self, rule):
        if rule not in self.earlier:
            files = [self.benchmarks / f"{rule}.tsv", *(self.benchmarks / rule).rglob("*.tsv")]
            found = [seconds for file in files for seconds in seconds_of(file)]
            self.earlier[rule] = fmean(found) if found else self.planned().get(rule, (0, None))[1]
        return self.earlier[rule]
