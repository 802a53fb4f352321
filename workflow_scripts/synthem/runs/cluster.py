"""What a cluster (SLURM) says about jobs: which partitions it has, how it ended a job, why it refused one."""

import os
import re
import subprocess
from contextlib import suppress
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import yaml

from synthem.errors import SynthemError
from synthem.log import TEXT
from synthem.runs.unaccepted import not_accepted
from synthem.storage.naming import count_text

PROFILE = "profiles/slurm/config.yaml"
PROFILES = re.compile(
    r"(?:profile|config)(?:[.]v(?P<since>[0-9]+)[+])?[.]yaml"
)  # for Snakemake 8 on: config.v8+.yaml
NAMES = r"[\w.,-]+"  # of partitions; other values are expressions, which are known for each job alone
WORDS_FOR_GPUS = {"gpu", "gpu_model", "gres"}  # among the resources of a rule
ENDED = re.compile(r"SLURM-job '(\S+)' failed.*?SLURM status is: '(\w+)'", re.DOTALL)
START = re.compile(r"^Error in rule ", re.MULTILINE)  # of words about a job
REFUSED = re.compile(r"sbatch failed.*?The error message was '(.*?)'\.?\n", re.DOTALL)
AGAIN = "run the same command again: finished results are kept, and a training goes on from its last state"
REMEDIES = {  # state of a job: what helps
    "OUT_OF_MEMORY": "raise most_mem_mb in "
    + PROFILE
    + ", or give the step `mem_mb` there (docs/clusters.md), and run again",
    "TIMEOUT": AGAIN + "; for more time at once give the step `runtime` in " + PROFILE,
    "DEADLINE": AGAIN,
    "CANCELLED": AGAIN,
    "PREEMPTED": AGAIN,
    "NODE_FAIL": AGAIN,
    "BOOT_FAIL": AGAIN,
}
# A cluster without cgroups says FAILED of a job that had too little memory.
OTHERWISE = (
    "read its logs; where they say nothing, it had too little memory: give the step `mem_mb` in " + PROFILE
)


def limit(name, value):
    """A limit of a profile as a number: it is compared with what jobs ask for, minutes or megabytes."""
    if isinstance(value, int) or str(value).isdecimal():
        return int(value)
    unit = "minutes" if name == "most_runtime" else "megabytes"
    raise SynthemError(
        "CONFIG_VALUE",
        f"{name} of the profile",
        f"`{value}`",
        expected=f"a whole number of {unit}",
        fix=f"write it in {unit}, in {PROFILE} or after --default-resources",
    )


def check_partitions(wanted):
    """Refuse partitions that the cluster does not have, before anything is sent there.

    wanted: values of `slurm_partition`. A cluster that cannot be asked refuses the first job by itself.
    """
    names = {name for value in wanted if re.fullmatch(NAMES, str(value)) for name in str(value).split(",")}
    known = _partitions()
    if known and (unknown := sorted(names - set(known))):
        raise SynthemError(
            "CLUSTER_REFUSED",
            f"slurm_partition {', '.join(unknown)}",
            "the cluster has no such partition",
            expected=f"one of {', '.join(known)}",
            fix=f"name it in {PROFILE}",
        )


def left_behind(folder):
    """A warning about jobs that an earlier start of Snakemake has left in this folder; None without any.

    A Snakemake that was killed cannot cancel them. Trainings hold a lock; other steps would write over
    results of another config.
    """
    jobs = []
    for line in _answer(["squeue", "--me", "--noheader", "--format", "%i\t%k\t%Z"]).splitlines():
        number, comment, place = line.split("\t", 2)
        if comment.startswith("rule_") and os.path.realpath(place) == os.path.realpath(folder):
            jobs.append(number)
    if not jobs:
        return None
    return (
        f"WARNING SLURM has {count_text(len(jobs), 'job')} of an earlier start in this folder, which may "
        f"write over results of this one. Stop here, and begin with: scancel {' '.join(jobs)}"
    )


def lost_gpus(arguments, asked, training):
    """A warning where `--set-resources` has replaced the GPUs that a profile asks for; else None.

    Snakemake takes all of them from the command line or all from the profile. arguments: of the command
    line; asked {rule: {resource: value}}: what Snakemake has made of both; training: the rules that train.
    """
    replaced = any(one.partition("=")[0] == "--set-resources" for one in arguments)
    wanted = [rule for rule in training if asks_for_gpu(_set_by_profile(arguments).get(rule, {}))]
    if not replaced or not wanted or any(asks_for_gpu(asked.get(rule, {})) for rule in training):
        return None
    if all(WORDS_FOR_GPUS & asked.get(rule, {}).keys() for rule in wanted):
        return None  # who says of each that it needs none means it
    return (
        "WARNING --set-resources on the command line replaces all set-resources of the profile: no training "
        "asks for a GPU. Write what differs in the profile instead (docs/clusters.md)"
    )


def asks_for_gpu(resources):
    """Whether resources {name: value} of a rule ask for a GPU; expressions may."""
    words = {name: str(resources.get(name) or "") for name in (*WORDS_FOR_GPUS, "slurm_extra")}
    in_extra = any(word in words["slurm_extra"] for word in ("gpu", "gres"))
    return words["gpu"] not in ("", "0") or bool(words["gpu_model"] or words["gres"] or in_extra)


def profiles_of(arguments):
    """The files of the profiles that a command line names by path or name, that of the workflow first."""
    options = dict(pairwise(word for one in arguments for word in one.split("=", 1)))
    of_workflow = options.get("--workflow-profile", "default")
    of_user = options.get("--profile", os.environ.get("SNAKEMAKE_PROFILE", "none"))
    places = [Path(name, folder) for folder in (of_workflow, of_user) for name in ("", "profiles")]
    places += [folder / "snakemake" / of_user for folder in _config_folders()]
    return list(dict.fromkeys(file for place in places for file in _profile_in(place)))


def _config_folders():
    """Where Snakemake looks for profiles of a user, and for those of all users of a machine."""
    own = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    of_all = os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    return [Path(folder) for folder in (own, *of_all.split(os.pathsep))]


def _profile_in(place):
    """[the file of a profile], a path or a folder; of several versions the latest, which Snakemake takes."""
    if place.is_file():
        return [place]
    names = {file: PROFILES.fullmatch(file.name) for file in place.glob("*.yaml")}
    since = {file: int(name["since"] or 0) for file, name in sorted(names.items()) if name}
    usable = [file for file in since if since[file] <= int(version("snakemake").split(".")[0])]
    return [max(usable, key=since.get)] if usable else []


def _set_by_profile(arguments):
    """{rule: resources} of the first profile that sets some; {} where none does, or can be read."""
    for file in profiles_of(arguments):
        with suppress(OSError, ValueError, TypeError, AttributeError, KeyError, yaml.YAMLError):
            found = yaml.safe_load(file.read_text(encoding="utf-8"))["set-resources"]
            return {rule: dict(resources) for rule, resources in found.items()}
    return {}


def _partitions():
    """Names of the cluster's partitions; [] where it does not answer."""
    return list(dict.fromkeys(_answer(["sinfo", "--all", "--noheader", "--format=%R"]).split()))


def ended_by_cluster(step, logs, said):
    """The error of a job that the cluster ended or refused; None where it did neither.

    said: the log of Snakemake, where the last words about the job, which is known by its logs, count.
    """
    starts = [found.start() for found in START.finditer(said)]
    for first, last in reversed(list(pairwise([*starts, len(said)]))):
        words = said[first:last]
        if any(log in words for log in logs):
            return _error(step, logs, words, said)
    return None


def _error(step, logs, words, said):
    """What Snakemake's words about a failed job mean; said: all its words, with where each job was sent."""
    if refused := REFUSED.search(words):
        return SynthemError(
            "CLUSTER_REFUSED",
            step,
            refused.group(1).replace("sbatch: error: ", ""),
            expected="a partition, account, QOS and GPU that you may use, and no more than they give",
            fix=f"change the lines at the top of {PROFILE}",
        )
    if not (ended := ENDED.search(words)):
        return None
    job, state = ended.groups()
    sent = re.findall(rf"SLURM jobid {re.escape(job)} \(log: (.+)\)\.$", said, re.MULTILINE)
    places = [*logs, *map(os.path.relpath, sent[-1:])]
    return not_accepted(step, _text(places[-1])) or SynthemError(
        "CLUSTER_JOB",
        step,
        f"SLURM ended its job {job} as {state}, see {', '.join(places)}",
        expected="COMPLETED",
        fix=REMEDIES.get(state, OTHERWISE),
    )


def _text(path):
    """The text of a log; "" where there is none."""
    with suppress(OSError):
        return Path(path).read_text(**TEXT)
    return ""


def _answer(asked):
    """What a program of SLURM prints; "" where it does not answer."""
    with suppress(OSError, subprocess.SubprocessError):
        return subprocess.run(asked, capture_output=True, text=True, timeout=30, check=True).stdout
    return ""
