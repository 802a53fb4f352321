"""What a user sees when config or data is broken: the error block, soon, and nothing trained."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.shared.nano_workflow import HUNG, processor_seconds, start_of_snakemake
from tests.shared.project import PROJECT

NANO = "tests/nano/config.yaml"

BROKEN_CONFIGS = [
    ("structure: mitochondria", "structure: mitochondira", "ERROR CONFIG_REFERENCE"),
    ("smallest_nm3: 2.0e+5", "smallest_nm3: 2e5", "ERROR CONFIG_SYNTAX"),
    ("elastic_nm: 60", "elastc_nm: 60", "did you mean `elastic_nm`"),
    ("targets: [hippocampus]", "targets: [hippocampos]", "did you mean `hippocampus`"),
    ("steps: 500", "steps: -1", "ERROR CONFIG_VALUE gans.training.steps"),
    ("compute: {", "compute: {torch_threads: 2, ", "ERROR CONFIG_SYNTAX"),
    ("split: {", "split: [", "ERROR CONFIG_SYNTAX"),
]


@pytest.mark.parametrize(("old", "new", "expected"), BROKEN_CONFIGS)
def test_a_broken_config_stops_a_dry_run_at_once(project, old, new, expected):
    project.edit("config.yaml", old, new)
    before = processor_seconds()
    process = project.start("--dry-run", config=None)
    output, _ = process.communicate(timeout=HUNG)
    assert processor_seconds() - before < 4 * start_of_snakemake()  # 4 seconds where it takes one
    assert process.returncode != 0
    assert expected in output
    assert "Traceback" not in output and "rule " not in output


def test_all_problems_of_a_config_are_named_at_once(project):
    project.edit("config.yaml", "steps: 500", "steps: 0")
    project.edit("config.yaml", "elastic_nm: 60", "elastic: 60")
    done = project.run("--dry-run", config=None)
    for key in ("gans.training.steps", "synthesis.masks.bent.elastic", "synthesis.masks.bent.elastic_nm"):
        assert f" {key}: " in done.stdout


def test_all_problems_of_the_data_are_named_before_anything_is_trained(project):
    data = project.folder / "tests/nano/data"
    (data / "image/0005.png").write_bytes((data / "image/0005.png").read_bytes()[:200])
    (data / "mitochondria.tif").unlink()
    project.edit(NANO, "truth.h5:membrane", "truth.h5:membranes")
    done = project.run()
    assert done.returncode != 0
    errors = [line for line in done.stdout.splitlines() if line.startswith("ERROR")]
    for place in ("0005.png", "mitochondria.tif", "truth.h5:membranes"):
        assert any(place in line for line in errors), done.stdout
    assert any("membrane (14, 64, 64)" in line for line in errors), "what the file does hold is listed"
    assert not (project.folder / "results/volumes").exists()
    assert not (project.folder / "results/checks/volumes.json").exists()
    log = (project.folder / "results/logs/check_volumes.log").read_text()
    assert log.startswith("ERROR DATA_") and "Traceback" in log


def test_after_the_repair_only_what_is_missing_is_done(project):
    image = project.folder / "tests/nano/data/image/0005.png"
    whole = image.read_bytes()
    image.write_bytes(b"")
    assert project.run("check").returncode != 0
    image.write_bytes(whole)
    done = project.run("check")
    assert done.returncode == 0, done.stdout
    assert "make_phantom" not in done.stdout


def test_targets_that_would_make_nothing_are_refused(project):
    for target, command in (("new", "make new IMAGE="), ("apply", "apply: {stacks: {whole: {image: ")):
        error = only_error(project.run(target))
        assert error.startswith(f"ERROR TARGET {target}: ") and command in error.partition("Fix: ")[2]


def test_a_second_option_for_files_is_no_silent_loss_of_the_first(project):
    error = only_error(project.run("--dry-run", "--configfile", NANO))
    assert error.startswith("ERROR CONFIG_SYNTAX --configfile: given twice")


def test_check_prints_one_table_of_what_was_understood(project):
    done = project.run("check")
    assert done.returncode == 0, done.stdout
    assert "voxel_size_nm" in done.stdout
    assert "14 x 64 x 64" in done.stdout and "8 x 64 x 64" in done.stdout


def test_all_problems_of_the_data_are_named_on_one_core(project):
    project.edit(NANO, "tests/nano/data/image #", "no/such/folder/image #")
    project.edit(NANO, "truth.h5:membrane", "truth.h5:membranes")
    done = project.run("check", "--cores", "1")
    errors = [line for line in done.stdout.splitlines() if line.startswith("ERROR")]
    assert len(errors) == 2 and "no/such/folder/image" in errors[0] + errors[1], done.stdout


def test_numbers_of_the_command_line_are_numbers(project):
    done = project.run(
        "--dry-run",
        "--config",
        "study={replicates: 7}",
        "unets={training: {optimiser: {learning_rate: 0.03}}}",
    )
    assert done.returncode == 0, done.stdout
    wrong = project.run("--dry-run", "--config", "unets={training: {optimiser: {learning_rate: 3e-2}}}")
    assert only_error(wrong).startswith(
        "ERROR CONFIG_SYNTAX --config line 1 (unets.training.optimiser.learning_rate): `3e-2`"
    )


@pytest.mark.parametrize(
    "text, words",
    [
        ("volumes:\n\tmine: {}\n", "my own.yaml: line 2, column 1: found character '\\t'"),
        (
            'targets: [mine]\nimage: "C:\\data\\a.tif"\n',
            "my own.yaml: line 2, column 12: found unknown escape",
        ),
        ("", "my own.yaml: an empty file"),
        (None, "my own.yaml: No such file or directory"),
    ],
)
def test_make_run_says_what_snakemake_does_not(project, text, words):
    if text is not None:
        (project.folder / "my own.yaml").write_text(text)
    done = make_run(project, "CONFIG=my own.yaml")
    assert only_error(done).startswith(f"ERROR CONFIG_SYNTAX {words}")


def test_make_run_wants_a_config_and_then_runs_its_target(project):
    assert "Fix: make run CONFIG=my.yaml." in only_error(make_run(project))
    done = make_run(project, f"CONFIG={NANO}", "TARGET=check --dry-run", "CORES=1")
    assert done.returncode == 0 and "1 x check volumes" in done.stdout, done.stdout


def make_run(project, *settings):
    """`make run` with the Python of the tests in place of .venv."""
    make = ["make", "-f", PROJECT / "Makefile", "-o", "setup", f"BIN={Path(sys.executable).parent}"]
    return subprocess.run(
        [*make, "run", *settings],
        cwd=project.folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def only_error(done):
    """The one error line of a run that stopped before it made anything."""
    assert done.returncode != 0
    (error,) = (line for line in done.stdout.splitlines() if line.startswith("ERROR "))
    assert "Traceback" not in done.stdout and "rule " not in done.stdout
    return error


@pytest.mark.parametrize("text", ["", "- targets: [mine]\n"])
def test_a_config_without_keys_is_told(project, text):
    (project.folder / "config.yaml").write_text(text)
    assert only_error(project.run("--dry-run")).startswith("ERROR CONFIG_SYNTAX ")


def test_results_that_are_no_folder_are_told(project):
    (project.folder / "results").write_text("")
    assert only_error(project.run("check")).startswith("ERROR FILE_WRITE results: a file ")
    (project.folder / "results").unlink()
    (project.folder / "results").symlink_to("/no/such/disk")
    assert only_error(project.run("check")).startswith("ERROR FILE_WRITE results: a link that leads nowhere ")


@pytest.mark.parametrize("place", ["results", ".snakemake", "."])
def test_a_place_that_cannot_be_written_is_told(project, place):
    with read_only(project.folder / place):
        error = only_error(project.run("check"))
    assert error.startswith(
        f"ERROR FILE_WRITE {'.snakemake' if place == '.' else place}: that disk can only be read"
    )


@contextmanager
def read_only(folder):
    """A folder that nobody can write to, not even root."""
    folder.mkdir(exist_ok=True)
    mounted = subprocess.run(["mount", "--bind", folder, folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting needs root")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        yield
    finally:
        subprocess.run(["umount", folder], check=True)
