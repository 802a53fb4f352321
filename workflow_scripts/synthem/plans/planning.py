"""A study before its first training: what it can find, and what it takes."""

from synthem.config.entries import split_of
from synthem.plans.costs import cost_of, disk_of_images, lighter_seconds, per_pixel
from synthem.plans.design import asking, outlook
from synthem.plans.earlier import earlier_trainings, earlier_variance
from synthem.plans.forecast import steps_of
from synthem.plans.outline import outline_of
from synthem.plans.stacks import stacks_of

OTHER_JOBS = 25  # figures, tables, the report and the check of the data, in all


def plan_of(config, trainings, jobs, *, cores, gpus, folder, measure):
    """The plan as plain data.

    config: of the run, its volumes filled in. trainings, jobs: of `plans.jobs`. measure([(section,
    settings)]) -> their timed steps. gpus: on which networks take turns; 0: they learn on the cores. folder:
    results/, where earlier runs left theirs.
    """
    study = config["study"]
    outlines = {
        name: outline_of(
            name,
            config["volumes"][name],
            split=split_of(config["split"], config["volumes"][name], scored=True),
            phantoms=config["phantoms"],
        )
        for name in config["targets"]
    }
    known = {name: one for name, one in outlines.items() if "unknown" not in one}
    tests = {name: (one["test"], earlier_variance(config, [name], folder)) for name, one in known.items()}
    outlooks = {
        name: outlook(config, [tests[name]]) if name in known else one for name, one in outlines.items()
    }
    if len(known) == len(outlines) > 1:
        together = earlier_variance(config, [*known], folder)  # with what replicates share between targets
        outlooks[f"all {len(known)} as one"] = outlook(config, [*tests.values()], together)
    return {
        "structure": config["structure"],
        "endpoint": config["comparison"]["endpoint"],
        "reference": study["reference"],
        "arms": asking(config),
        "controls": len(study["arms"]) - 1 - len(asking(config)),
        "budgets": config["labels"]["budgets"],
        "strategy": config["labels"]["strategy"],
        "outlines": outlines,
        "outlooks": outlooks,
        **_effort(
            trainings,
            jobs,
            config=config,
            cores=cores,
            gpus=gpus,
            folder=folder,
            measure=measure,
            about={"outlines": known, "images": config["synthesis"]["masks"]["slices"]},
        ),
    }


def _effort(trainings, jobs, *, config, cores, gpus, folder, measure, about):
    """Hours and disk; about {outlines, images}: as for `costs.lighter_seconds`."""
    steps = measure([(one.section, one.settings) for one in trainings])
    rows, timed = [], {}
    for one, step in zip(trainings, steps, strict=True):
        why = (step or {}).get("too_large", "")
        step = None if why else step
        cost = cost_of(one, earlier_trainings(one, folder), step)
        rows.append({"rule": one.rule, "name": one.name, "count": one.count, "too_large": why} | cost)
        timed |= {one.section: per_pixel(one, step)} if step else {}
    each = lighter_seconds(jobs, steps=timed, folder=folder, **about)
    other = sum(each[rule] * count for rule, count in jobs.items()) + OTHER_JOBS * max(each.values())
    stacks = stacks_of(config, timed.get("unets", 0))
    learning = sum(row["count"] * (row["seconds"] or 0) for row in rows)
    if gpus:
        parts = [(learning + stacks["seconds"]) / gpus, other / cores]
    else:
        threads = config["compute"]["torch_threads"]
        parts = [(threads * learning + stacks["seconds"] + other) / cores]
    images = disk_of_images(jobs, **about)
    return {
        "cores": cores,
        "gpus": gpus,
        "seconds": max(longest_chain(rows), *parts),
        "disk": sum(row["count"] * (row["disk"] or 0) for row in rows) + images + stacks["disk"],
        "trainings": rows,
        "steps": steps_of(rows, jobs, each),
        "other_jobs": sum(jobs.values()) + OTHER_JOBS,
        "other_seconds": other,
        "stacks": stacks,
    }


def longest_chain(rows):
    """Seconds of one training of each kind after the other: what no number of cores makes shorter."""
    kinds = {}
    for row in rows:
        kinds[row["rule"]] = max(kinds.get(row["rule"], 0), row["seconds"] or 0)
    waited_for_by_none = kinds.pop("train_stylegan", 0)
    return max(waited_for_by_none, sum(kinds.values()))
