"""Seconds and disk of a study: from earlier runs with the same settings, else from a few timed steps."""

from statistics import median

from synthem.plans.earlier import earlier_jobs

# Seconds on one core of an AMD EPYC (2026-11-28), of jobs that start Python and read little.
STARTING = {"trains": 5.0, "torch": 5.0, "other": 2.5}
WITH_TORCH = {"predict_volume": "unets", "generate_volume": "gans"}  # rule: section of its network
PER_VOXEL = {
    "segment_volume": 2e-7,
    "score_segmentation": 3.5e-7,
    "score_baseline": 2e-6,
    "score_forest": 1e-6,  # of an Intel Xeon, 2026-12-01
}
FITTING = {"score_forest": 4.0}  # of as many pixels in every volume
FORWARD = 1 / 3  # of a training step, for as many pixels
STATES = 2  # that are kept of each training
PER_PIXEL = 3  # bytes of a painted image with its masks, in all its files, compressed


def cost_of(training, past, step):
    """{seconds, disk, rests_on} of one network of a Training; None of what is not known.

    past: seconds of earlier ones (`earlier.earlier_trainings`); step: of `timing.measured`, None without one.
    """
    disk = step["network"] + STATES * step["state"] if step else None
    if past:
        return {"seconds": median(past), "disk": disk, "rests_on": "earlier runs"}
    if not step:
        return {"seconds": None, "disk": disk, "rests_on": "nothing"}
    seconds = STARTING["trains"] + training.settings["training"]["steps"] * step["seconds"]
    return {"seconds": seconds, "disk": disk, "rests_on": "steps timed now"}


def per_pixel(training, step):
    """Seconds of a timed training step for one pixel of its patches, in each of their slices."""
    sizes, network = training.settings["training"], training.settings.get("network", {})
    side = sizes["patch"] if "patch" in sizes else network["size"]
    slices = network.get(network.get("kind"), {}).get("patch_slices", 1)
    return step["seconds"] / (sizes["batch_size"] * slices * side**2)


def lighter_seconds(jobs, *, outlines, images, steps, folder):
    """{rule: seconds of one job} of jobs {rule: count}.

    outlines: of the targets whose slices are known; images: slices of a data set; steps {section: seconds of
    a training step for one pixel}, of which predicting and painting takes a part.
    """
    pixels, tested = _sizes(outlines)
    seconds = {}
    for rule in jobs:
        past, section = earlier_jobs(rule, folder), WITH_TORCH.get(rule)
        seen = {"unets": tested, "gans": images * pixels}.get(section, 0)
        start = STARTING["torch" if section else "other"] + FORWARD * steps.get(section, 0) * seen
        work = FITTING.get(rule, 0) + PER_VOXEL.get(rule, 0) * tested
        seconds[rule] = median(past) if past else start + work
    return seconds


def disk_of_images(jobs, *, outlines, images):
    """Bytes of painted images with their masks, and of the predictions of all runs."""
    pixels, tested = _sizes(outlines)
    return (
        jobs.get("generate_volume", 0) * images * pixels * PER_PIXEL + jobs.get("segment_volume", 0) * tested
    )


def _sizes(outlines):
    """(Pixels of a slice, voxels of a test block), the largest of all targets."""
    pixels = max((one["slice_pixels"] for one in outlines.values()), default=0)
    return pixels, max((one["slice_pixels"] * one["test"] for one in outlines.values()), default=0)
