import logging
from types import SimpleNamespace

import pytest
from snakemake.settings.enums import RerunTrigger

from synthem.runs.lost_records import LostRecords, lost_records, not_compared, only_touched


class Dag:
    """Steps as (has results, is to run, its record is lost, its record is old)."""

    def __init__(self, *steps):
        self.steps = dict(enumerate(steps))
        self.jobs = [SimpleNamespace(number=n, output=["a"] * has) for n, (has, *_) in self.steps.items()]

    def needrun_jobs(self):
        return filter(self.needrun, self.jobs)

    def needrun(self, job):
        return self.steps[job.number][1]

    def reason(self, job):
        _, _, lost, old = self.steps[job.number]
        return SimpleNamespace(no_metadata=lost, outdated_metadata=old)


KNOWN, LOST, OLD = (True, False, False, False), (True, False, True, False), (True, False, False, True)


def test_finished_steps_without_a_record_are_counted_and_no_others():
    target, to_run = (False, False, True, False), (True, True, True, False)
    assert " record of 2 of 3 finished steps " in lost_records(Dag(KNOWN, LOST, OLD, target, to_run))
    assert not lost_records(Dag(KNOWN, target, to_run))


@pytest.mark.parametrize(
    ("dryrun", "said", "times"),
    [
        (False, [("run_info", "Job stats"), ("run_info", "Job stats")], 1),
        (False, [(None, "Nothing to be done (all requested files are present and up to date).")], 1),
        (False, [(None, "Building DAG of jobs...")], 0),
        (True, [("run_info", "Job stats")], 0),
    ],
    ids=["run", "nothing to do", "not yet", "dry"],
)
def test_it_is_told_once_when_the_steps_are_known(capsys, dryrun, said, times):
    handler = LostRecords(
        SimpleNamespace(dryrun=dryrun, dag=Dag(LOST), rerun_triggers=RerunTrigger.all(), touch=False)
    )
    for event, message in said:
        record = logging.LogRecord("snakemake", logging.INFO, "", 0, message, (), None)
        record.event = event
        handler.emit(record)
    assert capsys.readouterr().err.count("WARNING .snakemake/metadata: ") == times


def test_triggers_without_what_the_config_changes_are_told():
    wanted = {RerunTrigger.MTIME, RerunTrigger.PARAMS, RerunTrigger.INPUT}
    assert not_compared(wanted) == not_compared(RerunTrigger.all()) == ""
    assert "without params:" in not_compared(wanted - {RerunTrigger.PARAMS})
    assert "without input and params:" in not_compared({RerunTrigger.MTIME})


def test_stale_results_that_are_only_touched_are_counted():
    stale, target = (True, True, False, False), (False, True, False, False)
    assert "the old results of 2 steps count" in only_touched(Dag(KNOWN, stale, stale, target))
    assert not only_touched(Dag(KNOWN, target))
