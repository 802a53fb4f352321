"""Random parameters of augmentation: each patch draws its transforms from a stream of its own.

So they do not depend on the other patches of the batch, and turning one kind on or off leaves the others as
they were. `on_processor` and `on_gpu` apply them.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from synthem.errors import SynthemError
from synthem.patches.chance import BENDING, CHANGES, PARTS, SCALE, SYMMETRY, slice_streams, uniforms
from synthem.patches.rows import Rows
from synthem.seeds import generator

UNCHANGED = {  # settings of an augmentation that leaves patches as they are
    "turn": False,
    "scale": [1, 1],
    "elastic": 0,
    "blur": {"probability": 0, "sigma": 1, "radius": 1},
    "local_blur": {"probability": 0, "sigma": 1, "radius": 1},
    "low_contrast": {"probability": 0, "gain": 1},
    "brightness": 0,
    "contrast": 0,
    "noise": 0,
    "missing": 0,
}
TURNED_ALONE = UNCHANGED | {"turn": True}
# The config's word: which parts of `turned` are drawn. Pixels that are not square stay what they are where
# nothing is transposed; a horizontal flip is all that some papers drew.
SYMMETRIES = {True: (1, 1, 1), "flips": (0, 1, 1), "horizontal": (0, 0, 1), False: (0, 0, 0)}
GRID = 8  # control points of a bending along each axis of a patch
FOLDS = 0.48  # of the distance of two control points: below, cubic splines do not fold (Choi & Lee 2000)
ALIKE = ("turned", "control", "gain", "shift")  # for all slices of a patch; blur and noise are not
NOISE_VALUES = 1 << 22  # in the table of noise; each patch starts to read it somewhere else
PART, WHOLE = 1, 2  # of a slice of a patch that is missing
SLOPES, FURTHEST = 100, 0.6  # of lines that cut patches in two: whole numbers, for no rounding moves these


@dataclass(frozen=True)
class Transforms(Rows):
    """What happens to the patches of a batch, in this order; one row for each patch.

    What is no array holds for all patches of a training: a step that has no noise never has.
    """

    turned: np.ndarray  # int64 [B, 3]: transposed?, rows of the slice read backwards?, columns?
    control: np.ndarray  # float32 [B, 2, GRID, GRID]: shifts in y and x in pixels
    reach: float  # pixels: no shift is larger; 0: nothing is bent
    blurred: np.ndarray  # bool [B]
    blur: tuple | None  # sigma and radius of the Gaussian; None: nothing is blurred
    part_blurred: np.ndarray  # bool [B]: on one side of a line
    part_blur: tuple | None
    gain: np.ndarray  # float32 [B], of the standardised image
    shift: np.ndarray  # float32 [B]
    noisy: bool
    noise: np.ndarray  # float32 [B]: its deviation
    noise_start: np.ndarray  # int64 [B]: where in the table it starts
    incomplete: bool
    missing: np.ndarray  # int64 [B]: 0, PART on one side of a line, or WHOLE
    edges: np.ndarray  # int64 [B, 2, 3]: the lines of part_blurred and of missing, see `cut_off`


def draw_transforms(
    streams,
    *,
    turn,
    scale,
    elastic,
    blur,
    local_blur,
    low_contrast,
    brightness,
    contrast,
    noise,
    missing,
    size=0,
    deep=False,
):
    """The transforms of patches, by their streams. What values mean: `augment` in config.schema.yaml.

    size: the side of a patch in pixels, for `scale`. deep: each is a slice of a stack, which may be missing
    as a whole (Lee 2017).
    """
    count, control = len(streams), (len(streams), 2, GRID, GRID)
    turned = (uniforms(streams, SYMMETRY, 3) < 0.5) * SYMMETRIES[turn] if turn else np.zeros((count, 3))
    bends = 2 * uniforms(streams, BENDING, 2 * GRID * GRID) - 1 if elastic else np.zeros(control)
    scaled, furthest = scaling(streams, scale, size) if list(scale) != [1, 1] else (0, 0)
    bright, steep, faded, blurred, noisy, start = uniforms(streams, CHANGES, 6).T
    some_parts = bool(local_blur["probability"] or missing)
    parts = uniforms(streams, PARTS, 7) if some_parts else np.ones((count, 7))  # no probability is larger
    contrasts = 1 + contrast * (2 * steep - 1)
    contrasts[faded < low_contrast["probability"]] *= low_contrast["gain"]
    return Transforms(
        turned=turned.astype(np.int64),
        control=((elastic * bends).reshape(control) + scaled).astype(np.float32),
        reach=elastic + furthest,
        blurred=blurred < blur["probability"],
        blur=(blur["sigma"], blur["radius"]) if blur["probability"] else None,
        part_blurred=parts[:, 0] < local_blur["probability"],
        part_blur=(local_blur["sigma"], local_blur["radius"]) if local_blur["probability"] else None,
        gain=contrasts.astype(np.float32),
        shift=(brightness * (2 * bright - 1)).astype(np.float32),
        noisy=bool(noise),
        noise=(noise * noisy).astype(np.float32),
        noise_start=(NOISE_VALUES * start).astype(np.int64),
        incomplete=bool(missing),
        missing=(parts[:, 1] < missing) * np.where(deep & (parts[:, 2] < 0.5), WHOLE, PART),
        edges=np.stack([lines_across(*parts[:, 3:5].T), lines_across(*parts[:, 5:].T)], axis=1),
    )


def scaling(streams, scale, size):
    """Control points [B, 2, GRID, GRID] that enlarge a piece of each patch to the whole, or shrink what lies
    around it, and the pixels that it moves at most.

    The piece lies anywhere in the patch, or the patch in it. Cubic splines whose control points lie on a line
    are that line.
    """
    smallest, largest = scale
    how_large, *where = uniforms(streams, SCALE, 3).T
    side = smallest * (largest / smallest) ** how_large  # of the piece; half and twice are as frequent
    place = (np.arange(GRID) - 1) * size / (GRID - 3)  # of the control points: pixels from the patch's border
    along = (1 - side)[:, None, None] * (size * np.stack(where, axis=1)[..., None] - place)  # [B, 2, GRID]
    grid = np.ones(GRID)
    moved = np.stack([along[:, 0, :, None] * grid, along[:, 1, None, :] * grid[:, None]], axis=1)
    return moved, size * max(1 - smallest, largest - 1)


def lines_across(angle, offset):
    """Lines through patches from numbers in 0 .. 1: int64 [B, 3], as `cut_off` takes them."""
    across = np.rint(SLOPES * np.stack([np.cos(2 * np.pi * angle), np.sin(2 * np.pi * angle)], axis=1))
    reach = FURTHEST * np.abs(across).sum(axis=1) * (2 * offset - 1)
    return np.concatenate([across, np.rint(reach)[:, None]], axis=1).astype(np.int64)


def draw_stack_transforms(streams, depth, augment, size=0):
    """The transforms of patches of `depth` slices by `augment` of the config: one row for each slice.

    They stand patch after patch. A section is blurred or noisy by itself, but a patch moves and fades as one.
    """
    alike = draw_transforms(streams, **augment, size=size)
    if depth == 1:
        return alike
    own = draw_transforms(slice_streams(streams, depth), **augment, size=size, deep=True)
    return replace(own, **{part: np.repeat(getattr(alike, part), depth, axis=0) for part in ALIKE})


def no_transforms(count):
    """The transforms of so many patches that change nothing."""
    none = np.zeros(count, np.float32)
    return Transforms(
        turned=np.zeros((count, 3), np.int64),
        control=np.zeros((count, 2, GRID, GRID), np.float32),
        reach=0,
        blurred=none > 0,
        blur=None,
        part_blurred=none > 0,
        part_blur=None,
        gain=none + 1,
        shift=none,
        noisy=False,
        noise=none,
        noise_start=np.zeros(count, np.int64),
        incomplete=False,
        missing=np.zeros(count, np.int64),
        edges=np.zeros((count, 2, 3), np.int64),
    )


def refuse_folds(*, elastic, scale, size):
    """A bending so strong that the image would lie over itself teaches shapes that do not exist.

    Where a piece is enlarged, its pixels lie closer: so much less of a bending folds it.
    """
    if min(scale) != scale[0]:
        raise SynthemError(
            "CONFIG_VALUE",
            "training: augment.scale",
            f"{list(scale)}",
            expected="the smaller number first",
            fix="exchange them",
        )
    limit = min(scale[0], 1) * FOLDS * size / (GRID - 3)
    if elastic > limit:
        raise SynthemError(
            "CONFIG_VALUE",
            "training: augment.elastic",
            f"{elastic:g} pixels in patches of {size}",
            expected=f"at most {limit:.3g}: stronger bending can fold the image over itself",
            fix="lower elastic, or enlarge patch or the smallest scale",
        )


@cache
def bending_weights(size):
    """float32 [size, GRID]: the share of each control point in the shift of each pixel along an axis.

    Uniform cubic B-splines: smooth, and a shift is never larger than the largest one of a control point.
    """
    place = (np.arange(size) + 0.5) * (GRID - 3) / size
    first = place.astype(int)
    t = place - first
    basis = np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, 3 * (t - t**3 + t**2) + 1, t**3], axis=1) / 6
    weights = np.zeros((size, GRID), np.float32)
    for k in range(4):
        weights[np.arange(size), first + k] = basis[:, k]
    return weights


def margin_of(transforms):
    """Pixels around a patch that bending may reach, and one to interpolate with."""
    return int(np.ceil(transforms.reach)) + 1 if transforms.reach else 0


@cache
def blur_weights(sigma, radius):
    """A Gaussian over 2 radius + 1 pixels, of sum 1."""
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    return (weights / weights.sum()).astype(np.float32)


@cache
def noise_table():
    """float32 [NOISE_VALUES] standard normal: to read noise costs a tenth of drawing it."""
    return generator(0, "noise table").standard_normal(NOISE_VALUES, np.float32)
