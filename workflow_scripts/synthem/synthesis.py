"""Which synthetic slices are good enough to learn from: those that look like real ones."""

import numpy as np

from synthem.errors import SynthemError
from synthem.unknown import only_known, plane

FILTER_COLUMNS = ("slice", "mean", "std", "contrast", "sharpness", "deviation", "furthest", "kept", "reason")
FEATURES = ("mean", "std", "contrast", "sharpness")
# Few real slices resemble each other by chance, and a spread near 0 would make every other slice deviate.
# So the spread of a feature is at least this part of the real standard deviation (or real sharpness).
LEAST_SPREAD = 0.1
BLANK_STD = 0.1  # of the real standard deviation: less is a blank slice


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
    neighbours). deviation: the largest distance of a feature from the real median, in robust standard
    deviations (1.4826 x median absolute deviation); furthest: the feature it comes from. Dropped are slices
    that are blank or saturated, those with deviation > largest_deviation, then of the rest the
    worst_fraction (rounded down) with the largest deviation.
    """
    _check_shapes("image", image, masks[structure])
    _check_shapes("reference_image", reference_image, reference_masks[structure])
    real = _real_features(reference_image, reference_masks[structure], reference_ignore)
    rows = [
        {"slice": z} | _features(*pair, None)
        for z, pair in enumerate(zip(image, masks[structure], strict=True))
    ]
    scales = _scales(real)
    for row, picture in zip(rows, image, strict=True):
        distances = {
            f: abs(row[f] - centre) / scale for f, (centre, scale) in scales.items() if row[f] is not None
        }
        row["furthest"] = max(distances, key=distances.get)
        row["deviation"] = distances[row["furthest"]]
        blank = row["std"] < BLANK_STD * scales["std"][0] or _saturated(picture) > _most_saturated(
            reference_image
        )
        row["reason"] = "blank" if blank else "deviates" if row["deviation"] > largest_deviation else ""
    good = sorted((row for row in rows if not row["reason"]), key=lambda row: -row["deviation"])
    # A hair above, or 0.29 of 100 are 28.
    for row in good[: int(worst_fraction * len(good) + 1e-9)]:
        row["reason"] = "among the worst"
    for row in rows:
        row["kept"] = not row["reason"]
    return rows


def _real_features(image, structure, ignore):
    """Features of the slices of which something is known."""
    known = [z for z in range(len(image)) if ignore is None or not ignore[z].all()]
    if not known:
        raise SynthemError(
            "DATA_VALUE",
            "reference_image",
            f"no voxel of {len(image)} real slices is known",
            expected="known voxels, to compare synthetic slices with",
            fix="raise experiment: fractions, or ignore less of the volume",
        )
    return [_features(image[z], structure[z], plane(ignore, z)) for z in known]


def _features(picture, structure, ignore):
    """Features of one slice, uint8 or uint16 [Y, X] or [Y, X, C], of which some is known."""
    whole = _grey(picture)
    steps = np.concatenate([_steps(whole, ignore, axis) for axis in (0, 1)])
    grey, inside = only_known(whole, ignore), only_known(structure, ignore).astype(bool)
    both = inside.any() and not inside.all()
    return {
        "mean": float(grey.mean()),
        "std": float(grey.std()),
        "contrast": float(grey[inside].mean() - grey[~inside].mean()) if both else None,
        "sharpness": float(steps.mean()) if steps.size else 0.0,
    }


def _steps(grey, ignore, axis):
    """Differences of neighbours that are both known."""
    steps = np.abs(np.diff(grey, axis=axis))
    if ignore is not None:
        steps = steps[(np.delete(ignore, 0, axis) == 0) & (np.delete(ignore, -1, axis) == 0)]
    return steps.ravel()


def _scales(real):
    """feature -> (median, robust standard deviation) of the real slices; none for what they lack."""
    scales = {}
    for feature in FEATURES:
        values = np.array([row[feature] for row in real if row[feature] is not None])
        if len(values):
            centre = float(np.median(values))
            spread = 1.4826 * float(np.median(np.abs(values - centre)))
            typical = np.median([row["sharpness" if feature == "sharpness" else "std"] for row in real])
            scales[feature] = centre, max(spread, LEAST_SPREAD * float(typical), 1e-6)
    return scales


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
