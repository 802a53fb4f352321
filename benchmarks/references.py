"""What is scored beside the networks, forest and baselines, from file to file: processor time and memory.

    python benchmarks/references.py results/volumes/mine/volume.h5 [--against CHECKOUT] [--budgets 8 all]

Each job is a process of its own: the script of its rule, with the choices of config.yaml. Goal: 10 seconds.
Another checkout takes turns with this one; then the tables of both are compared, too, byte for byte.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from types import SimpleNamespace

HERE, MOST_SECONDS = Path(__file__).resolve().parents[1], 10
SCRIPTS = ("score_forest", "score_baseline")


class Names(dict):
    """Wildcards as Snakemake gives them: values by key and by attribute."""

    __getattr__ = dict.__getitem__


def run_script(checkout, script, volume, budget, threads, structure, table):
    """Run the script of a rule in this process, with what Snakemake would give it."""
    import yaml

    config = yaml.safe_load((Path(checkout) / "config.yaml").read_text())
    bodies = {name: value for name, value in config["watershed"]["bodies"].items() if name != "thresholds"}
    params = SimpleNamespace(
        structure=structure,
        metrics=config["metrics"],
        forest=config["forest"],
        labels={name: config["labels"][name] for name in ("strategy", "validation")},
        watershed={"method": "bodies", "settings": bodies},
        median_slices=config["watershed"].get("median_slices", 1),
    )
    snakemake = SimpleNamespace(
        params=params,
        threads=int(threads),
        log=[f"{table}.log"],
        input=SimpleNamespace(volume=volume),
        output=SimpleNamespace(scores=f"{table}.csv", partitions=f"{table}_partitions.csv"),
        wildcards=Names(volume="volume", budget=budget, replicate="1"),
    )
    path = Path(checkout) / "workflow_scripts" / f"{script}.py"
    sys.path.insert(0, str(path.parent))
    exec(compile(path.read_text(), path, "exec"), {"snakemake": snakemake, "__name__": "__main__"})


def measured(*arguments):
    """One job in a process of its own -> its processor time and time by the clock, and its memory in MB."""
    start = time.perf_counter()
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    job = subprocess.Popen([sys.executable, __file__, "--job", *map(str, arguments)], env=environment)
    _, status, used = os.wait4(job.pid, 0)
    if status:
        sys.exit(f"{' '.join(map(str, arguments))} failed: see above")
    return {
        "cpu": used.ru_utime + used.ru_stime,
        "clock": time.perf_counter() - start,
        "mb": used.ru_maxrss / 1024,
    }


def compared(checkouts, script, budget, options, folder):
    """{checkout: its figures} of one job, in turns after one to warm up, and whether tables are equal."""
    figures = {name: [] for name in checkouts}
    for number in range(options.rounds + 1):
        for name, checkout in checkouts.items():
            job = script, options.volume, budget, options.threads, options.structure, folder / name
            found = measured(checkout, *job)
            figures[name] += [found] * (number > 0)  # the first compiles kernels
    tables = [
        [(folder / f"{name}{end}").read_bytes() for end in (".csv", "_partitions.csv")] for name in checkouts
    ]
    medians = {
        name: {key: round(median(each[key] for each in found), 1) for key in found[0]}
        for name, found in figures.items()
    }
    return medians, all(table == tables[0] for table in tables)


def main(options):
    from rounds import print_result

    checkouts = {"ours": HERE} | ({"theirs": options.against.resolve()} if options.against else {})
    times, equal = {}, {}
    with TemporaryDirectory() as folder:
        for script in SCRIPTS:
            for budget in options.budgets:
                job = f"{script}, {budget} labelled slices"
                figures, equal[job] = compared(checkouts, script, budget, options, Path(folder))
                goal = "met" if figures["ours"]["clock"] <= MOST_SECONDS else "missed"
                print(
                    f"{job}: {json.dumps(figures)}; goal of {MOST_SECONDS} s by the clock {goal}", flush=True
                )
                spent = [found["cpu"] for found in figures.values()]
                times[job] = round(spent[-1] / spent[0], 2)
    print_result("references", ratios=times, equal=equal, libraries=["numba", "numpy", "scikit-learn"])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("volume", type=Path, help="a volume.h5 of the workflow")
    parser.add_argument("--against", type=Path, help="another checkout, run in turns")
    parser.add_argument("--budgets", nargs="+", default=["8", "all"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--structure", default="mitochondria")
    return parser.parse_args()


if __name__ == "__main__":
    run_script(*sys.argv[2:]) if sys.argv[1:2] == ["--job"] else main(arguments())
