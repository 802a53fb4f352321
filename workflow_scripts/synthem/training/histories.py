"""Losses of many trainings, under names that a reader understands."""

from synthem.storage.naming import BASE, labels_text, run_of
from synthem.storage.tables import changed, read_table

FOLDERS = ("unets", "gans", "mask_generator", "stylegan", "pretraining", "membranes")  # of networks
NO_LOSSES = ("step", "adversary", "adversarial")  # of the segmentation: those of an adversary are its game's


def read_histories(paths):
    """{name: rows} from history.csv files; trainings that differ in replicate and seed alone share a name.

    Each row of a training that has them carries both as its `run`.
    """
    histories = {}
    for path in paths:
        rows = read_history(path)
        if "/budget-" in str(path):
            run = run_of(path)
            rows = [row | {"run": (run.replicate, run.seed)} for row in rows]
        histories.setdefault(name_of(str(path)), []).extend(rows)
    return histories


def read_history(path):
    """The losses of one training: a dict with `step` (1, 2, 3, ...) and numbers for each step."""
    rows = read_table(path)
    for number, row in enumerate(rows, start=1):
        if row.get("step") != number:
            raise changed(path, f"row {number + 1} is of step {row.get('step')}")
        texts = [name for name, value in row.items() if isinstance(value, str)]
        if texts:
            raise changed(path, f"step {number}: {texts[0]} is `{row[texts[0]]}`")
    return rows


def name_of(path):
    """`.../unets/v/real/budget-3/replicate-1/seed-1/history.csv` -> `U-Net real, 3 labelled slices`."""
    parts = path.split("/")
    step = next(part for part in parts if part in FOLDERS)  # a volume may have the name of another step
    if step == "unets":
        return f"U-Net {run_of(path).name}, {labels_text(run_of(path).budget)}"
    if step == "gans":
        return f"GAN{_variant(run_of(path).name)}, {labels_text(run_of(path).budget)}"
    if step == "mask_generator":
        run = run_of(path)
        return f"mask generator{_variant(run.name)}, {labels_text(run.budget)}"
    if step == "stylegan":
        return "StyleGAN, no labels"
    volume, variant = parts[parts.index(step) + 1 :][:2]
    start = f"pre-training on {volume}, no labels" if step == "pretraining" else f"membranes of {volume}"
    return start + _variant(variant)


def _variant(name):
    """The variant of a network, where there is one: `base` is none."""
    return "" if name == BASE else f" {name}"


def losses_of_arms(paths, networks):
    """{arm: `read_losses` of the arm whose networks it has}; networks {arm: that one}."""
    own = {name: [path for path in paths if run_of(path).name == name] for name in networks.values()}
    losses = {name: read_losses(found) for name, found in own.items()}
    return {arm: losses[name] for arm, name in networks.items()}


def read_losses(paths):
    """{budget: [[loss of each step], one list per file]} from history.csv files of segmenters."""
    losses = {}
    for path in paths:
        rows = read_history(path)
        parts = [key for key in rows[0] if key not in NO_LOSSES and not key.startswith("validation_")]
        losses.setdefault(run_of(path).budget, []).append([sum(row[key] for key in parts) for row in rows])
    return losses
