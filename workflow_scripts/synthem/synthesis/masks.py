"""New label masks for a generator: real ones, mirrored, turned and bent."""

import numpy as np
from scipy import ndimage

from synthem.errors import SynthemError
from synthem.kernels.bending import bent_labels, bent_mask, between_nodes


def new_masks(masks, labels, voxel_size_nm, *, slices, elastic_nm, elastic_scale_nm, seed, maps=()):
    """Masks name -> uint8 {0, 1} [Z, Y, X] -> (name -> uint8 {0, 1} [slices, Y, X], labels, source slices).

    labels: name -> uint32 [Z, Y, X] of the structures whose instances are known, perhaps none; they keep
    their numbers. Give only slices whose labels the run may use: every new slice is made of one of them. New
    slice n depends on `masks`, `labels`, `seed` and n alone, and all real slices are used before one is used
    again. It is turned by a multiple of 90 degrees or mirrored, and bent by a smooth random field: by
    elastic_nm (root mean square), with a correlation that falls to 1/e over elastic_scale_nm. All masks and
    labels of a slice are moved alike, so what is inside, outside or apart stays so. Where a line of another
    mask, such as the membrane, had to be drawn again to keep regions apart, there is no instance. maps: the
    names of masks that keep nothing apart, such as structure maps.
    """
    numbered = {f"labels/{name}": numbers for name, numbers in labels.items()}
    _check(masks | numbered)
    depth, *shape = next(iter(masks.values())).shape
    pixel = tuple(voxel_size_nm[1:])
    new = {name: np.empty((slices, *shape), np.uint8) for name in masks}
    new_labels = {name: np.empty((slices, *shape), np.uint32) for name in labels}
    bending = {"elastic_nm": elastic_nm, "elastic_scale_nm": elastic_scale_nm}
    sources = []
    for n, (source, turn, bend) in enumerate(
        movements(depth, shape, pixel, slices=slices, seed=seed, **bending)
    ):
        drawn = {}
        for name, mask in masks.items():
            new[name][n], drawn[name] = warp(turned(mask[source], turn), bend)
        for name, numbers in labels.items():
            new_labels[name][n] = warp_labels(turned(numbers[source], turn), bend)
            for other in drawn.keys() - {name, *maps}:
                new_labels[name][n][drawn[other]] = 0
        sources.append(source)
    return new, new_labels, sources


def movements(depth, shape, pixel_nm, *, slices, elastic_nm, elastic_scale_nm, seed):
    """For each new slice: which of the `depth` real ones it is made of, its turn, its displacement."""
    for n in range(slices):
        rng = np.random.default_rng([seed, 1, n])
        turn = rng.integers(symmetries(shape, pixel_nm))
        yield (
            source_of(n, depth, seed),
            turn,
            displacement(rng, shape, pixel_nm, elastic_nm, elastic_scale_nm),
        )


def source_of(n, depth, seed):
    """Which of the real slices new slice n is made of: all are used before one is used again."""
    return int(np.random.default_rng([seed, 0, n // depth]).permutation(depth)[n % depth])


def displacement(rng, shape, pixel_nm, elastic_nm, elastic_scale_nm):
    """Smooth random field float32 [2, Y, X] in pixels: where, seen from its place, a pixel comes from.

    It is drawn on nodes a quarter of its width apart: between them its variance is 0.8 % less.
    """
    # White noise smoothed by a Gaussian of width s has the correlation exp(-d**2 / (2 s)**2).
    width = [elastic_scale_nm / 2 / side for side in pixel_nm]
    steps = [max(1, int(w / 4)) for w in width]
    width = [w / step for w, step in zip(width, steps, strict=True)]
    margin = [int(4 * w) + 1 for w in width]
    nodes = [length // step + 2 for length, step in zip(shape, steps, strict=True)]
    field = np.empty((2, *shape), np.float32)
    for axis, side in enumerate(pixel_nm):
        noise = rng.standard_normal([length + 2 * m for length, m in zip(nodes, margin, strict=True)])
        smooth = ndimage.gaussian_filter(noise, width, mode="wrap")[tuple(slice(m, -m) for m in margin)]
        strength = elastic_nm / side / np.sqrt(2) / _smoothed_deviation(width)
        field[axis] = between_nodes(smooth * strength, *steps, *shape)
    return field


def warp(mask, bend):
    """Mask {0, 1} [Y, X] bent by a displacement [2, Y, X]; and which of its pixels were drawn again, bool.

    What the mask separates stays separated. A pixel is 1 if, at the place it comes from, the mask
    interpolates to more than a half (mirrored at the border). So masks that exclude or include each other
    still do so. Where the bending squeezes a line of one or two pixels, a membrane, between two samples, the
    regions on its sides would touch: there it is drawn again.
    """
    inside = np.ascontiguousarray(mask, bool)
    regions, _ = ndimage.label(~inside)
    bent, drawn = bent_mask(inside, regions.astype(np.int32), np.asarray(bend, np.float32))
    return bent.astype(np.uint8), drawn


def warp_labels(labels, bend):
    """Labels uint32 [Y, X] bent by a displacement [2, Y, X]; a pixel has the number of its origin."""
    return bent_labels(np.ascontiguousarray(labels), np.asarray(bend, np.float32))


def symmetries(shape, pixel_nm):
    """How many turns keep slices of this shape [Y, X] and pixel (y, x) what they are."""
    return 8 if shape[0] == shape[1] and pixel_nm[0] == pixel_nm[1] else 4


def turned(plane, turn):
    """One of the 8 symmetries of a square, of [Y, X] or [Y, X, C]; 0-3 are those of a rectangle."""
    plane = plane[::-1] if turn & 1 else plane
    plane = plane[:, ::-1] if turn & 2 else plane
    return plane.swapaxes(0, 1) if turn & 4 else plane


def _smoothed_deviation(width):
    """Standard deviation of white noise of deviation 1 after the Gaussian filter."""
    deviation = 1.0
    for w in width:
        impulse = np.zeros(2 * int(4 * w) + 3)
        impulse[len(impulse) // 2] = 1
        deviation *= np.sqrt((ndimage.gaussian_filter1d(impulse, w) ** 2).sum())
    return deviation


def _check(masks):
    shapes = {name: mask.shape for name, mask in masks.items()}
    shape = next(iter(shapes.values()), ())
    if len(set(shapes.values())) != 1 or len(shape) != 3 or 0 in shape:
        raise SynthemError(
            "DATA_SHAPE",
            "masks",
            f"shapes {shapes}",
            expected="at least one mask, all of one shape [z, y, x], none of them empty",
            fix="give the masks of the same labelled slices",
        )
