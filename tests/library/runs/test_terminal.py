"""What the terminal makes of single events; whole runs are in tests/rules/test_terminal.py."""

import io
import logging
from types import SimpleNamespace

import pytest

from synthem.runs.terminal import Terminal


class Shown(logging.StreamHandler):
    """Snakemake's own handler, as far as it is used."""

    nocolor = True


@pytest.fixture
def terminal():
    workflow = SimpleNamespace(dryrun=False, dag=SimpleNamespace(checkpoint_jobs=[]))

    def make(**options):
        return Terminal(workflow, Shown(io.StringIO()), lambda: "the table", **options)

    return make


def tell(terminal, event=None, message="", **about):
    record = logging.LogRecord("snakemake", logging.INFO, "", 0, message, (), None)
    record.event = event
    record.__dict__.update(about)
    terminal.emit(record)


def lines(terminal):
    return terminal.stream.getvalue().splitlines()


def begun(terminal, number, rule):
    tell(terminal, "job_info", jobid=number, rule_name=rule, wildcards={}, log=[])


def test_a_group_that_fails_is_told_once_and_not_for_each_of_its_jobs(terminal):
    shown = terminal()
    tell(shown, "workflow_started")
    for number, rule in enumerate(("segment_volume", "score_segmentation", "train_unet")):
        begun(shown, number, rule)
    tell(shown, "group_error", "Error in group 7", job_error_info=[{"jobid": 0}, {"jobid": 1}])
    for number, rule in enumerate(("segment_volume", "score_segmentation", "train_unet")):
        tell(shown, "job_error", jobid=number, rule_name=rule, rule_msg=None, aux={})
    assert lines(shown) == ["Error in group 7", "FAILED  train U-Net"]


def test_a_fault_of_the_terminal_hides_no_word_of_snakemakes(terminal, monkeypatch):
    monkeypatch.setattr(logging, "raiseExceptions", False)
    shown = terminal()
    tell(shown, "workflow_started")
    tell(shown, "job_error", "Error in rule a")  # without what such an event has
    assert lines(shown) == ["Error in rule a"]


def test_a_workflow_that_uses_this_one_shows_the_table_below_snakemakes_words(terminal):
    shown = terminal(plain=True)
    tell(shown, "job_info", "rule synthem_check_volumes:", jobid=3, rule_name="synthem_check_volumes")
    tell(shown, "job_finished", "Finished jobid: 3", job_id=3)
    assert lines(shown) == ["rule synthem_check_volumes:", "Finished jobid: 3", "the table"]


def test_the_table_comes_before_the_next_step_or_at_the_end(terminal):
    shown = terminal()
    tell(shown, "workflow_started")
    begun(shown, 1, "check_volumes")
    tell(shown, "job_finished", job_id=1)
    assert lines(shown) == []
    begun(shown, 2, "ingest_volume")
    assert lines(shown) == ["the table"]
