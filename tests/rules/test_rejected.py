"""A generator that is not good enough, and networks that have not learnt, are results: the run ends well."""

import csv
import json

import pytest

from tests.shared.nano_workflow import jobs_in

NANO = "tests/nano/config.yaml"
TABLES = "results/tables/hippocampus"
OF_ANY_DECISION = {  # made anew whatever the filter decides
    "filter_volume",
    "draw_synthesis",
    "draw_training",
    "draw_segmentations",
    "collect_scores",
    "compare_arms",
    "draw_comparison",
    "draw_saving",
    "value_labels",
    "record_provenance",
    "write_report",
}


def rows(project, table):
    with (project.folder / TABLES / f"{table}.csv").open() as file:
        return list(csv.DictReader(file))


def page(project):
    return (project.folder / "results/report/hippocampus/index.html").read_text()


def decision(project, budget="all", replicate=1):
    path = f"results/synthesis/hippocampus/synthetic/budget-{budget}/replicate-{replicate}/decision.json"
    return json.loads((project.folder / path).read_text())


def test_networks_that_mark_everything_get_no_verdict(finished):
    # after six steps all of them mark nearly the whole image
    comparison = rows(finished, "comparison")
    assert {row["verdict"] for row in comparison} == {"no answer"} and len(comparison) == 2
    iou = {row["arm"]: float(row["mean"]) for row in rows(finished, "summary") if row["metric"] == "iou"}
    assert iou["real"] == pytest.approx(iou["everything"], abs=0.001) and iou["nothing"] == 0
    assert " better than what needs no network" in comparison[0]["reason"]
    assert "<strong>No answer</strong>" in page(finished)
    assert "unets: training: steps" in page(finished)


@pytest.fixture
def rejected(nano):
    """The nano run after a change of the filter that no image passes."""
    nano.edit(NANO, "largest_deviation: 1000", "largest_deviation: 0.001")
    return nano


def test_without_an_image_to_ask_about_there_is_no_quiz_and_the_run_goes_well(rejected):
    """As an error of its job, that ended the run before the networks of real slices had trained."""
    rejected.edit(NANO, "study: {", "quiz: {wanted: true}\n\nstudy: {")
    done = rejected.run("quiz")
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("WARNING no quiz of hippocampus: none of its generated images has passed") == 1
    assert not (rejected.folder / "results/quiz").exists()


def test_a_generator_whose_images_are_all_rejected_is_a_result(rejected):
    tables = rejected.files("tables")
    done = rejected.run()
    assert done.returncode == 0, done.stdout
    assert {rule for rule, _ in jobs_in(done)} == OF_ANY_DECISION
    assert rejected.stale() == set()
    assert decision(rejected)["enough"] is False and decision(rejected)["kept"] == 0
    assert "0 of 4 generated images passed the filter, 1 or more are needed" in done.stdout

    own = [row for row in rows(rejected, "scores") if row["arm"] in ("mixed", "synthetic")]
    assert [(row["arm"], row["replicate"], row["scope"], row["iou"]) for row in own] == [
        (arm, replicate, "not trained", "") for arm in ("mixed", "synthetic") for replicate in "12"
    ]
    for row in own + rows(rejected, "comparison"):
        assert "0 of 4 generated images passed the filter" in row["reason"]
    assert [row["verdict"] for row in rows(rejected, "comparison")] == ["no answer"] * 2
    means = {row["arm"]: row for row in rows(rejected, "summary") if row["metric"] == "iou"}
    assert means["mixed"]["mean"] == "" and means["mixed"]["reason"].startswith(
        "not trained: replicate 1, synthetic: 0 of 4"
    )
    assert means["real"]["n_replicates"] == "2"
    for words in ("0 of 2 replicates", "gans: training: steps", "not trained"):
        assert words in page(rejected)

    rejected.edit(NANO, "largest_deviation: 0.001", "largest_deviation: 1000")  # and back
    done = rejected.run()
    assert done.returncode == 0, done.stdout
    assert rejected.files("tables") == tables
    assert rejected.stale() == set()


def test_the_target_synthetic_ends_well_and_says_that_the_images_were_rejected(rejected):
    done = rejected.run("synthetic")
    assert done.returncode == 0, done.stdout
    assert {rule for rule, _ in jobs_in(done)} == {"filter_volume", "draw_synthesis"}
    assert "replicate 2: 0 of 4 generated images passed the filter" in done.stdout
    assert "not good enough for this data. Raise gans: training: steps" in done.stdout


def test_one_budget_may_be_rejected_while_another_is_good(small):
    small.edit(NANO, "budgets: [all]", "budgets: [3, all]")
    made = small.run("synthetic")
    assert made.returncode == 0, made.stdout
    nearest = {}
    for budget in ("3", "all"):
        path = f"results/synthesis/hippocampus/synthetic/budget-{budget}/replicate-1/filter.csv"
        with (small.folder / path).open() as file:
            nearest[budget] = min(float(row["deviation"]) for row in csv.DictReader(file))
    good, bad = sorted(nearest, key=nearest.get)
    between = sum(nearest.values()) / 2
    small.edit(NANO, "largest_deviation: 1000", f"largest_deviation: {between}")
    small.edit(NANO, "worst_fraction: 0.25", "worst_fraction: 0")
    done = small.run()
    assert done.returncode == 0, done.stdout
    assert (decision(small, good)["enough"], decision(small, bad)["enough"]) == (True, False)
    verdicts = {(row["arm"], row["budget"]): row["verdict"] for row in rows(small, "comparison")}
    assert verdicts == {
        ("mixed", good): "no answer",
        ("mixed", bad): "no answer",
    }
    networks = {
        path.parents[2].name for path in (small.folder / "results/unets").glob("*/mixed/*/*/*/network.pt")
    }
    assert networks >= {f"budget-{good}"}
    assert small.stale() == set()


def test_the_arm_real_is_finished_before_any_gan_where_it_alone_is_asked_for(project):
    done = project.run("check")
    assert done.returncode == 0, done.stdout
    scores = "results/metrics/hippocampus/real/budget-all/replicate-1/seed-1/scores.csv"
    jobs = {rule for rule, _ in jobs_in(project.run("--dry-run", scores))}
    assert not jobs & {"train_gan", "train_membranes", "make_masks", "filter_volume"}
    jobs = jobs_in(
        project.run("--dry-run", "tables")
    )  # before the filter it names the networks of `real` alone
    trained = {output for rule, output in jobs if rule == "train_unet"}
    assert len(trained) == 2 and all("/real/" in output for output in trained)


@pytest.mark.parametrize("damage", ["{}", '{"enough": "no"}', ""])
def test_a_damaged_decision_is_an_error_in_words_and_no_traceback(small, damage):
    path = "results/synthesis/hippocampus/synthetic/budget-all/replicate-1/decision.json"
    assert (small.folder / path).exists()
    (small.folder / path).write_text(damage)
    done = small.run("tables")
    assert done.returncode == 1 and "Traceback" not in done.stdout, done.stdout
    (error,) = (line for line in done.stdout.splitlines() if line.startswith("ERROR "))
    assert error.startswith(f"ERROR FILE_READ {path}: ") and "delete it" in error
