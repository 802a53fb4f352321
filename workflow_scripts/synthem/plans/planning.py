"""A study before its first training: what it can find, and what it takes."""

from synthem.plans.costs import lighter_seconds, per_pixel, training_costs
from synthem.plans.design import outlook
from synthem.plans.outline import outline_of

OTHER_JOBS = 25  # figures, tables, the report and the check of the data, in all


def plan_of(config, trainings, jobs, *, cores, folder, measure, components):
    """The plan as plain data.

    config: of the run, its volumes filled in. trainings, jobs: of `plans.jobs`. measure([(section, settings)]) ->
    their timed steps. folder: results/, where earlier runs left theirs. components {target: of variance in an
    earlier run, or None}.
    """
    outlines = {name: outline_of(name, config["volumes"][name], config) for name in config["targets"]}
    known = {name: one for name, one in outlines.items() if "unknown" not in one}
    steps = measure([(one.section, one.settings) for one in trainings])
    costs = training_costs(trainings, steps, folder)
    timed = {one.section: per_pixel(one, step) for one, step in zip(trainings, steps, strict=True) if step}
    images = config["synthesis"]["masks"]["slices"]
    each = lighter_seconds(jobs, outlines=known, images=images, steps=timed, folder=folder)
    other = sum(each[rule] * count for rule, count in jobs.items()) + OTHER_JOBS * each_other(each)
    rows = [
        {"rule": one.rule, "name": one.name, "count": one.count} | cost
        for one, cost in zip(trainings, costs, strict=True)
    ]
    learning = sum(row["count"] * (row["seconds"] or 0) for row in rows)
    longest = longest_chain(rows)
    study = config["study"]
    return {
        "structure": config["structure"],
        "endpoint": config["comparison"]["endpoint"],
        "reference": study["reference"],
        "arms": [arm for arm in study["arms"] if arm != study["reference"]],
        "budgets": config["labels"]["budgets"],
        "strategy": config["labels"]["strategy"],
        "cores": cores,
        "seconds": max(longest, (learning + other) / cores),
        "disk": sum(row["count"] * (row["disk"] or 0) for row in rows) + disk_of_images(jobs, known, images),
        "trainings": rows,
        "other_jobs": sum(jobs.values()) + OTHER_JOBS,
        "other_seconds": other,
        "outlines": outlines,
        "outlooks": {
            name: outlook(config, test_slices=one["test"], components=components.get(name))
            if name in known
            else one
            for name, one in outlines.items()
        },
    }


def longest_chain(rows):
    """Seconds of one training of each kind after the other: what no number of cores makes shorter."""
    kinds = {}
    for row in rows:
        kinds[row["rule"]] = max(kinds.get(row["rule"], 0), row["seconds"] or 0)
    return sum(kinds.values())


def each_other(seconds):
    """Of a job that is not counted singly: like those that score."""
    return seconds.get("score_segmentation", 0)


def disk_of_images(jobs, outlines, images):
    """Bytes of painted images with their masks, and of the predictions of all runs."""
    pixels = max((one["slice_pixels"] for one in outlines.values()), default=0)
    tested = max((one["test"] for one in outlines.values()), default=0)
    painted = jobs.get("make_masks", 0) * images * pixels * 3
    return painted + jobs.get("segment_volume", 0) * tested * pixels
