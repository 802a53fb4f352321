"""Promises of the design that the whole workflow has to keep."""

import csv
import json
import re
import shutil
import subprocess
import sys
import tomllib
from hashlib import sha256

import h5py
import numpy as np
import pytest
import yaml

from synthem.report.runs import short_hash
from synthem.storage.code import LISTS, Code
from tests.shared.chromium import opened
from tests.shared.nano_workflow import jobs_in
from tests.shared.pages import BOTTOM, NO_WIDER, NOT_CUT_OFF, OPEN_ALL, VISIBLE_WORDS, quiet
from tests.shared.project import PROJECT
from tests.shared.traces import Traces

RULE_FILES = sorted((PROJECT / "rules").glob("*.smk"))
TRAINS_OR_PREDICTS = {
    "train_membranes",
    "predict_membranes",
    "train_gan",
    "train_stylegan",
    "train_mask_generator",
    "pretrain_network",
    "generate_volume",
    "paint_sheet",
    "measure_images",
    "train_unet",
    "predict_part",
    "predict_snapshots",
    "predict_volume",
    "predict_stack",
    "predict_stack_part",
}
# A rule has a script of its name, unless it does what another one does with other files; users type `plan`.
OTHER_SCRIPTS = {
    "plan": "plan_study",
    "ingest_stack": "ingest_volume",
    "export_synthetic": "export_volume",
    "collect_snapshots": "collect_methods",
    **dict.fromkeys(("predict_part", "gather_volume"), "predict_volume"),
    **dict.fromkeys(("predict_stack_part", "gather_stack"), "predict_stack"),
}
ALWAYS_RUN = {"plan"}  # by the machine that asks: nothing of it can be stale


def rules():
    """{name: text} of all rules that run something, with what they have from another one (`use rule`)."""
    found = {}
    for path in RULE_FILES:
        for block in re.split(r"\n(?=(?:rule|checkpoint|use rule) )", path.read_text())[1:]:
            name, other = re.match(r"(?:use )?\w+ (\w+)(?: as (\w+) with)?:", block).group(1, 2)
            directives = re.split(r"\n    (?=\w+:)", block)[1:]
            own = {text.partition(":")[0]: text for text in directives}
            found[other or name] = found[name] | own if other else own
    return {name: "\n    ".join(one.values()) for name, one in found.items() if "script" in one}


def test_every_rule_has_a_script_of_its_name_a_log_an_environment_memory_and_a_run_time():
    for name, text in rules().items():
        script = OTHER_SCRIPTS.get(name, name)
        assert f'"../workflow_scripts/{script}.py"' in text
        hashed = re.search(rf'code=(lambda wildcards: )?code\(\s*"{script}\.py"[,)]', text)
        assert name in ALWAYS_RUN or hashed
        assert f"results/logs/{name}" in text
        assert re.search(r'conda:\n +"\.\./envs/\w+\.yaml"', text)
        asked = re.findall(r"\b(?:mem_mb|runtime)=(\w+)\b", text)
        assert name in ALWAYS_RUN or len(asked) == 2
        assert not any(amount.isdecimal() for amount in asked), "the next attempt would have no more"
    scripts = {path.stem for path in (PROJECT / "workflow_scripts").glob("*.py")}
    assert scripts == {OTHER_SCRIPTS.get(name, name) for name in rules()}


def test_rules_whose_scripts_choose_a_network_by_its_kind_and_no_others_hash_that():
    """What is chosen is imported by its name: without the hash an edit of it would be missed."""
    for name, text in rules().items():
        if name in ALWAYS_RUN:
            continue
        own = OTHER_SCRIPTS.get(name, name)
        script = PROJECT / f"workflow_scripts/{own}.py"
        chooses = bool(LISTS & Code(script.parent).reached(script.name).keys())
        found = re.search(rf'code\(\s*"{own}\.py",', text)
        assert bool(found) == chooses, name


def test_a_script_imports_in_the_block_that_tells_its_errors():
    for path in (PROJECT / "workflow_scripts").glob("*.py"):
        imports = [line for line in path.read_text().splitlines() if line.startswith(("import ", "from "))]
        assert {line.split(" import ")[0] for line in imports} == {"from synthem.log"}, path


def test_rules_that_train_or_predict_and_no_others_ask_for_a_gpu():
    assert {name for name, text in rules().items() if "gpu=" in text} == TRAINS_OR_PREDICTS
    profile = yaml.safe_load((PROJECT / "profiles/slurm/config.yaml").read_text())
    asked = {rule for rule, resources in profile["set-resources"].items() if resources.get("gpu") == 1}
    assert asked == TRAINS_OR_PREDICTS


def test_both_profiles_agree_on_what_is_stale():
    default, slurm = (
        yaml.safe_load((PROJECT / f"profiles/{name}/config.yaml").read_text())
        for name in ("default", "slurm")
    )
    for key in ("rerun-triggers", "max-checksum-file-size", "rerun-incomplete", "scheduler"):
        assert default[key] == slurm[key]


def test_nothing_reads_the_config_behind_snakemakes_back_but_one_place_what_changes_no_result():
    reads = {
        str(path.relative_to(PROJECT / "workflow_scripts")): found
        for path in (PROJECT / "workflow_scripts").rglob("*.py")
        if (found := re.findall(r'snakemake[.]config(?:\["\w+"\])?', path.read_text()))
    }
    assert reads == {"synthem/training/jobs.py": ['snakemake.config["progress"]']}


def test_the_arm_real_needs_no_gan(project):
    network = "results/unets/hippocampus/real/budget-all/replicate-1/seed-1/network.pt"
    needed = {rule for rule, _ in jobs_in(project.run("--dry-run", network))}
    assert needed == {"ingest_volume", "train_unet"}


def test_only_assessments_read_withheld_truth(finished):
    readers = {name for name, text in rules().items() if "truth=withheld_membrane" in text}
    assert readers == {"assess_membranes", "draw_membranes"}
    with h5py.File(finished.folder / "results/volumes/hippocampus/volume.h5") as volume:
        assert list(volume["masks"]) == ["mitochondria"]


def test_synthetic_slices_come_from_labelled_training_slices_alone(finished):
    with h5py.File(finished.folder / "results/volumes/hippocampus/volume.h5") as volume:
        ((first, end),) = json.loads(volume.attrs["blocks"])["train"]
    with h5py.File(
        finished.folder / "results/synthesis/hippocampus/synthetic/budget-all/replicate-1/volume.h5"
    ) as synthetic:
        sources = json.loads(synthetic.attrs["provenance"])["source_slices"]
        assert len(sources) == len(synthetic["image"]) > 0
    assert all(first <= z < end for z in sources)


def test_a_generator_sees_no_more_labels_than_its_arms(nano):
    # Labels beyond the budget are scrambled: nothing that is made of it may change.
    nano.edit("tests/nano/config.yaml", "budgets: [all]", "budgets: [3], strategy: first, validation: 0")
    target = "results/synthesis/hippocampus/synthetic/budget-3/replicate-1/volume.h5"
    made = nano.run(target)
    assert made.returncode == 0, made.stdout
    before = (nano.folder / target).read_bytes()
    path = nano.folder / "results/volumes/hippocampus/volume.h5"
    with h5py.File(path, "r+") as volume:
        ((first, end),) = json.loads(volume.attrs["blocks"])["train"]
        beyond = slice(first + 3, None)
        volume["masks/mitochondria"][beyond] = 1 - volume["masks/mitochondria"][beyond]
        volume["image"][beyond] = 255 - volume["image"][beyond]
    remade = nano.run(target)
    assert remade.returncode == 0 and "train_gan" in remade.stdout
    assert (nano.folder / target).read_bytes() == before


def test_a_job_of_its_own_makes_the_bytes_that_a_forked_one_made(nano):
    """Jobs of tests are forks of one that has loaded torch (tests/shared/loaded.py); those of users do it."""
    network = nano.folder / "results/unets/hippocampus/real/budget-all/replicate-1/seed-1/network.pt"
    forked = network.read_bytes()
    network.unlink()
    shutil.rmtree(nano.folder / "results/checkpoints/train_unet")
    done = nano.run_alone(str(network.relative_to(nano.folder)))
    assert {rule for rule, _ in jobs_in(done)} == {"train_unet"}
    assert network.read_bytes() == forked


def test_all_arms_take_equally_many_steps(finished):
    steps = set()
    for path in (finished.folder / "results/unets").rglob("history.csv"):
        with path.open() as file:
            steps.add(max(int(row["step"]) for row in csv.DictReader(file)))
    assert steps == {6}


def test_a_probability_is_stored_for_each_voxel_of_validation_and_test(finished):
    with h5py.File(finished.folder / "results/volumes/hippocampus/volume.h5") as volume:
        blocks, shape = json.loads(volume.attrs["blocks"]), volume["image"].shape
    path = "results/unets/hippocampus/real/budget-all/replicate-1/seed-1/probability.h5"
    ((first, end),) = blocks["test"]
    sizes = {"validation": 2, "test": end - first}  # a quarter of the 9 labelled slices, rounded down
    with h5py.File(finished.folder / path) as file:
        for block, size in sizes.items():
            assert file[block].shape == (size, *shape[1:]) and file[block].dtype == np.uint8


def test_every_run_is_scored_in_every_slice_and_as_a_whole_with_every_score_or_its_reason(finished):
    tables = finished.folder / "results/tables/hippocampus"
    with h5py.File(finished.folder / "results/volumes/hippocampus/volume.h5") as volume:
        ((first, end),) = json.loads(volume.attrs["blocks"])["test"]
    places = {("slice", str(z)) for z in range(first, end)} | {("volume", "")}
    arms = ("real", "mixed", "synthetic", "threshold", "smoothed", "forest", "everything", "nothing")
    runs = {(arm, replicate) for arm in arms for replicate in "12"}
    wanted = {"iou_mean", "recall", "boundary_f1", "assd_nm", "hd95_nm", "ap75", "map", "pq", "count_error"}
    cells = {"voi_split", "voi_merge", "arand", "cremi_score", "v_rand", "v_info"}
    for name, scores, times in (("scores", wanted, 1), ("partitions", cells, 4)):
        rows = list(csv.DictReader((tables / f"{name}.csv").open()))
        assert {(row["arm"], row["replicate"], row["scope"], row["slice"]) for row in rows} == {
            (*run, *place) for run in runs for place in places
        }
        assert len(rows) == times * len(runs) * len(places)
        for row in rows:
            assert all((row[score] == "") == (f"{score}: " in row["reason"]) for score in scores)
    kinds = {row["convention"] for row in csv.DictReader((tables / "partition_summary.csv").open())}
    assert kinds == {"paper", "cremi", "challenge", "full"}
    changes = list(csv.DictReader((tables / "differences.csv").open()))
    assert {row["arm"] for row in changes} == {"mixed", "synthetic"}
    assert {row["metric"] for row in changes} >= wanted | cells


def test_the_report_is_one_file_that_opens_offline(finished):
    page = (finished.folder / "results/report/hippocampus/index.html").read_text()
    for part in ("The verdict", "Data checks", "Membranes", "Synthetic images", "What ran"):
        assert part in page
    assert not re.search(r"(?:src|href)=[\"'](?!data:|#)", page)
    assert "<script" not in page
    answer = (finished.folder / "results/report/hippocampus/answer.txt").read_text()
    assert "No answer" in answer and "raise unets: training: steps" in answer and "<" not in answer


def test_every_number_of_the_report_leads_to_settings_code_seeds_and_machine_in_two_clicks(finished):
    folder = finished.folder / "results/report/hippocampus"
    page = Traces((folder / "index.html").read_text())
    record = json.loads((folder / "provenance.json").read_text())
    walked = {part for part, *_ in page.shown}  # without an answer, "Every arm" has no number
    assert walked >= {"Every score", "How sure can you be?", "How images were made", "Membranes"}
    for part, kind, links in page.shown:
        if part == "What ran":
            continue
        texts = [page.texts[to[1:]] for to in links]
        codes = {one["code"][:12] for one in record["networks"].values()}
        assert any(_says_all(text, record, codes) for text in texts), (part, kind)


def _says_all(text, record, codes):
    """Whether an anchor has the hash of the configuration, those of the code, seeds and the machine."""
    said = [short_hash(record["config"]), record["machine"], *codes]
    return (
        all(one in text for one in said) and "seed" in text and all(one in text for one in record["devices"])
    )


def test_tables_of_arms_lead_to_the_networks_of_each(finished):
    page = Traces((finished.folder / "results/report/hippocampus/index.html").read_text())
    arms = {f"#run-train-unet-{arm}" for arm in ("real", "mixed", "synthetic")}
    tables = [(part, links & arms) for part, kind, links in page.shown if kind == "table" and links & arms]
    assert tables == [
        *(("Every score", arms), ("Every score", arms)),  # means; VOI and Rand
        *(("How sure can you be?", arms - {"#run-train-unet-real"}),) * 2,  # comparisons; components
        ("What was compared", arms),
    ]


@pytest.mark.parametrize("width", [1280, 400])
def test_the_report_is_read_in_three_minutes_in_any_window(finished, tmp_path, width):
    path = finished.folder / "results/report/hippocampus/index.html"
    with opened(path, tmp_path, width=width) as browser:
        assert browser.evaluate(NO_WIDER) and browser.evaluate(NOT_CUT_OFF) == []
        assert browser.evaluate(VISIBLE_WORDS) < 1200
        if width == 1280:
            assert browser.evaluate(BOTTOM) < 900
        browser.evaluate(OPEN_ALL)
        assert browser.evaluate(NO_WIDER) and browser.evaluate(NOT_CUT_OFF) == []
        assert quiet(browser, path)


def test_snakemakes_own_report_has_every_figure_with_a_caption(nano):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "snakemake",
            "--report",
            "report.html",
            "--configfile",
            "tests/nano/config.yaml",
        ],
        cwd=nano.folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    page = (nano.folder / "report.html").read_text()
    assert "How to read this" in page and "No answer" in page and "system-message" not in page
    for caption in (
        "Real slices, their own masks",
        "need no network and are tuned on the same slices",
        "Membranes predicted",
    ):
        assert caption in page


def test_every_target_is_there_and_done(finished):
    targets = ("check", "volumes", "membranes", "synthetic", "segmentations", "tables", "report")
    done = finished.run(*targets, "--dry-run")
    assert done.returncode == 0 and "Nothing to be done" in done.stdout, done.stdout


def test_the_commands_of_the_readme_are_understood(finished):
    readme = "".join((PROJECT / name).read_text() for name in ("README.md", "docs/usage.md"))
    commands = re.findall(r"\.venv/bin/snakemake (.*?--configfile my\.yaml)", readme)
    assert len(commands) == 5
    for command in commands:
        if command.startswith(("plan", "apply")):
            continue  # the one always runs, the other wants a stack
        arguments = command.removesuffix("--configfile my.yaml").split()
        done = finished.run(*arguments, "--dry-run", "--executor", "local")
        assert done.returncode == 0 and "Nothing to be done" in done.stdout, done.stdout


def test_the_record_names_versions_settings_and_where_each_network_comes_from(finished):
    record = json.loads((finished.folder / "results/report/hippocampus/provenance.json").read_text())
    assert record["versions"].keys() >= {"python", "torch", "numpy", "h5py"}
    assert record["config"]["study"]["replicates"] == 2
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    assert record["synthem"] == {"version": version, "commit": "unknown: not a git checkout"}
    assert (
        "unknown: not a git checkout"
        in (finished.folder / "results/report/hippocampus/index.html").read_text()
    )
    assert len(record["networks"]) == 1 + 2 + 6  # membranes, GANs, U-Nets
    path = "results/unets/hippocampus/mixed/budget-all/replicate-2/seed-1/provenance.json"
    network = record["networks"][path]
    assert (network["settings"]["replicate"], network["settings"]["seed"]) == (2, 1)
    assert network["settings"]["arm"]["sets"] == {"real": 0.5, "synthetic": 0.5}
    volume = "results/synthesis/hippocampus/synthetic/budget-all/replicate-2/volume.h5"
    assert network["inputs"][volume] == sha256((finished.folder / volume).read_bytes()).hexdigest()
