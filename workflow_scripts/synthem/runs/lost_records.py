"""Warnings where Snakemake does not see how results were made: it takes them for those of today."""

import logging
import sys

NOTHING = "Nothing to be done"  # in the place of the event `run_info`


class LostRecords(logging.Handler):
    """Prints the warnings when the steps of a run are known, before the first begins; once.

    A dry run has Snakemake's own words for it, which a run lacks.
    """

    def __init__(self, workflow):
        super().__init__()
        self.workflow, self.told = workflow, workflow.dryrun

    def emit(self, record):
        planned = str(getattr(record, "event", None) or "") == "run_info"
        if not self.told and (planned or str(record.msg).startswith(NOTHING)):
            self.told = True
            dag = self.workflow.dag
            warnings = [lost_records(dag), not_compared(self.workflow.rerun_triggers)]
            for warning in filter(None, [*warnings, only_touched(dag) if self.workflow.touch else ""]):
                print(warning, file=sys.stderr, flush=True)


def lost_records(dag):
    """The warning about the finished steps of a run that no record tells of; "" of none."""
    finished = [job for job in dag.jobs if job.output and not dag.needrun(job)]
    reasons = map(dag.reason, finished)
    lost = sum(bool(reason.no_metadata or reason.outdated_metadata) for reason in reasons)
    if not lost:
        return ""
    return (
        f"WARNING .snakemake/metadata: Snakemake's record of {lost} of {len(finished)} finished steps is "
        "lost or of an older form: their results count as made with this config and code, whatever they were "
        "made with. To be sure, add --forceall once: a training whose last state is in results/checkpoints "
        "takes no step again"
    )


def not_compared(triggers):
    """The warning about edits that a command line or profile keeps Snakemake from seeing; "" of none."""
    lacking = sorted({"input", "params"} - {trigger.name.lower() for trigger in triggers})
    if not lacking:
        return ""
    return (
        f"WARNING --rerun-triggers without {' and '.join(lacking)}: results of another config or code "
        "count as those of this one. Leave the option out: the profiles of Synthem have what is needed"
    )


def only_touched(dag):
    """The warning about stale results that `--touch` makes pass for fresh ones; "" of none."""
    stale = sum(bool(job.output) for job in dag.needrun_jobs())
    if not stale:
        return ""
    return (
        f"WARNING --touch computes nothing: the old results of {stale} steps count as made with this "
        "config and code from now on, and their dates say so. To make them anew after all: --forceall"
    )
