"""The common form of all benchmarks: peers timed in turns within one run, one line of JSON at the end.

On a shared machine only ratios carry over, and only of times that were measured side by side.
"""

import json
import os
import platform
import statistics
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

# The library is not installed; Snakemake finds it beside its scripts, a benchmark by importing this module.
sys.path.insert(0, str(Path(__file__).parents[1] / "workflow_scripts"))


def median_seconds(actions, *, rounds):
    """{name: action} -> {name: median seconds of a call}: once a round each, after one call to warm up."""
    names = list(actions)
    seconds = {name: [] for name in names}
    for action in actions.values():
        action()
    for number in range(rounds):
        first = number % len(names)  # nobody always runs in the wake of the same one
        for name in names[first:] + names[:first]:
            start = time.perf_counter()
            actions[name]()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


def ratios(seconds, ours):
    """{peer: how many times our seconds it takes}; above 1 we are faster."""
    return {peer: float(f"{seconds[peer] / seconds[ours]:.3g}") for peer in seconds if peer != ours}


def machine(libraries):
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in libraries},
    }


def _cpu():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def print_result(topic, *, ratios, equal, libraries):
    """The last line of a benchmark; `equal`: figures that say how well the results of the peers agree."""
    date = datetime.now(UTC).strftime("%Y-%m-%d")
    result = {"topic": topic, "ratios": ratios, "equal": equal, "machine": machine(libraries), "date": date}
    print(json.dumps(result, allow_nan=False), flush=True)
