"""Whole stacks of a plan: how many jobs segment them, how long these take, what they leave on the disk."""

from math import prod

from synthem.config.applying import applied_target, files_of_networks
from synthem.plans.costs import FORWARD, PER_VOXEL, STARTING
from synthem.plans.outline import outline_of, pixels_of
from synthem.storage.splits import WHOLE

OF_EACH = (
    "ingest_stack",
    "segment_stack",
    "measure_objects",
    "rank_slices",
    "draw_stack",
)  # beside prediction and exports
WITH_TORCH = ("predict_stack", "predict_stack_part")
# Bytes of a voxel: of image, probability and segmentation; of the files that the largest stack is cut by;
# of an export, with image, labels and confidence.
KEPT, CUTTING, EXPORTED = 2, 13, {"fiji": 6, "mesh": 13}
OTHER_EXPORT = 4


def stack_jobs(apply):
    """{rule: number of jobs} of the section `apply` of the config."""
    stacks, parts = len(apply["stacks"]), apply["parts"]
    if not stacks:
        return {}
    times = stacks * (len(apply["networks"]) + _by_an_arm(apply))
    divided = {"predict_stack_part": times * parts, "gather_stack": times}
    counts = dict.fromkeys(OF_EACH, times) | (divided if parts > 1 else {"predict_stack": times})
    counts["list_stacks"] = times // stacks
    counts |= {"ingest_stack": stacks, "export_stack": times * len(apply["formats"])}
    return counts | ({"choose_arm": 1} if _by_an_arm(apply) and not apply["arm"] else {})


def _by_an_arm(apply):
    """Whether networks of the study segment whole stacks: not where it names those of others, and no arm."""
    return bool(apply["arm"] or not apply["networks"])


def stacks_of(config, step):
    """{stacks, jobs, seconds, disk, unknown {stack: why}} of all stacks together.

    step: seconds of a training step of a U-Net for one pixel; 0 where it is not timed. Networks of others are
    taken for as fast. Of unknown stacks only the jobs are counted.
    """
    apply, jobs = config["apply"], stack_jobs(config["apply"])
    known = {"split": WHOLE, "phantoms": config["phantoms"], "section": "apply.stacks"}
    outlines = {name: outline_of(name, stack, **known) for name, stack in apply["stacks"].items()}
    unknown = {name: one["unknown"] for name, one in outlines.items() if "unknown" in one}
    read = {name: one for name, one in outlines.items() if name not in unknown}
    sizes = [one["test"] * one["slice_pixels"] for one in read.values()]
    times = len(apply["networks"]) + _by_an_arm(apply)
    seen = sum(one["test"] * _pixels_seen(config, name) for name, one in read.items())
    voxels, exported = sum(sizes), sum(EXPORTED.get(one, OTHER_EXPORT) for one in apply["formats"])
    forward = _networks(config) * config["inference"]["turns"] * FORWARD * step
    starts = sum(STARTING["torch" if rule in WITH_TORCH else "other"] * jobs[rule] for rule in jobs)
    return {
        "stacks": len(outlines),
        "jobs": sum(jobs.values()),
        "seconds": starts + seen * forward + times * voxels * PER_VOXEL["segment_volume"],
        "disk": times * voxels * (KEPT + exported) + CUTTING * max(sizes, default=0),
        "unknown": unknown,
    }


def _networks(config):
    """How many networks see each stack."""
    apply = config["apply"]
    shared = sum(len(files) for files in files_of_networks(config).values())
    wanted = config["study"]["replicates"] if apply["replicates"] == "all" else apply["replicates"]
    return shared + wanted * _by_an_arm(apply)


def _pixels_seen(config, name):
    """Pixels of a slice of a stack as networks see it: where wanted, resampled to those they learnt on."""
    stack, target = config["apply"]["stacks"][name], applied_target(config)
    known = {"phantoms": config["phantoms"]}
    own = pixels_of(name, stack, **known, section="apply.stacks")
    learnt = pixels_of(target, config["volumes"][target], **known) if stack["resample"] else None
    if learnt is None:  # or nobody knows them, of a target that cannot be read yet
        return prod(pixels for pixels, _ in own)
    return prod(round(pixels * nm / wanted) for (pixels, nm), (_, wanted) in zip(own, learnt, strict=True))
