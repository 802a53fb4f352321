"""What the terminal makes of single events; whole runs are in tests/rules/test_terminal.py."""

import io
import logging
import os
import signal
import time
from enum import Enum
from types import SimpleNamespace

import pytest
from snakemake.logging import DefaultFilter
from snakemake.settings.enums import Quietness

from synthem.runs import terminal as module
from synthem.runs.terminal import Terminal, last_line, show_steps


class Shown(logging.StreamHandler):
    """Snakemake's own handler, as far as it is used."""

    nocolor = True


@pytest.fixture
def terminal(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # away from what a finished run in this checkout would tell of hours

    def make(*, retries=0, local=True, target="all"):
        workflow = SimpleNamespace(
            dryrun=False,
            dag=SimpleNamespace(checkpoint_jobs=[], targetrules=[SimpleNamespace(name=target)]),
            local_exec=local,
            execution_settings=SimpleNamespace(retries=retries),
        )
        return Terminal(workflow, Shown(io.StringIO()), lambda: "the table")

    return make


def tell(terminal, event=None, message="", **about):
    record = logging.LogRecord("snakemake", logging.INFO, "", 0, message, (), None)
    record.event = event
    record.__dict__.update(about)
    terminal.emit(record)


def lines(terminal):
    return terminal.stream.getvalue().splitlines()


def begun(terminal, number, rule, log=(), benchmark=None):
    about = {"wildcards": {}, "log": list(log), "benchmark": benchmark, "local": False}
    tell(terminal, "job_info", jobid=number, rule_name=rule, **about)


def failed(terminal, number, rule, message=None):
    tell(terminal, "job_error", jobid=number, rule_name=rule, rule_msg=message, aux={})


def test_a_job_that_is_tried_again_has_failed_when_its_attempts_are_used_up(terminal):
    shown = terminal(retries=1)
    tell(shown, "workflow_started")
    begun(shown, 4, "train_unet")
    failed(shown, 4, "train_unet", "SLURM-job '7' failed")
    tell(shown, None, "Trying to restart job 4.")
    assert not shown.broken
    failed(shown, 4, "train_unet")
    assert lines(shown) == [
        "attempt 1 of 2 failed: train U-Net",
        "  SLURM-job '7' failed",
        "FAILED  train U-Net",
    ]


STOPPED = "ERROR TRAINING_STOPPED a.pt: SIGINT after step 7 of 9 (expected time to finish). Fix: run again."


def test_a_training_that_was_asked_to_stop_has_not_failed(terminal, tmp_path):
    log, other = tmp_path / "train.log", tmp_path / "other.log"
    log.write_text(f"{STOPPED}\n12:00:00 step 7 of 9\n")
    other.write_text("ERROR MEMORY unets: too little (expected more). Fix: lower it.\n")
    shown = terminal()
    tell(shown, "workflow_started")
    for number, own in enumerate((log, other)):
        begun(shown, number, "train_unet", [own])
    failed(shown, 0, "train_unet")
    assert lines(shown) == ["stopped  train U-Net"] and not shown.broken
    failed(shown, 1, "train_unet")
    assert lines(shown)[1:] == ["FAILED  train U-Net"] and shown.broken


def test_after_a_request_a_step_without_an_error_is_a_stopped_one(terminal, tmp_path, monkeypatch):
    log = tmp_path / "ingest.log"
    log.write_text("12:00:00 reading\n")
    shown = terminal()
    tell(shown, "workflow_started")
    begun(shown, 1, "ingest_volume", [log])
    begun(shown, 2, "make_quiz")  # without a log
    failed(shown, 1, "ingest_volume")
    monkeypatch.setattr("synthem.runs.ending._requests", [signal.SIGINT])
    failed(shown, 1, "ingest_volume")
    failed(shown, 2, "make_quiz")
    assert lines(shown) == ["FAILED  ingest volume", "stopped  ingest volume", "stopped  make quiz"]


def test_errors_beside_those_of_scripts_are_shown(terminal):
    shown = terminal()
    tell(shown, "workflow_started")
    of_a_script = (
        "Command 'set -e; python /a/.snakemake/scripts/tmp1.train.py' returned non-zero exit status 1."
    )
    of_another = "Command 'conda env create' returned non-zero exit status 1."
    for message in (of_a_script, of_another):
        tell(shown, "error", message)
    assert lines(shown) == [of_another]


def test_steps_that_are_still_to_become_known_are_counted_by_the_plan(terminal):
    """A filter decides on three U-Nets of 60 s, of which the plan knows; one is known: 40 s and 180."""

    def job(rule):
        return SimpleNamespace(rule=SimpleNamespace(name=rule), output=["a"])

    shown = terminal()
    shown.workflow.rules = [SimpleNamespace(name="train_unet", resources={"gpu": 1})]
    jobs = {1: job("filter_volume"), 2: job("train_unet")}
    shown.workflow.dag = SimpleNamespace(
        checkpoint_jobs=[jobs[1]],
        needrun_jobs=lambda: [jobs[1]],
        needrun=lambda job: True,
        finished=lambda job: False,
        jobid=lambda job: 1,
        jobs=[*jobs.values()],
        targetrules=[SimpleNamespace(name="all")],
    )
    assert module.time_left_of(shown, ["filter_volume"]) == ""
    shown.remaining.planned = lambda: {"train_unet": (4, 60.0), "filter_volume": (1, 40.0)}
    shown.remaining.earlier = {}
    assert module.time_left_of(shown, ["filter_volume"]) == "4 min"
    shown.workflow.dag.targetrules[0].name = "synthesis"  # needs no U-Net
    assert module.time_left_of(shown, ["filter_volume"]) == ""


def test_trainings_are_told_of_until_the_run_is_stopped(terminal, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "EVERY", 0.001)
    log = tmp_path / "train.log"
    log.write_text("12:00:00 step 5 of 9: loss 0.3 (4.0 s left)\n")
    shown = terminal()
    tell(shown, "workflow_started")
    begun(shown, 1, "train_unet", [log])
    tell(shown, None, "Terminating processes on user request, this might take some time.")
    shown._watch()  # would not return
    assert "step 5" not in shown.stream.getvalue()


def test_a_job_in_the_queue_of_a_cluster_runs_from_its_own_log_on(terminal, tmp_path):
    log = tmp_path / "train.log"
    log.write_text("12:00:00 step 5 of 9: loss 0.3 (4.0 s left)\n")
    os.utime(log, (0, 0))  # of an earlier run
    shown = terminal(local=False)
    tell(shown, "workflow_started")
    begun(shown, 1, "train_unet", [log])
    shown.show_trainings()
    assert lines(shown) == []
    later = time.time() + 1  # the clock of files lags some milliseconds behind that of processes
    os.utime(log, (later, later))
    shown.show_trainings()
    assert lines(shown)[-1].endswith("train U-Net: step 5 of 9: loss 0.3 (4.0 s left)")


def test_the_last_line_of_a_long_log_is_read_without_the_rest(tmp_path):
    log = tmp_path / "a.log"
    log.write_text("first\n" * 10_000 + "ä last\n")
    assert last_line(log) == "ä last" and last_line(tmp_path / "none.log") == last_line(None) == ""
    log.write_text("")
    assert last_line(log) == ""


def test_a_fault_of_the_terminal_hides_no_word_of_snakemakes(terminal, monkeypatch):
    monkeypatch.setattr(logging, "raiseExceptions", False)
    shown = terminal()
    tell(shown, "workflow_started")
    tell(shown, "job_error", "Error in rule a")  # without what such an event has
    assert lines(shown) == ["Error in rule a"]


CHECKED = (
    ("job_info", "rule synthem_check_volumes:", {"jobid": 3, "rule_name": "synthem_check_volumes"}),
    ("job_finished", "Finished jobid: 2", {"job_id": 2}),
    ("job_finished", "Finished jobid: 3", {"job_id": 3}),
)


def own_words(*handlers, said=CHECKED, **flags):
    """A logger with handlers of Snakemake's or of a plugin, as `show_steps` leaves them."""
    logger = logging.Logger("snakemake", logging.INFO)
    for handler in handlers:
        logger.addHandler(handler)
    settings = dict.fromkeys(("quiet", "verbose", "printshellcmds", "debug_dag", "show_failed_logs")) | flags
    workflow = SimpleNamespace(
        dryrun=False,
        dag=SimpleNamespace(targetrules=[SimpleNamespace(name="synthem_check")]),
        exec_mode=Enum("ExecMode", ["DEFAULT"]).DEFAULT,
        output_settings=SimpleNamespace(**settings),
    )
    assert show_steps(workflow, logger, lambda: "the table", plain=not flags) is None
    for event, words, about in said:
        logger.info(words, extra={"event": event, **about})
    return [handler.stream.getvalue().splitlines() for handler in handlers]


def test_who_has_snakemakes_own_words_has_the_table_below_them_and_other_loggers_have_it_too():
    snakemakes, plugins = Shown(io.StringIO()), Shown(io.StringIO())
    snakemakes.name = "DefaultStreamHandler"
    words = ["rule synthem_check_volumes:", "Finished jobid: 2", "Finished jobid: 3", "the table"]
    assert own_words(snakemakes) == own_words(plugins) == [words]


def test_who_has_snakemakes_own_words_has_the_table_again_too():
    shown = Shown(io.StringIO())
    assert own_words(shown, said=[(None, "Nothing to be done.", {})]) == [
        ["Nothing to be done.", "the table"]
    ]


def test_quiet_all_is_quiet_about_the_table():
    snakemakes = Shown(io.StringIO())
    snakemakes.name = "DefaultStreamHandler"
    snakemakes.addFilter(DefaultFilter({Quietness.ALL}, False, False, False, False))
    assert own_words(snakemakes, quiet={Quietness.ALL}) == [[]]


def test_the_table_comes_before_the_next_step_or_at_the_end(terminal):
    shown = terminal()
    tell(shown, "workflow_started")
    begun(shown, 1, "check_volumes")
    tell(shown, "job_finished", job_id=1)
    assert lines(shown) == []
    begun(shown, 2, "list_data")
    assert lines(shown) == []
    begun(shown, 3, "ingest_volume")
    assert lines(shown) == ["the table"]


@pytest.mark.parametrize("last", ["Nothing to be done (all is there).", "Elapsed time: 0:00:01"])
def test_who_asks_for_the_check_again_sees_the_table_again(terminal, last):
    """Nothing may be left to do, or the listing of the folders alone."""
    asked, other = terminal(target="synthem_check"), terminal(target="volumes")
    for shown in (asked, other):
        tell(shown, "workflow_started")
        tell(shown, None, last)
    assert lines(asked)[-1] == "the table" and "the table" not in lines(other)
