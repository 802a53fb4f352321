"""What a user sees of a run on the terminal: a line per step, in the place of Snakemake's own output."""

import logging
import os
import re
import shutil
import threading
import time
from contextlib import suppress
from pathlib import Path

from synthem.log import TEXT
from synthem.runs.remaining import Remaining
from synthem.runs.wording import duration, plan_in_words, shortened, step_in_words, time_left

OWN = "SYNTHEM_OUTPUT"  # `snakemake`: the environment variable that brings back Snakemake's own output
EVERY = 30  # seconds between two looks at the logs of trainings
STEP_OF = re.compile(r"step (\d+) of \d+: .*?([\d.]+) s left\)")
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
    "DAG of jobs will be updated",
    "Updating checkpoint dependencies",
    "Removing temporary output",
    "Removing output files of failed job",
    "Shutting down",
    "Exiting because a job execution failed",
    "Complete log(s)",
)
OF_A_DRY_RUN = ("Reasons:", "This was a dry-run", "The run involves checkpoint", "Some jobs were triggered")
OF_A_DRY_RUN += ("Rules with ",)
SILENT = ("workflow_started", "shellcmd", "job_started", "group_info", "resources_info", "rulegraph")


def show_steps(workflow, logger, checked, *, plain=False):
    """Put a Terminal in the place of Snakemake's own handler and return it; None where that is to stay.

    checked () -> the words of the data check, once it has run. plain: show these alone, as where another
    workflow uses this one.

    Snakemake's own output stays for its jobs (each is a Snakemake of its own), for a logger that the user
    chose, and for who asked for more, less or other words by a flag or by the environment.
    """
    settings = workflow.output_settings
    if workflow.exec_mode != type(workflow.exec_mode).DEFAULT:
        return None
    for handler in logger.handlers:
        if handler.name == "DefaultStreamHandler":
            flags = settings.quiet, settings.verbose, settings.printshellcmds, settings.debug_dag
            plain |= any(flags) or settings.show_failed_logs or os.environ.get(OWN) == "snakemake"
            terminal = Terminal(workflow, handler, checked, plain=plain)
            logger.removeHandler(handler)
            logger.addHandler(terminal)
            return terminal
    return None


class Terminal(logging.Handler):
    """Takes Snakemake's events; prints a line for each finished step, and now and then where trainings are.

    plain: leave all words to Snakemake's own handler `shown`, but for the table of the data check.
    """

    def __init__(self, workflow, shown, checked, *, plain=False, clock=time.monotonic):
        super().__init__()
        self.workflow, self.shown, self.checked, self.plain = workflow, shown, checked, plain
        self.stream = shown.stream
        self.width = shutil.get_terminal_size().columns if self.stream.isatty() else 0
        self.colours = not shown.nocolor
        self.clock, self.remaining = clock, Remaining("results/benchmarks", clock)
        self.steps, self.ended, self.over = {}, [], set()  # {id: (words, rule, log)}, ids since, all ids
        self.percent, self.began, self.table = 0, None, ""
        self.grouped = set()  # ids of jobs in groups that failed
        self.broken, self.scrolled = False, False  # whether lines stand below the first error
        self.told = {}  # {id: the last line of its log that was shown}

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
            self.began = self.clock()
        if self.plain:
            self.shown.handle(record)
            if event == "job_info":
                self.steps[record.jobid] = "", record.rule_name, None
            if event == "job_finished" and self._is_check(record.job_id):
                self._write_table(self.checked())
        elif self.began is None:  # what is no run (--lint, --unlock, ...) speaks for itself
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
            self._write(f"Snakemake's own list, with files: {OWN}=snakemake before the same command.")

    def _job_info(self, record):
        if self.workflow.dryrun:
            return
        self._show_checked()
        words = step_in_words(record.rule_name, record.wildcards)
        self.steps[record.jobid] = words, record.rule_name, next(iter(record.log), None)
        self.remaining.start(record.jobid, record.rule_name)

    def _job_finished(self, record):
        if record.job_id in self.steps:  # not so with --touch, which starts nothing
            self.remaining.finish(record.job_id)
            self.ended.append(record.job_id)
        self.over.add(record.job_id)
        if self._is_check(record.job_id):
            self.table = self.checked()

    def _is_check(self, step):
        """Whether a step is the data check, whatever a workflow that uses this one puts before its name."""
        return step in self.steps and self.steps[step][1].endswith("check_volumes")

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
        self.remaining.drop(record.jobid)
        if record.jobid in self.grouped:  # its group has told of it: it may be well, or never have begun
            return
        words = self.steps.get(record.jobid, (record.rule_name,))[0]
        self._write(self._coloured(31, f"FAILED  {words}"))
        for note in filter(None, (record.rule_msg, *map("{0[0]}: {0[1]}".format, record.aux.items()))):
            self._write(f"  {note}")
        self.broken = True

    def _group_error(self, record):
        self.grouped |= {job["jobid"] for job in record.job_error_info}
        self.shown.handle(record)
        self.broken = True

    def _error(self, record):
        # Of a script that failed, its own block says more.
        if "returned non-zero exit status" not in str(record.msg):
            self.shown.handle(record)

    def _message(self, record, message):
        if message.startswith("Elapsed time"):
            spent = duration(self.clock() - self.began)
            self._write(f"Done: {len(self.over)} steps in {spent}. Logs: results/logs")
            self._show_checked()
        elif not message.startswith(NOISE + (OF_A_DRY_RUN if self.workflow.dryrun else ())):
            self.shown.handle(record)

    def _show_checked(self):
        """The table of the data check below the lines of its run, or above those of the next step."""
        text, self.table = self.table, ""
        if text:
            self._write_table(text)

    def _write_table(self, text):
        self.shown.flush()
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
            while True:
                time.sleep(EVERY)
                with self.lock:
                    self.show_trainings()

    def show_trainings(self):
        """A line for each training that has gone on since the last look, with its log at the first."""
        for step in list(self.remaining.running):
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
        return "unknown"
    dag, own = terminal.workflow.dag, terminal.remaining
    jobs = {dag.jobid(job): job.rule.name for job in steps_of(dag)}
    waiting = {step: rule for step, rule in jobs.items() if step not in terminal.over}
    told = {}
    for step in own.running:
        if found := STEP_OF.search(last_line(terminal.steps[step][2])):
            told[step] = float(found.group(2))
    seconds, known = own.seconds(waiting, told)
    return time_left(seconds, all_known=known and not then)


def steps_of(dag):
    """The jobs that are to run; targets make nothing."""
    return [job for job in dag.needrun_jobs() if job.output]


def last_line(log):
    """The last line of a rule's log; "" where there is none yet."""
    try:
        return (Path(log).read_text(**TEXT).splitlines() or [""])[-1] if log else ""
    except OSError:
        return ""
