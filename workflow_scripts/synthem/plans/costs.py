"""Hours and disk of a study: from earlier runs with the same settings, else from a few timed steps."""

from pathlib import Path
from statistics import median

from synthem.config.kinds import chosen
from synthem.errors import SynthemError
from synthem.plans.jobs import TRAININGS
from synthem.runs.record import seconds_of
from synthem.storage.files import read_json

# Seconds on one core of an AMD EPYC (2026-11-28), of jobs that start Python and read little.
STARTING = {"trains": 5.0, "torch": 5.0, "other": 2.5}
WITH_TORCH = ("predict_volume", "generate_volume")
PER_VOXEL = {"segment_volume": 2e-7, "score_segmentation": 3.5e-7, "score_baseline": 2e-6}
FORWARD = 1 / 3  # of a training step, for as many pixels
STATES = 2  # that are kept of each training
PER_IMAGE = 3  # bytes of a pixel of a painted image with its masks, compressed, in all its files


def training_costs(trainings, steps, folder):
    """One {seconds, disk, rests_on} of a single network per Training; seconds None where nothing is known.

    steps: of `timing.measured`, in the same order. folder: results/.
    """
    return [_of_training(one, step, Path(folder)) for one, step in zip(trainings, steps, strict=True)]


def earlier_seconds(training, folder):
    """Seconds of every finished training with these settings in an earlier run."""
    found = []
    results, benchmarks = folder / training.section, folder / "benchmarks" / training.rule
    for path in sorted(results.glob(f"{training.folders}/provenance.json")):
        place = path.parent.relative_to(results)
        if _settings(path).get(training.section) == chosen(training.settings):
            found += seconds_of(benchmarks / place.parent / f"{place.name}.tsv")
    return found


def lighter_seconds(jobs, *, outlines, images, steps, folder):
    """{rule: seconds of one job} of jobs {rule: count}.

    outlines: of the targets whose slices are known; images: slices that a data set has; steps {section: its
    measured step, of so many pixels}: what predicting and painting takes.
    """
    known = list(outlines.values())
    pixels = max((one["slice_pixels"] for one in known), default=0)
    tested = max((one["test"] for one in known), default=0) * pixels
    seconds = {}
    for rule in jobs:
        earlier = [each for path in sorted((Path(folder) / "benchmarks" / rule).rglob("*.tsv")) for each in seconds_of(path)]
        start = STARTING["torch" if rule in WITH_TORCH else "other"]
        seen, section = (images * pixels, "gans") if rule == "generate_volume" else (tested, "unets")
        forward = FORWARD * steps[section] * seen if rule in WITH_TORCH and section in steps else 0
        seconds[rule] = median(earlier) if earlier else start + forward + PER_VOXEL.get(rule, 0) * tested
    return seconds


def per_pixel(training, step):
    """Seconds of a measured training step for one pixel of its patches."""
    sizes = training.settings["training"]
    return step["seconds"] / (sizes["batch_size"] * sizes["patch"] ** 2)


def _of_training(training, step, folder):
    earlier = earlier_seconds(training, folder)
    disk = step["network"] + STATES * step["state"] if step else None
    if earlier:
        return {"seconds": median(earlier), "disk": disk, "rests_on": "earlier runs"}
    if not step:
        return {"seconds": None, "disk": disk, "rests_on": "nothing"}
    seconds = STARTING["trains"] + training.settings["training"]["steps"] * step["seconds"]
    return {"seconds": seconds, "disk": disk, "rests_on": "steps timed now"}


def _settings(path):
    """The settings in a provenance.json; {} where it cannot be read: a plan is no reason to stop."""
    try:
        return read_json(path).get("settings", {})
    except (SynthemError, AttributeError):
        return {}
