"""Filters synthetic slices: keeps those whose grey-level statistics are like those of real ones."""

from dataclasses import replace
from itertools import product

import numpy as np

from synthem.errors import SynthemError
from synthem.storage.ignore import only_known, plane

FEATURES = ("mean", "std", "contrast", "sharpness", "grid")
FILTER_COLUMNS = ("slice", *FEATURES, "deviation", "furthest", "kept", "reason")
HELD_OUT = 0.95  # of the real quarters, held out, lie nearer to the others than one unit of deviation
# Slices of one place resemble each other more than the tissue does elsewhere: the sharpness of 22 slices of
# Lucchi++ lies within 1.6 %, that of slices from other places up to 4 % away. So a unit is at least this part
# of the real standard deviation, of the real sharpness, or of 1 for the grid, which is a ratio.
LEAST_UNIT = 0.05
BLANK_STD = 0.1  # of the real standard deviation: less is a blank slice
MOST_UNKNOWN = 0.5  # of a quarter: a sliver that is known is no sample of the tissue
GRID = 4  # pixels: two doublings of the size, the last of which show most


def filter_slices(
    image,
    masks,
    *,
    reference_image,
    reference_masks,
    reference_ignore,
    structure,
    worst_fraction,
    largest_deviation,
):
    """Synthetic slices against the real training slices -> one row of FILTER_COLUMNS per synthetic slice.

    image uint8 or uint16 [Z, Y, X] or [Z, Y, X, C]; masks name -> {0, 1} [Z, Y, X], of which `structure` is
    used; reference_* the same of real slices, and {0, 1} where their masks are unknown (or None): these
    places count for nothing. Features, in grey values (colours are averaged): mean, std, contrast (mean
    inside the structure minus outside; None without structure), sharpness (mean absolute step between
    neighbours), grid (how unequal the steps are that start in column or row 0, 1, 2, 3 of each four).

    Slices are judged by their quarters, for real quarters, each held out, show how unlike each other quarters
    of this tissue may be: one unit of a feature is the distance from the median of the other three that 95 %
    of the real quarters keep. deviation: the largest distance of a feature from the real median, on average
    over the quarters, in units; furthest: the feature it comes from. Dropped are slices that are blank or
    saturated, those with deviation > largest_deviation, then of the rest the worst_fraction (rounded down)
    with the largest deviation.
    """
    _check_shapes("image", image, masks[structure])
    _check_shapes("reference_image", reference_image, reference_masks[structure])
    real = _real_quarters(reference_image, reference_masks[structure], reference_ignore)
    units = {feature: unit for feature in FEATURES if (unit := _unit(real, feature))}
    most_saturated = _most_saturated(reference_image)
    rows = []
    for z, picture in enumerate(image):
        row = {"slice": z} | _measured(picture, masks[structure][z], units)
        blank = row["std"] < BLANK_STD * units["std"][0] or _saturated(picture) > most_saturated
        row["reason"] = "blank" if blank else "deviates" if row["deviation"] > largest_deviation else ""
        rows.append(row)
    good = sorted((row for row in rows if not row["reason"]), key=lambda row: -row["deviation"])
    # A hair above, or 0.29 of 100 are 28.
    for row in good[: int(worst_fraction * len(good) + 1e-9)]:
        row["reason"] = "among the worst"
    for row in rows:
        row["kept"] = not row["reason"]
    return rows


def _measured(picture, structure, units):
    """The features of one synthetic slice, and how far they lie from the real ones in `units`."""
    quarters = [features for _, features, _ in _quarters(picture, structure, None)]
    row = {feature: _mean(q[feature] for q in quarters) for feature in FEATURES}
    distances = {
        feature: _mean(abs(q[feature] - centre) / unit for q in quarters if q[feature] is not None)
        for feature, (centre, unit) in units.items()
        if row[feature] is not None
    }
    furthest = max(distances, key=distances.get)
    return row | {"furthest": furthest, "deviation": distances[furthest]}


def keep_slices(volume, kept):
    """The volume with only the slices where `kept` (bool [z]) is true, all of them to train on."""
    places = np.flatnonzero(kept)
    provenance = dict(volume.facts.provenance)
    if "source_slices" in provenance:  # invented masks have none
        provenance["source_slices"] = [provenance["source_slices"][z] for z in places]
    facts = replace(volume.facts, blocks={"train": ((0, len(places)),)}, provenance=provenance)
    masks, labels = (
        {name: part[places] for name, part in parts.items()} for parts in (volume.masks, volume.labels)
    )
    return replace(volume, image=volume.image[places], masks=masks, labels=labels, facts=facts)


def _real_quarters(image, structure, ignore):
    """(quarter, features) of the quarters of the real slices of which enough is known, or the most."""
    found = [pair for z in range(len(image)) for pair in _quarters(image[z], structure[z], plane(ignore, z))]
    most = min((unknown for *_, unknown in found), default=0)
    found = [(number, features) for number, features, unknown in found if unknown <= max(most, MOST_UNKNOWN)]
    if not found:
        raise SynthemError(
            "DATA_VALUE",
            "reference_image",
            f"no voxel of {len(image)} real slices is known",
            expected="known voxels, to compare synthetic slices with",
            fix="raise labels.budgets, or ignore less of the volume",
        )
    return found


def _quarters(picture, structure, ignore):
    """(number, features, unknown part) of the quarters of one slice of which something is known."""
    height, width = (side // 2 for side in structure.shape)
    for number, (y, x) in enumerate(
        product((slice(height), slice(height, None)), (slice(width), slice(width, None)))
    ):
        unknown = None if ignore is None else ignore[y, x]
        if unknown is None or not unknown.all():
            part = 0.0 if unknown is None else float(np.mean(unknown != 0))
            yield number, _features(picture[y, x], structure[y, x], unknown), part


def _features(picture, structure, ignore):
    """Features of uint8 or uint16 [Y, X] or [Y, X, C], of which some is known."""
    whole = _grey(picture)
    steps = [_steps(whole, ignore, axis) for axis in (0, 1)]
    sharpness = np.concatenate([along[~np.isnan(along)] for along in steps])
    grey, inside = only_known(whole, ignore), only_known(structure, ignore).astype(bool)
    both = inside.any() and not inside.all()
    return {
        "mean": float(grey.mean()),
        "std": float(grey.std()),
        "contrast": float(grey[inside].mean() - grey[~inside].mean()) if both else None,
        "sharpness": float(sharpness.mean()) if sharpness.size else 0.0,
        "grid": max(_grid(along) for along in steps),
    }


def _steps(grey, ignore, axis):
    """Absolute steps to the next pixel, the axis they go along first; not-a-number where one is unknown."""
    steps = np.abs(np.diff(grey, axis=axis))
    if ignore is not None:
        unknown = ignore.astype(bool)
        steps[np.delete(unknown, 0, axis) | np.delete(unknown, -1, axis)] = np.nan
    return np.moveaxis(steps, axis, 0)


def _grid(steps):
    """(largest - smallest) / mean of the mean steps from pixel 0, 1, 2, 3 of each four: 0 without a grid."""
    phases = [steps[phase::GRID] for phase in range(GRID)]
    known = [phase[~np.isnan(phase)] for phase in phases]
    if not all(phase.size for phase in known):
        return 0.0
    means = [phase.mean() for phase in known]
    return float((max(means) - min(means)) / max(np.mean(means), 1e-6))


def _unit(real, feature):
    """(median, unit of deviation) of a feature over the real quarters; None where none has it."""
    known = [(number, features[feature]) for number, features in real if features[feature] is not None]
    if not known:
        return None
    numbers, values = (np.array(column) for column in zip(*known, strict=True))
    held_out = [
        np.abs(values[numbers == number] - np.median(values[numbers != number]))
        for number in set(numbers.tolist())
        if (numbers != number).any()
    ]
    natural = np.quantile(np.concatenate(held_out), HELD_OUT) if held_out else 0
    return float(np.median(values)), max(float(natural), LEAST_UNIT * _typical(real, feature), 1e-6)


def _typical(real, feature):
    """What a deviation of the feature is small or large against."""
    if feature == "grid":
        return 1.0
    return float(
        np.median([features["sharpness" if feature == "sharpness" else "std"] for _, features in real])
    )


def _mean(values):
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _most_saturated(reference_image):
    """More saturated pixels than this is too many: half way from the worst real slice to all of them."""
    return (1 + max(_saturated(picture) for picture in reference_image)) / 2


def _saturated(picture):
    """Part of the pixels that are black or white to the limit."""
    white = np.iinfo(picture.dtype).max
    grey = _grey(picture)
    return float(((grey == 0) | (grey == white)).mean())


def _grey(picture):
    return picture.mean(axis=-1) if picture.ndim == 3 else picture.astype(float)


def _check_shapes(name, image, mask):
    if image.shape[:3] != mask.shape or len(image) == 0:
        raise SynthemError(
            "DATA_SHAPE",
            name,
            f"shape {image.shape} with a mask of shape {mask.shape}",
            expected="an image and a mask of the same slices, at least one",
            fix="give the mask that belongs to the image",
        )
