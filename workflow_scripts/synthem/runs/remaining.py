"""How long the rest of a run takes, by how long such steps took: in this run, else in earlier ones.

A step takes the time in which it runs, not that in the queue of a cluster: its benchmark file says how long,
and its log when it began. How many run at once is counted with all waiting, so it stands for the queue.
"""

import os
import time
from contextlib import suppress
from pathlib import Path
from statistics import fmean

from synthem.runs.record import seconds_of


class Remaining:
    """Times the steps of a run; benchmarks: the folder of Snakemake's `benchmark:` files of earlier runs."""

    def __init__(self, benchmarks, clock):
        self.benchmarks, self.clock = Path(benchmarks), clock
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
