"""A copy of the project, and what Snakemake does in it."""

import compileall
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest

from synthem.storage.syntaxes import keep_syntaxes, syntax_in
from tests.shared.loaded import HUNG, run_snakemake
from tests.shared.project import PROJECT

PARTS = (
    "Snakefile",
    "config.yaml",
    "rules",
    "workflow_scripts",
    "envs",
    "profiles",
    "presets",
    "pyproject.toml",
    "tests/nano",
)
started = []  # Snakemakes, each the leader of a group of processes that its jobs belong to


class Workflow:
    """A folder with the project and its results."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def run(self, *arguments, config="tests/nano/config.yaml"):
        """Run snakemake, its packages loaded before; return the finished process with its output as text."""
        command = self.command(*arguments, config=config)
        with NamedTemporaryFile("r+") as output:
            code = run_snakemake(command[3:], self.folder, environment(), output.name)
            done = subprocess.CompletedProcess(command, code, output.read())
        skip_without_torch(done)
        return done

    def run_alone(self, *arguments, config="tests/nano/config.yaml"):
        """The same in processes of their own, as a user starts them."""
        process = self.start(*arguments, config=config)
        output, _ = process.communicate(timeout=HUNG)
        done = subprocess.CompletedProcess(process.args, process.returncode, output)
        skip_without_torch(done)
        return done

    def start(self, *arguments, config="tests/nano/config.yaml"):
        """Start snakemake; at the end of the test it is killed if it still runs."""
        process = subprocess.Popen(
            self.command(*arguments, config=config),
            cwd=self.folder,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(),
            start_new_session=True,
        )
        started.append(process)
        return process

    def command(self, *arguments, config="tests/nano/config.yaml"):
        command = [sys.executable, "-m", "snakemake", *arguments, "--cores", "2", "--nocolor"]
        configs = [config] if isinstance(config, str) else config or []
        return [*command, "--configfile", *configs] if configs else command

    def stale(self, *arguments, **options):
        """Jobs that a dry run would do, as {(rule, first output)}; targets without output are left out.

        Where the data has to be checked again, nothing else is known before: the check is made.
        """
        jobs = jobs_in(self.run("--dry-run", *arguments, **options))
        if "check_volumes" in {rule for rule, _ in jobs}:
            assert {rule for rule, _ in jobs} <= {"check_volumes", "list_data", "make_phantom"}
            jobs |= jobs_in(self.run("check", *arguments, **options))
            jobs |= jobs_in(self.run("--dry-run", *arguments, **options))
        return jobs

    def stale_rules(self, *arguments, **options):
        return {rule for rule, _ in self.stale(*arguments, **options)}

    def edit(self, path, old, new):
        """Replace text in a file of the copy; the text must be there."""
        path = self.folder / path
        text = path.read_text()
        assert old in text, f"{old!r} is not in {path}"
        path.write_text(text.replace(old, new, 1))

    def files(self, *folders):
        """{path: bytes} of all results in these folders of results/."""
        root = self.folder / "results"
        found = (path for folder in folders for path in sorted((root / folder).rglob("*")))
        return {str(path.relative_to(root)): path.read_bytes() for path in found if path.is_file()}


def kill_what_still_runs():
    """Kill every Snakemake that a test started and did not see end, with all its jobs."""
    while started:
        process = started.pop()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def environment():
    """That of a Snakemake that leaves nothing beside the library, and says in its own words what it does."""
    return os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "SYNTHEM_OUTPUT": "snakemake"}


def skip_without_torch(done):
    """Skip the test where torch is not installed and a job of Snakemake failed for lack of it."""
    if done.returncode and "torch" in f"{done.stdout}{done.stderr}":
        pytest.importorskip("torch")


@cache
def start_of_snakemake():
    """Processor seconds that Snakemake alone takes to start here and now: the unit of other limits."""
    before = processor_seconds()
    subprocess.run([sys.executable, "-m", "snakemake", "--version"], check=True, capture_output=True)
    return processor_seconds() - before


def processor_seconds():
    """Computing time of all processes that were waited for: what runs beside them hardly counts."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def jobs_in(done):
    """{(rule, first output)} of the jobs that a finished Snakemake names."""
    assert done.returncode == 0, done.stdout
    jobs = set()
    for block in re.split(r"\n(?=(?:local)?(?:rule|checkpoint) )", done.stdout)[1:]:
        rule = re.match(r"(?:local)?(?:rule|checkpoint) (\w+):", block).group(1)
        output = re.search(r"^    output: ([^,\n]+)", block, re.MULTILINE)
        if output:
            jobs.add((rule, output.group(1)))
    return jobs


@cache
def compile_project():
    """Leave bytecode and syntax trees beside the library: with them, a copy starts in half the time."""
    scripts = PROJECT / "workflow_scripts"
    compileall.compile_dir(scripts, quiet=2)
    for path in scripts.rglob("*.py"):
        syntax_in(scripts, path)
    keep_syntaxes(scripts)


def copy_project(folder):
    compile_project()
    for part in PARTS:
        source, target = PROJECT / part, Path(folder) / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy2(source, target)
    return Workflow(folder)
