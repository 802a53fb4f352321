"""What `snakemake plan` has reckoned of a run's steps, for the time that is left of it."""

import hashlib
import json
from pathlib import Path


def digest_of(config):
    """A name for the config of a plan: another config has another."""
    return hashlib.sha256(json.dumps(config, sort_keys=True, default=str).encode()).hexdigest()


def forecast(path, config):
    """{rule: (how many steps, seconds of one)} of the plan at `path`; {} of none, or of another config."""
    try:
        plan = json.loads(Path(path).read_bytes())
        if plan["config"] != digest_of(config):
            return {}
        return {rule: (int(count), float(seconds)) for rule, (count, seconds) in plan["steps"].items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):  # a page to read, which may be lost
        return {}


def steps_of(trainings, jobs, each):
    """{rule: (count, seconds of one)}, without those that nobody has timed.

    trainings: rows {rule, count, seconds} of a plan; jobs {rule: count} and each {rule: seconds}: of what is
    lighter.
    """
    rows = {}
    for row in trainings:
        rows.setdefault(row["rule"], []).append((row["count"], row["seconds"]))
    steps = {rule: (count, each[rule]) for rule, count in jobs.items()}
    for rule, own in rows.items():
        if all(seconds is not None for _, seconds in own):
            count = sum(n for n, _ in own)
            steps[rule] = count, sum(n * seconds for n, seconds in own) / count
    return steps
