"""What jobs ask of a cluster, with the profile for SLURM; .ci/slurm sends them to a real one."""

import re

from tests.shared.run_output import errors

ON_SLURM = ("--workflow-profile", "profiles/slurm")


def asked(project, rule, *arguments):
    """{resource: value} of a job of a rule, always the same one, by a dry run that is forced to do it."""
    done = project.run("--dry-run", "--forcerun", rule, *ON_SLURM, *arguments)
    assert done.returncode == 0, done.stdout
    job = rf"^ *rule {rule}:\n(?: +\w.*\n)*? *wildcards: ([^\n]*)\n(?: +\w.*\n)*? *resources: ([^\n]*)"
    jobs = dict(re.findall(job, done.stdout, re.MULTILINE))
    return dict(one.split("=") for one in jobs[min(jobs)].split(", "))


def test_trainings_ask_for_what_they_need_on_the_machine_that_the_profile_names(nano):
    gpu = asked(nano, "train_unet")
    core = asked(nano, "train_unet", "--set-resources", "train_unet:gpu=0")
    assert (gpu["gpu"], core["gpu"]) == ("1", "0")
    assert int(gpu["mem_mb"]) - int(core["mem_mb"]) == 3000  # CUDA
    assert gpu["runtime"] == "11"  # six steps of 0.1 s, and ten minutes to start


def test_a_gpu_is_a_gpu_however_the_profile_asks_for_it(nano):
    least = asked(nano, "train_unet", "--set-resources", "train_unet:gpu=0")
    for way in ('gpu=0 train_unet:gres="gpu:1"', "gpu=1 if attempt == 1 else 0", 'gpu_model="a100"'):
        settings = [f"train_unet:{one}" for one in way.split(" train_unet:")]
        found = asked(nano, "train_unet", "--set-resources", *settings)
        assert int(found["mem_mb"]) - int(least["mem_mb"]) == 3000, way  # CUDA
    none = asked(nano, "train_unet", "--set-resources", "train_unet:gpu=0 if attempt == 1 else 1")
    assert none["mem_mb"] == least["mem_mb"]


def test_no_job_asks_for_more_than_the_profile_allows_and_that_makes_nothing_stale(nano):
    limits = ("--default-resources", "most_runtime=7", "most_mem_mb=1000")
    for rule in ("train_gan", "predict_volume", "segment_volume", "score_forest"):
        resources = asked(nano, rule, *limits)
        assert (resources["runtime"], resources["mem_mb"]) == ("7", "1000"), rule
    assert nano.stale(*limits) == set()


def test_what_puts_shares_of_a_prediction_together_asks_for_no_gpu_and_less_memory(nano):
    shared = ("--config", "progress={prediction_parts: 4}")
    part, gather = (asked(nano, rule, *shared) for rule in ("predict_part", "gather_volume"))
    assert part["gpu"] == "1" and "gpu" not in gather
    assert int(gather["mem_mb"]) < int(part["mem_mb"])


def test_a_rule_that_stands_twice_in_the_profile_is_refused(project):
    """The lines of docs/clusters.md for single rules, put where the cluster's own lines are."""
    project.edit(
        "profiles/slurm/config.yaml",
        "set-resources:\n",
        "set-resources:\n  train_unet: {runtime: 600}\n",
    )
    done = project.run("--dry-run", "check", *ON_SLURM)
    assert done.returncode != 0
    (error,) = errors(done.stdout)
    assert error.startswith("ERROR CONFIG_SYNTAX profiles/slurm/config.yaml line ")
    assert "the key `train_unet` a second time" in error
