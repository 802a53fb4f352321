"""Whole stacks without labels, segmented by the networks of a study: what is made, and what is made again."""

import json
import re
import shutil

import h5py
import numpy as np
import pytest
import tifffile

from synthem.metrics.label_next import ENTROPY, read_label_next
from synthem.storage.tables import read_table
from tests.shared.finished_runs import complete, copy_of, made_once
from tests.shared.nano_workflow import jobs_in

NANO = "tests/nano/config.yaml"
# A copy of the target's image: of the image itself all slices have labels.
MINE = "mine: {image: whole, voxel_size_nm: [5, 5, 5]}"
APPLY = f"apply: {{stacks: {{{MINE}}}, formats: [fiji]}}"
CHECKED = {"check_volumes", "write_report"}  # the page shows what was found in the user's files
OF_STACK = {"ingest_stack", "predict_stack", "segment_stack", "measure_objects", "rank_slices", "draw_stack"}
OF_STACK |= {"export_stack", "list_stacks"}


@pytest.fixture(scope="session")
def finished_applied(finished_small, tmp_path_factory):
    """The small run with one stack: not to be changed."""

    def make(folder):
        workflow = copy_of(finished_small, folder)
        shutil.copytree(workflow.folder / "tests/nano/data/image", workflow.folder / "whole")
        with (workflow.folder / NANO).open("a") as config:
            config.write(f"\n{APPLY}\n")
        complete(workflow)

    return made_once(tmp_path_factory, "finished_applied", make)


@pytest.fixture
def applied(finished_applied, tmp_path):
    return copy_of(finished_applied, tmp_path / "applied")


def only_results(workflow):
    """The folder of the one arm that was chosen for the stack `mine`."""
    choice = json.loads((workflow.folder / "results/apply/choice.json").read_text())
    return workflow.folder / "results/apply/mine" / choice["arm"]


def test_a_stack_becomes_labels_confidence_a_list_and_files_for_others(applied):
    folder = only_results(applied)
    with h5py.File(folder / "segmentation.h5") as file:
        assert {name: stored.dtype for name, stored in file.items()} == {
            "mask": np.uint8,
            "labels": np.uint32,
            "confidence": np.uint8,
        }
        assert {stored.shape for stored in file.values()} == {(14, 64, 64)}
        labels = file["labels"][...]
    assert (tifffile.imread(folder / "fiji/labels/segmentation.tif") == labels).all()
    assert tifffile.imread(folder / "fiji/confidence/image.tif").shape == labels.shape
    objects = read_table(folder / "objects.csv")
    numbers, voxels = np.unique(labels[labels > 0], return_counts=True)
    assert [(row["label"], row["voxels"]) for row in objects] == list(zip(numbers, voxels, strict=True))
    rows, why = read_label_next(folder / "label_next.csv")
    assert 1 < len(rows) <= 10 and {row["measure"] for row in rows} == {ENTROPY} and "least sure" in why
    page = (folder / "label_next.html").read_text()
    assert f"{len(objects)} object" in page or not objects
    assert [f'href="#slice-{row["slice"]}"' in page for row in rows] == [True] * len(rows)
    (report,) = (applied.folder / "results/report").glob("*/index.html")
    (link,) = re.findall(r'href="([^"]*/apply/mine/[^"]*)"', report.read_text())
    assert (report.parent / link).resolve() == (folder / "label_next.html").resolve()
    (row,) = read_table(applied.folder / f"results/apply/stacks/{folder.name}.csv")
    assert (row["stack"], row["objects"], row["z_voxels"]) == ("mine", len(objects), 14)
    assert row["volume_um3"] == 0.007168 and row["fraction"] == pytest.approx((labels > 0).mean(), rel=1e-5)
    listed = applied.folder / f"results/apply/stacks/{folder.name}.html"
    assert f'href="../mine/{folder.name}/label_next.html"' in listed.read_text()
    assert f'href="../../apply/stacks/{folder.name}.html"' in report.read_text()
    record = json.loads((folder / "provenance.json").read_text())
    (network,) = record["networks"]
    assert re.search("/budget-all/replicate-1/seed-1/network.pt", network)
    (tuned,) = record["tuned_by"]
    own = json.loads((applied.folder / tuned).read_text())
    assert record["settings"] == own["settings"] and f"/{folder.name}/" in tuned


def test_the_test_block_of_a_stack_is_predicted_as_in_the_study(applied):
    """The stack is that of the target: in its test block the same network says the same."""
    folder = only_results(applied)
    record = json.loads((folder / "provenance.json").read_text())
    (network,) = record["networks"]
    with h5py.File((applied.folder / network).with_name("probability.h5")) as file:
        study = file["test"][...]
    with h5py.File(folder / "probability.h5") as file:
        assert (file["test"][-len(study) :] == study).all()


def test_of_a_stack_whose_slices_all_have_labels_none_is_named(applied):
    folder = only_results(applied)
    applied.edit(NANO, "image: whole", "image: ./tests/nano/data/image/")  # it need not be written alike
    done = applied.run(str((folder / "label_next.html").relative_to(applied.folder)))
    assert done.returncode == 0, done.stdout
    assert (folder / "label_next.csv").read_text() == "rank,slice,doubt,measure\n"
    assert "All slices of this stack have labels already" in (folder / "label_next.html").read_text()


def test_nothing_changed_nothing_runs(applied):
    assert applied.stale() == set()


def test_a_new_stack_computes_only_what_is_new(applied):
    applied.edit(NANO, MINE, f"{MINE}, other: {{image: tests/nano/data/image, voxel_size_nm: [5, 5, 5]}}")
    stale = applied.stale()
    assert {rule for rule, _ in stale} == CHECKED | OF_STACK
    outputs = [output for rule, output in stale if rule not in CHECKED | {"list_stacks"}]
    assert all(output.startswith("results/apply/other/") for output in outputs)


def test_a_stack_that_is_resampled_is_predicted_and_cut_again(applied):
    applied.edit(NANO, MINE, MINE.replace("[5, 5, 5]", "[5, 5, 5], resample: true"))
    assert applied.stale_rules() == {"check_volumes"} | OF_STACK - {"ingest_stack"}


def test_a_removed_stack_is_in_no_table_and_repeats_nothing(applied):
    applied.edit(NANO, MINE, "")
    assert applied.stale_rules() == CHECKED
    assert "mine" not in (applied.folder / "results/checks/volumes.json").read_text()
    assert not [path for path, data in applied.files("tables").items() if b"mine" in data]


def test_another_format_only_exports(applied):
    applied.edit(NANO, "formats: [fiji]", "formats: [fiji, cremi]")
    folder = only_results(applied).relative_to(applied.folder)
    assert applied.stale() == {("export_stack", f"{folder}/cremi")}


def test_scores_that_change_without_another_best_arm_repeat_the_choice_alone(applied):
    applied.edit("config.yaml", "boundary_tolerance_nm: 20", "boundary_tolerance_nm: 25")
    done = jobs_in(applied.run("apply"))
    rules = {rule for rule, _ in done}
    assert {"collect_scores", "choose_arm"} <= rules and not rules & OF_STACK
    assert applied.stale("apply") == set()


def test_a_named_arm_lies_beside_the_chosen_one_and_waits_for_no_scores(applied):
    other = {"real": "mixed", "mixed": "real"}[only_results(applied).name]
    applied.edit(NANO, "formats: [fiji]", f"formats: [fiji], arm: {other}")
    stale = applied.stale("apply")
    assert {rule for rule, _ in stale} == OF_STACK - {"ingest_stack"}
    tables = {output for rule, output in stale if rule == "list_stacks"}
    assert tables == {f"results/apply/stacks/{other}.csv"}
    assert all(
        output.startswith(f"results/apply/mine/{other}/") for _, output in stale if output not in tables
    )


def test_jobs_that_share_a_stack_make_the_file_of_one(applied):
    path = only_results(applied) / "probability.h5"
    before = path.read_bytes()
    applied.edit(NANO, "formats: [fiji]", "formats: [fiji], parts: 3")
    target = str(path.relative_to(applied.folder))
    rules = [rule for rule, _ in jobs_in(applied.run(target))]
    assert sorted(rules) == ["gather_stack", *["predict_stack_part"] * 3]
    assert path.read_bytes() == before


def test_problems_of_a_stack_are_told_with_those_of_the_volumes(applied):
    stack = "{image: tests/nano/data/absent.tif, voxel_size_nm: [5, 5, 5]}"
    applied.edit(NANO, MINE, f"mine: {stack}")
    done = applied.run("check")
    assert done.returncode == 1 and "ERROR DATA_MISSING tests/nano/data/absent.tif" in done.stdout


def shared(workflow, networks, more=""):
    """The configs of somebody who has a stack and networks of others, and no study."""
    names = json.dumps(networks)
    lines = f"targets: []\napply: {{networks: {names}, stacks: {{{MINE}}}, formats: [fiji]}}\n{more}"
    (workflow.folder / "shared.yaml").write_text(lines)
    return {"config": [NANO, "shared.yaml"]}


def test_networks_that_were_shared_segment_a_stack_as_in_their_study_and_nothing_trains(applied):
    arm = only_results(applied).name
    run = "results/exports/hippocampus/{}/budget-all/replicate-1/seed-1/network.{}"
    files = {
        "one.safetensors": run.format(arm, "safetensors"),
        "one.zip": run.format(arm, "bioimageio.zip"),
        "two.safetensors": run.format(arm, "safetensors").replace("replicate-1", "replicate-2"),
    }
    (applied.folder / "exports.yaml").write_text("exports: {networks: [safetensors, bioimageio]}\n")
    assert applied.run(*files.values(), config=[NANO, "exports.yaml"]).returncode == 0
    for name, made in files.items():
        shutil.copy(applied.folder / made, applied.folder / name)
    config = shared(applied, {"theirs": "one.safetensors", "packed": ["one.zip"]})
    done = applied.run(**config)
    assert done.returncode == 0, done.stdout
    rules = {rule for rule, _ in jobs_in(done)}
    assert rules == {"check_volumes", "list_data"} | OF_STACK - {"ingest_stack"}
    stack = applied.folder / "results/apply/mine"
    for file in ("probability.h5", "segmentation.h5"):
        study = (stack / arm / file).read_bytes()
        assert study == (stack / "theirs" / file).read_bytes() == (stack / "packed" / file).read_bytes()
    record = json.loads((stack / "theirs/provenance.json").read_text())
    assert list(record["networks"]) == record["tuned_by"] == ["one.safetensors"]
    own = json.loads((stack / arm / "provenance.json").read_text())
    assert record["settings"] == own["settings"]
    assert applied.stale(**config) == set()

    # They count by what they hold, as data does.
    (applied.folder / "networks").mkdir()
    shutil.copy(applied.folder / "one.safetensors", applied.folder / "networks/from-eva.safetensors")
    moved = {"theirs": "networks/from-eva.safetensors", "packed": ["one.zip"]}
    assert applied.stale(**shared(applied, moved)) == set()
    shared(applied, {"theirs": "one.safetensors", "packed": ["one.zip"]})

    # Another file under the same name is another network; several of them disagree.
    shutil.copy(applied.folder / "two.safetensors", applied.folder / "one.safetensors")
    assert applied.stale_rules(**config) == OF_STACK - {"ingest_stack"}
    shutil.copy(applied.folder / files["one.safetensors"], applied.folder / "one.safetensors")
    assert applied.stale(**config) == set()
    networks = {"theirs": "one.safetensors", "both": ["one.zip", "two.safetensors"]}
    assert applied.run(**shared(applied, networks)).returncode == 0
    with h5py.File(stack / "both/probability.h5") as file, h5py.File(stack / "theirs/probability.h5") as one:
        assert file["disagreement"].shape == one["test"].shape and "disagreement" not in one

    # Smaller tiles, of the own config, win over those of the card; other settings of a study concern nobody.
    config = shared(applied, networks, "inference: {tile: 512}")
    assert applied.stale_rules(**config) == OF_STACK - {"ingest_stack"}
    more = "unets: {training: {steps: 7}}\nwatershed: {method: components}"
    assert applied.stale(**shared(applied, networks, more)) == set()


def test_a_file_that_says_nothing_of_its_network_is_an_error_before_anything_runs(applied):
    shutil.copy(only_results(applied) / "probability.h5", applied.folder / "network.pt")
    done = applied.run(**shared(applied, {"theirs": "network.pt"}))
    assert done.returncode == 1
    assert (
        "ERROR NETWORK_FILE network.pt: no card of a network in it (its name ends in neither)" in done.stdout
    )
