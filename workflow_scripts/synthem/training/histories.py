"""Losses of many trainings, under names that a reader understands."""

import re

from synthem.storage.tables import changed, read_table


def read_histories(paths):
    """{name: rows} from history.csv files; trainings that differ only in their seed share a name."""
    histories = {}
    for path in paths:
        rows = read_history(path)
        seed = re.search(r"seed-(\d+)", str(path))
        if seed:
            rows = [row | {"seed": int(seed.group(1))} for row in rows]
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
    """`.../unets/v/real/fraction-0.1/seed-0/history.csv` -> `U-Net real, 10 % of the labels`."""
    parts = path.split("/")
    if "unets" in parts:
        return f"U-Net {parts[parts.index('unets') + 2]}, {share_of(path)}"
    if "gans" in parts:
        return f"GAN, {share_of(path)}"
    if "stylegan" in parts:
        return "StyleGAN, no labels"
    if "pretraining" in parts:
        return f"pre-training on {parts[parts.index('pretraining') + 1]}, no labels"
    return f"membranes of {parts[parts.index('membranes') + 1]}"


def read_losses(paths):
    """{label fraction: [[loss of each step], one list per file]} from history.csv files of segmenters."""
    losses = {}
    for path in paths:
        rows = read_history(path)
        parts = [key for key in rows[0] if key != "step" and not key.startswith("validation_")]
        losses.setdefault(fraction_of(str(path)), []).append([sum(row[key] for key in parts) for row in rows])
    return losses


def share_of(path):
    """`.../fraction-0.1...` -> `10 % of the labels`."""
    return f"{100 * fraction_of(path):g} % of the labels"


def arm_of(path):
    """`.../real/fraction-0.1/...` -> `real`."""
    return re.search(r"([^/]+)/fraction-", str(path)).group(1)


def fraction_of(path):
    return float(re.search(r"fraction-([0-9.e-]+?)(?:/|[.]png)", path).group(1))
