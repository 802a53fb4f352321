"""What SLURM answers is taken from a real one; a stand-in `sinfo` answers where none runs."""

import os
from pathlib import Path

import pytest

from synthem.errors import SynthemError
from synthem.runs.cluster import (
    check_partitions,
    ended_by_cluster,
    left_behind,
    limit,
    lost_gpus,
    profiles_of,
)
from synthem.runs.ending import last_words

SAID = """\
Error in rule train_gan:
    message: SLURM-job '7' failed, SLURM status is: 'CANCELLED'. Reason: Unknown.
    jobid: 4
    log: a/gan.log (check log file(s) for error details)
Trying to restart job 4.
Error in rule {rule}:
    message: {message}
For further error details see the cluster/cloud log and the log files of the involved rule(s).
    jobid: 5
    log: {log} (check log file(s) for error details)
Shutting down, this might take some time.
"""
REFUSAL = """SLURM sbatch failed. The error message was 'sbatch: error: invalid partition specified: nosuch
sbatch: error: Batch job submission failed: Invalid partition name specified'.
    sbatch call:
        sbatch --parsable -p nosuch"""


def said(message, log="a/unet.log"):
    return SAID.format(rule="train_unet", message=message, log=log)


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    def answers(script, name="sinfo"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin:/bin")

    return answers


def test_a_partition_that_the_cluster_does_not_have_is_one_error(slurm):
    slurm("printf 'cpu\\ngpu\\ngpu\\n'")
    with pytest.raises(SynthemError) as caught:
        check_partitions(["gpu", "nosuch,cpu"])
    assert str(caught.value) == (
        "ERROR CLUSTER_REFUSED slurm_partition nosuch: the cluster has no such partition "
        "(expected one of cpu, gpu). Fix: name it in profiles/slurm/config.yaml."
    )


@pytest.mark.parametrize("script", ["printf 'cpu\\ngpu\\n'", "exit 1", ":"])
def test_partitions_that_are_known_or_cannot_be_asked_for_pass(slurm, script):
    slurm(script)
    check_partitions(["cpu,gpu", "'gpu' if attempt > 1 else 'cpu'"])


def test_jobs_that_a_killed_snakemake_left_in_this_folder_are_told(slurm, tmp_path):
    here = tmp_path / "run | 1"
    here.mkdir()
    (tmp_path / "link").symlink_to(here)
    jobs = [
        f"12\trule_train_unet_wildcards_a_b\t{here}",
        f"13_4\trule_predict_volume\t{tmp_path / 'link'}",
        f"14\trule_train_unet\t{tmp_path}",  # of another run
        f"15\t(null)\t{here}",  # Snakemake itself as a job
    ]
    (tmp_path / "jobs").write_text("\n".join(jobs) + "\n")
    slurm(f"cat '{tmp_path}/jobs'", "squeue")
    told = left_behind(str(here))
    assert told.startswith("WARNING SLURM has 2 jobs of an earlier start") and told.endswith(
        "scancel 12 13_4"
    )
    for script in ("exit 1", ":"):
        slurm(script, "squeue")
        assert left_behind(str(here)) is None


@pytest.mark.parametrize(
    ("state", "remedy"),
    [
        ("OUT_OF_MEMORY", "give the step `mem_mb` there"),
        ("TIMEOUT", "last state"),
        ("NODE_FAIL", "last state"),
    ],
)
def test_how_the_cluster_ended_a_job_is_said_with_its_remedy(state, remedy):
    message = f"SLURM-job '12' failed, SLURM status is: '{state}'. Detailed failure reason unavailable"
    error = str(ended_by_cluster("train_unet", ["a/unet.log"], said(message)))
    assert error.startswith(
        f"ERROR CLUSTER_JOB train_unet: SLURM ended its job 12 as {state}, see a/unet.log"
    )
    assert remedy in error.partition("Fix: ")[2]


def test_the_log_that_slurm_wrote_of_a_job_is_named_and_read(tmp_path, monkeypatch):
    """There Snakemake says on the node why it took a result for wrong: no memory would help."""
    monkeypatch.chdir(tmp_path)
    sent = "Job 5 has been submitted with SLURM jobid {0} (log: {1}/slurm_logs/a b/{0}.log).\n"
    message = "SLURM-job '12' failed, SLURM status is: 'FAILED'. Reason: Unknown."
    all_said = sent.format(11, tmp_path) + sent.format(12, tmp_path) + said(message)
    error = str(ended_by_cluster("train_unet", ["a/unet.log"], all_said))
    assert "as FAILED, see a/unet.log, slurm_logs/a b/12.log (expected" in error

    (tmp_path / "slurm_logs/a b").mkdir(parents=True)
    (tmp_path / "slurm_logs/a b/12.log").write_text(
        'WorkflowError in rule train_unet in file "/home/lab/rules/unets.smk", line 9:\n'
        "Output a.pt has older modification time (2026-11-30 17:34:49) than input data/a.tif "
        "(2026-11-30 20:34:02). This could indicate a clock skew problem in your network.\n"
    )
    error = str(ended_by_cluster("train_unet", ["a/unet.log"], all_said))
    assert error.startswith("ERROR FILE_READ data/a.tif: dated 2026-11-30 20:34:02")


def test_the_last_words_about_a_job_count():
    twice = said("SLURM-job '12' failed, SLURM status is: 'TIMEOUT'.") + said(
        "SLURM-job '13' failed due to a node failure, SLURM status is: 'NODE_FAIL'. Failed nodes"
    )
    assert "its job 13 as NODE_FAIL" in str(ended_by_cluster("train_unet", ["a/unet.log"], twice))


def test_a_job_that_was_refused_has_the_words_of_the_cluster():
    error = str(ended_by_cluster("train_unet", ["a/unet.log"], said(REFUSAL)))
    assert error.startswith("ERROR CLUSTER_REFUSED train_unet: invalid partition specified: nosuch Batch job")
    assert "sbatch --parsable" not in error


def test_a_job_of_which_the_cluster_said_nothing_has_no_error_of_it():
    assert ended_by_cluster("train_unet", ["a/unet.log"], "") is None
    assert (
        ended_by_cluster("train_unet", ["b.log"], said("SLURM-job '1' failed, SLURM status is: 'FAILED'"))
        is None
    )


def test_a_training_that_the_cluster_stopped_did_not_stop_by_itself(tmp_path):
    """At its time limit, a job is asked to stop, and saves its state: the reason is the limit."""
    log = tmp_path / "unet.log"
    log.write_text(
        "ERROR TRAINING_STOPPED step-7.pt: SIGTERM after step 7 of 9 (expected time). Fix: run again.\n"
    )
    message = "SLURM-job '12' failed, SLURM status is: 'TIMEOUT'."
    words = last_words([("train_unet", [str(log)], False)], said(message, log))
    assert words.startswith("ERROR CLUSTER_JOB train_unet: SLURM ended its job 12 as TIMEOUT")
    assert "Failed: train_unet" in words
    assert last_words([("train_unet", [str(log)], False)]).startswith("Stopped. ")


def test_the_own_error_of_a_job_stands_before_that_of_the_cluster(tmp_path):
    log = tmp_path / "unet.log"
    log.write_text("ERROR DATA_SHAPE a.tif: 3 axes (expected 2). Fix: save it flat.\n")
    message = "SLURM-job '12' failed, SLURM status is: 'FAILED'."
    words = last_words([("train_unet", [str(log)], False)], said(message, log))
    assert "DATA_SHAPE" in words and "CLUSTER_JOB" not in words


def test_a_limit_is_a_number_for_it_is_compared():
    assert limit("most_runtime", 1440) == limit("most_runtime", "1440") == 1440
    with pytest.raises(
        SynthemError, match="CONFIG_VALUE most_runtime of the profile: `2d` .*number of minutes"
    ):
        limit("most_runtime", "2d")
    with pytest.raises(SynthemError, match="most_mem_mb of the profile: `64GB` .*number of megabytes"):
        limit("most_mem_mb", "64GB")


TRAINING = ("train_gan", "train_unet")
SET = ("--set-resources", "segment_volume:mem_mb=9000")


@pytest.fixture(params=["--workflow-profile", "--profile"])
def profile(request, tmp_path):
    """A function that writes a profile with these resources of trainings, and names it."""

    def written(resources):
        text = f"set-resources:\n  train_gan: &own {resources}\n  train_unet: *own\n"
        (tmp_path / "config.yaml").write_text(text)
        return [request.param, str(tmp_path)]

    return written


def test_gpus_of_a_profile_that_the_command_line_replaces_are_missed(profile):
    asked = {"segment_volume": {"mem_mb": 9000}}
    for way in ("{gpu: 1}", '{gpu: 0, gres: "gpu:1"}', "{gpu_model: a100}"):
        warning = lost_gpus([*profile(way), *SET], asked, TRAINING)
        assert warning.startswith("WARNING --set-resources on the command line replaces all"), way
    joined = ["=".join(profile("{gpu: 1}")), "--set-resources=segment_volume:mem_mb=9000"]
    assert lost_gpus(joined, asked, TRAINING)


def test_nothing_is_missed_where_a_training_has_a_gpu_or_nobody_gave_it_one(profile):
    own = {rule: {"gpu": 1} for rule in TRAINING}
    assert lost_gpus(profile("{gpu: 1}"), own, TRAINING) is None
    assert lost_gpus([*profile("{gpu: 1}"), *SET], {"train_unet": {"gpu": 1}}, TRAINING) is None
    extra = {"train_unet": {"slurm_extra": "'--gpus=1'"}}
    assert lost_gpus([*profile("{gpu: 1}"), *SET], extra, TRAINING) is None
    none = {rule: {"gpu": 0} for rule in TRAINING}  # said of each
    assert lost_gpus([*profile("{gpu: 1}"), *SET], none, TRAINING) is None
    assert lost_gpus([*profile("{gpu: 0}"), *SET], {}, TRAINING) is None
    assert lost_gpus(["--workflow-profile", "nowhere", *SET], {}, TRAINING) is None
    assert lost_gpus([*SET], {}, TRAINING) is None


def test_a_profile_is_found_by_its_path_or_by_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    default, own = tmp_path / "profiles/default/config.yaml", tmp_path / "lab/profile.yaml"
    for file in (default, own):
        file.parent.mkdir(parents=True)
        file.write_text("jobs: 3\n")
    by_name, by_path = Path("profiles/default/config.yaml"), Path("lab/profile.yaml")
    assert profiles_of(["check"]) == profiles_of(["--workflow-profile=default"]) == [by_name]
    assert profiles_of(["--workflow-profile", "lab"]) == profiles_of(["--workflow-profile", str(by_path)])
    assert profiles_of(["--workflow-profile", "lab"]) == [by_path]
    assert profiles_of(["--profile", "lab"]) == [by_name, by_path]
    assert profiles_of(["--workflow-profile", "none"]) == []


def test_a_profile_of_a_user_is_found_where_snakemake_finds_it(tmp_path, monkeypatch):
    """In its newest form that this Snakemake, of version 9, reads; the lab's machine has profiles for all."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "own"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", f"{tmp_path}/nowhere:{tmp_path}/all")
    monkeypatch.delenv("SNAKEMAKE_PROFILE", raising=False)
    lab, shared = tmp_path / "own/snakemake/lab", tmp_path / "all/snakemake/shared"
    for folder, names in (
        (lab, ("config.yaml", "config.v8+.yaml", "config.v99+.yaml", "notes.yaml")),
        (shared, ["profile.yaml"]),
    ):
        folder.mkdir(parents=True)
        for name in names:
            (folder / name).write_text("jobs: 3\n")
    assert profiles_of(["--profile", "lab"]) == [lab / "config.v8+.yaml"]
    assert profiles_of(["--profile=shared"]) == [shared / "profile.yaml"]
    monkeypatch.setenv("SNAKEMAKE_PROFILE", "lab")
    assert profiles_of(["check"]) == [lab / "config.v8+.yaml"]
