"""What a user sees of a run on the terminal: a line per step, in the place of Snakemake's own output."""

import logging
import os
import re
import shutil
import threading
import time
from collections import Counter
from contextlib import suppress

from synthem.log import TEXT
from synthem.runs.check_table import ENDS, CheckTable, is_check, is_of_check, wants_check
from synthem.runs.ending import block_of, was_stopped
from synthem.runs.remaining import Remaining
from synthem.runs.wording import plan_in_words, shortened, step_in_words, time_left
from synthem.storage.durations import duration
from synthem.storage.naming import count_text

OWN = "SYNTHEM_OUTPUT"  # `snakemake`: the environment variable that brings back Snakemake's own output
LONGEST_LINE = 4096  # bytes of a log
WHOLE = "all"  # the target that a plan is of
EVERY = 30  # seconds between two looks at the logs of trainings
STEP_OF = re.compile(r"step (\d+) of \d+: .*?([\d.]+) s left\)")
# Of a script that fails, its own block says more.
OF_A_SCRIPT = re.compile(r"\.snakemake/scripts/\S+\.py' returned non-zero exit status")
STOPPING = ("Terminating processes", "Shutting down", "Elapsed time")  # no training goes on after these
NOISE = (
    "Assuming unrestricted",
    "Building DAG",
    "Using shell",
    "Provided ",
    "Rules claiming",
    "Group jobs: inactive",
    "Conda environments: ignored",
    "Singularity containers: ignored",
    "Select jobs",
    "Trying to restart job",
    "DAG of jobs will be updated",
    "Updating checkpoint dependencies",
    "Removing temporary output",
    "Removing output files of failed job",
    "Shutting down",
    "Exiting because a job execution failed",
    "Complete log(s)",
)
OF_A_DRY_RUN = ("Reasons:", "This was a dry-run", "The run involves checkpoint", "Some jobs were triggered")
OF_A_DRY_RUN += ("Rules with ", "Would remove temporary output")
SILENT = ("workflow_started", "shellcmd", "job_started", "group_info", "resources_info", "rulegraph")


def show_steps(workflow, logger, checked, planned=dict, *, plain=False):
    """Put a Terminal in the place of Snakemake's own handler and return it; None where that is to stay.

    checked () -> the words of the data check, once it has run. planned: as for `Remaining`. plain: add the
    check alone, as where another workflow uses this one.

    Snakemake's own output stays for its jobs (each is a Snakemake of its own), for a logger that the user
    chose, and for who asked for more, less or other words by a flag or by the environment.
    """
    settings = workflow.output_settings
    if workflow.exec_mode != type(workflow.exec_mode).DEFAULT:
        return None
    own = next((handler for handler in logger.handlers if handler.name == "DefaultStreamHandler"), None)
    flags = settings.quiet, settings.verbose, settings.printshellcmds, settings.debug_dag
    if plain or not own or any(flags) or settings.show_failed_logs or os.environ.get(OWN) == "snakemake":
        logger.addHandler(CheckTable(workflow, logger, checked))
        return None
    terminal = Terminal(workflow, own, checked, planned)
    logger.removeHandler(own)
    logger.addHandler(terminal)
    return terminal


class Terminal(logging.Handler):
    """Takes Snakemake's events; prints a line for each finished step, and at times where trainings are."""

    def __init__(self, workflow, shown, checked, planned=dict):
        super().__init__()
        self.workflow, self.shown, self.checked = workflow, shown, checked
        self.stream = shown.stream
        self.width = shutil.get_terminal_size().columns if self.stream.isatty() else 0
        self.colours = not shown.nocolor
        self.remaining = Remaining("results/benchmarks", time.monotonic, planned)
        self.steps, self.ended, self.over = {}, [], set()  # {id: (words, rule, log)}, ids since, all ids
        self.percent, self.began = 0, None
        self.table, self.is_checked = "", False  # words of the data check to show, whether it has run
        self.failures = Counter()  # {id: how often it has failed}
        self.broken, self.scrolled = False, False  # whether lines stand below the first error
        self.told = {}  # {id: the last line of its log that was shown}
        self.stopping = threading.Event()

    def emit(self, record):
        try:
            self._take(record)
        except BrokenPipeError:
            raise
        except Exception:  # a fault of ours hides no word of Snakemake's
            self.handleError(record)
            self.shown.handle(record)

    def _take(self, record):
        event, message = str(getattr(record, "event", None) or ""), str(record.msg or "")
        if event == "workflow_started":
            self.began = time.monotonic()
        if self.began is None:  # what is no run (--lint, --unlock, ...) speaks for itself
            if not message.startswith(NOISE):
                self.shown.handle(record)
        elif action := getattr(self, f"_{event}", None) if event else None:
            action(record)
        elif event not in SILENT:
            self._message(record, message)

    def _run_info(self, record):
        dag = self.workflow.dag
        if not self.workflow.dryrun:
            threading.Thread(target=self._watch, daemon=True).start()
        elif not self.over:
            self.over.add("plan")  # Snakemake counts again at the end
            jobs = [(job.rule.name, list(dag.reason(job).get_names())) for job in steps_of(dag)]
            for line in plan_in_words(jobs, then=self._open(), width=self.width or 80):
                self._write(line)
            if jobs:
                self._write(f"Snakemake's own list, with files: {OWN}=snakemake before the same command.")

    def _job_info(self, record):
        if self.workflow.dryrun:
            return
        if not is_of_check(record.rule_name):  # the table of `check` comes last
            self._show_checked()
        words = step_in_words(record.rule_name, record.wildcards)
        log = next(iter(record.log), None)
        self.steps[record.jobid] = words, record.rule_name, log
        here = self.workflow.local_exec or record.local or not log
        self.remaining.start(
            record.jobid, record.rule_name, record.benchmark, queued_for=None if here else log
        )

    def _job_finished(self, record):
        if record.job_id in self.steps:  # not so with --touch, which starts nothing
            self.remaining.finish(record.job_id)
            self.ended.append(record.job_id)
            if is_check(self.steps[record.job_id][1]):
                self.table, self.is_checked = self.checked(), True
        self.over.add(record.job_id)

    def _progress(self, record):
        left = time_left_of(self, self._open())
        for number, step in enumerate(self.ended, start=record.done - len(self.ended) + 1):
            self._write(self._line(number, record.total, left, self.steps[step][0]))
        self.ended = []

    def _line(self, done, total, left, words):
        """`   12/74   16%  5 min   train U-Net: ...`; no share of a whole that is not known yet."""
        if self._open():
            share, total = "", f"{total}+"
        else:
            self.percent = max(self.percent, 100 * done // total)
            share = f"{self.percent}%"
        ahead = f"{done}/{total}".rjust(9) + share.rjust(6) + left.rjust(12) + "  "
        return self._coloured(32, ahead) + shortened(
            words, max(self.width - len(ahead), 20) * bool(self.width)
        )

    def _job_error(self, record):
        """A line for a job that failed, and is tried again as often as `--retries` says, or was stopped."""
        self.remaining.drop(record.jobid)
        words, _, log = self.steps.get(record.jobid, (record.rule_name, record.rule_name, None))
        notes = record.rule_msg, *map("{0[0]}: {0[1]}".format, record.aux.items())
        self.failures[record.jobid] += 1
        failures, tries = self.failures[record.jobid], self.workflow.execution_settings.retries + 1
        stopped = was_stopped(block_of(log) if log else "")
        if failures < tries:
            self._write(self._coloured(33, f"attempt {failures} of {tries} failed: {words}"))
        elif stopped:
            self._write(self._coloured(33, f"stopped  {words}"))
        else:
            self._write(self._coloured(31, f"FAILED  {words}"))
        for note in filter(None, notes):
            self._write(f"  {note}")
        self.broken |= failures >= tries and not stopped

    def _error(self, record):
        if not OF_A_SCRIPT.search(str(record.msg)):
            self.shown.handle(record)

    def _message(self, record, message):
        if message.startswith(STOPPING):
            self.stopping.set()
        if message.startswith("Elapsed time"):
            spent = duration(time.monotonic() - self.began)
            self._write(f"Done: {count_text(len(self.over), 'step')} in {spent}. Logs: results/logs")
        elif not message.startswith(NOISE + (OF_A_DRY_RUN if self.workflow.dryrun else ())):
            self.shown.handle(record)
        if message.startswith(ENDS):
            if wants_check(self.workflow) and not self.is_checked:
                self.table = self.checked()
            self._show_checked()

    def _show_checked(self):
        """The table of the data check below the lines of its run, or above those of the next step."""
        text, self.table = self.table, ""
        if text:
            print(text, file=self.stream, flush=True)

    def _open(self):
        """The rules after which more steps become known."""
        dag = self.workflow.dag
        jobs = (job for job in dag.checkpoint_jobs if dag.needrun(job) and not dag.finished(job))
        return sorted({job.rule.name for job in jobs})

    def _write(self, line):
        self.scrolled = self.broken
        print(line, file=self.stream, flush=True)

    def _coloured(self, colour, text):
        return f"\033[{colour}m{text}\033[0m" if self.colours else text

    def _watch(self):
        with suppress(OSError):  # nobody reads any more
            while not self.stopping.wait(EVERY):
                with self.lock:
                    self.show_trainings()

    def show_trainings(self):
        """A line for each training that has gone on since the last look, with its log at the first."""
        for step in self.remaining.begun():
            words, _, log = self.steps[step]
            line = last_line(log)
            if STEP_OF.search(line) and line != self.told.get(step):
                if step not in self.told:
                    self._write(f"          {words}; its log: {log}")
                self.told[step] = line
                self._write(f"          {shortened(words, 30)}: {line.partition(' ')[2]}")


def time_left_of(terminal, then):
    """What is left of a run in words; then: rules after which more steps become known."""
    if "check_volumes" in then:
        return ""
    dag, own = terminal.workflow.dag, terminal.remaining
    jobs = {dag.jobid(job): job.rule.name for job in steps_of(dag)}
    waiting = {step: rule for step, rule in jobs.items() if step not in terminal.over}
    planned = own.planned() if then and {rule.name for rule in dag.targetrules} == {WHOLE} else {}
    seen = Counter(job.rule.name for job in dag.jobs) if planned else {}
    for rule, (count, _) in planned.items():  # more steps will become known, and the plan knows how many
        waiting |= {(rule, number): rule for number in range(seen[rule], count)}
    told = {}
    for step in own.begun():
        if found := STEP_OF.search(last_line(terminal.steps[step][2])):
            told[step] = float(found.group(2))
    heavy = {rule.name for rule in terminal.workflow.rules if "gpu" in rule.resources}
    seconds, known = own.seconds(waiting, told, heavy)
    return time_left(seconds, spent=own.spent(), all_known=known and (not then or bool(planned)))


def steps_of(dag):
    """The jobs that are to run; targets make nothing."""
    return [job for job in dag.needrun_jobs() if job.output]


def last_line(log):
    """The last line of a rule's log, which may be long; "" where there is none yet."""
    try:
        with open(log or os.devnull, "rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - LONGEST_LINE, 0))
            return (file.read().decode(**TEXT).splitlines() or [""])[-1]
    except OSError:
        return ""
