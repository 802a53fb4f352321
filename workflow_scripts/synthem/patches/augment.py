"""Random parameters of augmentation: each patch draws its transforms from a seed of its own.

So they do not depend on the other patches of the batch, and turning one kind on or off leaves the others as
they were. `on_processor` and `on_gpu` apply them.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import torch

from synthem.errors import SynthemError
from synthem.seeds import derived_seed, generator

GRID = 8  # control points of a bending along each axis of a patch
FOLDS = 0.48  # of the distance of two control points: below, cubic splines do not fold (Choi & Lee 2000)
ALIKE = ("turned", "control", "gain", "shift")  # for all slices of a patch; blur and noise are not
NOISE_VALUES = 1 << 22  # in the table of noise; each patch starts to read it somewhere else
PART, WHOLE = 1, 2  # of a slice of a patch that is missing
SLOPES, FURTHEST = 100, 0.6  # of lines that cut patches in two: whole numbers, for no rounding moves these


@dataclass(frozen=True)
class Transforms:
    """What happens to the patches of a batch, in this order; one row for each patch."""

    turned: np.ndarray  # int64 [B, 3]: transposed?, rows of the slice read backwards?, columns?
    control: np.ndarray  # float32 [B, 2, GRID, GRID]: shifts in y and x in pixels
    reach: float  # pixels: no shift is larger; 0: nothing is bent
    blurred: np.ndarray  # bool [B]
    blur: tuple | None  # sigma and radius of the Gaussian; None: nothing is blurred
    part_blurred: np.ndarray  # bool [B]: on one side of a line
    part_blur: tuple | None
    gain: np.ndarray  # float32 [B], of the standardised image
    shift: np.ndarray  # float32 [B]
    noise: np.ndarray  # float32 [B]: its deviation
    noise_start: np.ndarray  # int64 [B]: where in the table it starts
    missing: np.ndarray  # int64 [B]: 0, PART on one side of a line, or WHOLE
    edges: np.ndarray  # int64 [B, 2, 3]: the lines of part_blurred and of missing, see `cut_off`


def draw_transforms(
    seeds, *, turn, elastic, blur, local_blur, low_contrast, brightness, contrast, noise, missing, deep=False
):
    """The transforms of patches with these seeds. What the values mean: `augment` in config.schema.yaml.

    Every patch draws the same row of random numbers, whichever transforms are on. deep: each is a slice of a
    stack, which may be missing as a whole (Lee 2017).
    """
    count = len(seeds)
    drawn = np.stack([generator(seed, "changes").random(6 + 2 * GRID * GRID) for seed in seeds])
    bright, steep, faded, blurred, noisy, start = drawn[:, :6].T
    parts = np.ones((count, 7))  # no probability is larger
    if local_blur["probability"] or missing:
        parts = np.stack([generator(seed, "parts").random(7) for seed in seeds])
    contrasts = 1 + contrast * (2 * steep - 1)
    contrasts[faded < low_contrast["probability"]] *= low_contrast["gain"]
    return Transforms(
        turned=np.array([symmetry(seed) for seed in seeds]) if turn else np.zeros((count, 3), np.int64),
        control=(elastic * (2 * drawn[:, 6:] - 1)).astype(np.float32).reshape(count, 2, GRID, GRID),
        reach=elastic,
        blurred=blurred < blur["probability"],
        blur=(blur["sigma"], blur["radius"]) if blur["probability"] else None,
        part_blurred=parts[:, 0] < local_blur["probability"],
        part_blur=(local_blur["sigma"], local_blur["radius"]) if local_blur["probability"] else None,
        gain=contrasts.astype(np.float32),
        shift=(brightness * (2 * bright - 1)).astype(np.float32),
        noise=(noise * noisy).astype(np.float32),
        noise_start=(NOISE_VALUES * start).astype(np.int64),
        missing=(parts[:, 1] < missing) * np.where(deep & (parts[:, 2] < 0.5), WHOLE, PART),
        edges=np.stack([lines_across(*parts[:, 3:5].T), lines_across(*parts[:, 5:].T)], axis=1),
    )


def lines_across(angle, offset):
    """Lines through patches from numbers in 0 .. 1: int64 [B, 3], as `cut_off` takes them."""
    across = np.rint(SLOPES * np.stack([np.cos(2 * np.pi * angle), np.sin(2 * np.pi * angle)], axis=1))
    reach = FURTHEST * np.abs(across).sum(axis=1) * (2 * offset - 1)
    return np.concatenate([across, np.rint(reach)[:, None]], axis=1).astype(np.int64)


def turns_alone(augment):
    """Whether patches are turned, and changed in no other way."""
    others = [change for name, change in augment.items() if name != "turn"]
    strengths = [change["probability"] if isinstance(change, dict) else change for change in others]
    return augment["turn"] and not any(strengths)


def draw_stack_transforms(seeds, depth, **augment):
    """The transforms of patches of `depth` slices: one row for each slice, patch after patch.

    A section is blurred or noisy by itself, but all of a patch moves and fades together.
    """
    alike = draw_transforms(seeds, **augment)
    if depth == 1:
        return alike
    slices = [derived_seed(seed, "slice", k) for seed in seeds for k in range(depth)]
    own = draw_transforms(slices, **augment, deep=True)
    return replace(own, **{part: np.repeat(getattr(alike, part), depth, axis=0) for part in ALIKE})


def no_transforms(count):
    """Of so many patches, which are seen as they are."""
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
        noise=none,
        noise_start=np.zeros(count, np.int64),
        missing=np.zeros(count, np.int64),
        edges=np.zeros((count, 2, 3), np.int64),
    )


def symmetry(seed):
    """One of the 8 symmetries of the square: transposed?, and the rows and columns read backwards?

    `drawn_symmetry` in other words: a transposed patch has at (y, x) what the slice has at (x, y).
    """
    flip, turns = drawn_symmetry(seed)
    return turns % 2, int(turns >= 2), int(turns in (1, 2)) ^ flip


def drawn_symmetry(seed):
    """Whether to mirror a patch left to right, and how many quarter turns to give it then."""
    random = generator(seed, "symmetry")
    return int(random.integers(2)), int(random.integers(4))


def refuse_folds(*, elastic, size):
    """A bending so strong that the image would lie over itself teaches shapes that do not exist."""
    limit = FOLDS * size / (GRID - 3)
    if elastic > limit:
        raise SynthemError(
            "CONFIG_VALUE",
            "training: augment.elastic",
            f"{elastic:g} pixels in patches of {size}",
            expected=f"at most {limit:.3g}: stronger bending can fold the image over itself",
            fix="lower elastic or enlarge patch",
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


def flip_and_turn(stack, seeds):
    """One of the 8 symmetries of the square for each sample, alike for all channels [B, C, Y, X]."""
    changed = []
    for sample, seed in zip(stack, seeds, strict=True):
        flip, turns = drawn_symmetry(seed)
        changed.append(torch.rot90(sample.flip(-1) if flip else sample, turns, (-2, -1)))
    return torch.stack(changed)


def turn_alike(parts, seeds):
    """Several [B, C, Y, X], of which a sample's own parts all move alike; None stays None."""
    given = [part for part in parts if part is not None]
    turned = flip_and_turn(torch.cat(given, dim=1), seeds).split([part.shape[1] for part in given], dim=1)
    turned = iter(turned)
    return [None if part is None else next(turned) for part in parts]
