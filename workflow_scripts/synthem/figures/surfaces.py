"""Bodies as one sees them from outside: a block of a mask, turned and lit."""

from itertools import product

import numpy as np
from matplotlib.colors import to_rgb
from scipy import ndimage

from synthem.figures.sheets import GREY, STRUCTURE, png, sheet, show

VOXELS = 96  # a side, at most: finer than that, a body covers less than a pixel
WIDTH = 420  # pixels of a panel
TURN, TILT = np.radians(-32), np.radians(24)  # around the axis y, then towards the reader
LIGHT = np.array([-0.8, -0.5, 0.33])  # towards the lamp, (z, y, x) as seen: before, above, right of the body
AMBIENT = 0.3
SMOOTH = 0.6  # of the coarsest voxel: steps of the grid are no surface


def surface_sheet(masks, voxel_size_nm):
    """Masks {words: [z, y, x]} of one block, side by side in three dimensions -> PNG bytes.

    The first slice is in front, x goes to the right, y down; nothing is drawn smaller for being far away.
    """
    panels = {words: thinned(mask, voxel_size_nm) for words, mask in masks.items()}
    turned = rotation(TURN, TILT)
    extent = np.array(next(iter(masks.values())).shape) * voxel_size_nm
    corners = (np.array(list(product((-0.5, 0.5), repeat=3))) * extent) @ turned.T
    width, height = 1.06 * np.ptp(corners[:, 2]), 1.06 * np.ptp(corners[:, 1])
    pixel = width / WIDTH
    shape = (round(height / pixel), WIDTH)
    figure, axes = sheet(1, len(panels), aspect=shape[0] / WIDTH, caption_lines=1)
    for place, (panel, (words, (density, size))) in enumerate(zip(axes.flat, panels.items(), strict=True)):
        picture = lit(density, size, turned, shape, pixel)
        show(panel, picture, (pixel, pixel, pixel), bar=place == 0)
        _draw_far_edges(panel, corners, shape, pixel)
        panel.set_title(words)
    return png(figure)


def thinned(mask, voxel_size_nm):
    """The marked part of each of at most VOXELS^3 blocks of voxels, and their size in nm (z, y, x)."""
    factors = [-(-side // VOXELS) for side in mask.shape]
    full = np.pad(mask, [(0, -side % f) for side, f in zip(mask.shape, factors, strict=True)], mode="edge")
    sides = [n for side, f in zip(full.shape, factors, strict=True) for n in (side // f, f)]
    return full.reshape(sides).mean(axis=(1, 3, 5), dtype=np.float32), np.multiply(factors, voxel_size_nm)


def rotation(turn, tilt):
    """The matrix that turns (z, y, x) around y by `turn`, then around x by `tilt`."""
    about_y = [[np.cos(turn), 0, -np.sin(turn)], [0, 1, 0], [np.sin(turn), 0, np.cos(turn)]]
    about_x = [[np.cos(tilt), np.sin(tilt), 0], [-np.sin(tilt), np.cos(tilt), 0], [0, 0, 1]]
    return np.array(about_x) @ np.array(about_y)


def lit(density, size_nm, turned, shape, pixel_nm):
    """What parallel rays meet of a block turned around its middle: uint8 [y, x, 4], transparent elsewhere.

    A surface is where the density rises above a half; by Lambert's law it is as bright as it faces the lamp.
    """
    # Nothing lies around it, and that is not blurred: a block of few slices would fade.
    blurred = np.pad(ndimage.gaussian_filter(density, SMOOTH * max(size_nm) / size_nm, mode="nearest"), 2)
    hit, places = first_surface(blurred, size_nm, turned, shape, pixel_nm)
    slopes = [
        ndimage.map_coordinates(slope, places, order=1) / nm
        for slope, nm in zip(np.gradient(blurred), size_nm, strict=True)
    ]
    outwards = turned @ -np.array(slopes)
    outwards /= np.maximum(np.linalg.norm(outwards, axis=0), 1e-12)
    facing = np.clip(LIGHT @ outwards / np.linalg.norm(LIGHT), 0, 1)
    picture = np.zeros((*shape, 4), np.uint8)
    bright = AMBIENT + (1 - AMBIENT) * facing
    picture[hit] = np.append(bright[:, None] * to_rgb(STRUCTURE), np.ones((len(bright), 1)), axis=1) * 255
    return picture


def first_surface(density, size_nm, turned, shape, pixel_nm):
    """Which rays [y, x] meet a density above a half, and where: [3, rays], in voxels of the density."""
    sides, size = np.array(density.shape)[:, None], np.array(size_nm)[:, None]
    y, x = (pixel_nm * (np.arange(n) - (n - 1) / 2) for n in shape)
    screen = np.stack([grid.ravel() for grid in np.meshgrid(0, y, x, indexing="ij")])
    starts, ahead = turned.T @ screen / size + (sides - 1) / 2, turned.T[:, :1] / size
    depths, last = _within(starts, ahead, sides)
    step = 0.5 * min(size.max(), (sides * size).min() / 8)
    going, before, hit = np.flatnonzero(depths < last), 0, np.zeros(len(last), bool)
    while len(going):
        places = starts[:, going] + ahead * depths[going]
        value = ndimage.map_coordinates(density, places, order=1)
        met = value > 0.5
        share = ((value - 0.5) / np.maximum(value - before, 1e-6))[met]  # of the step that was too far
        depths[going[met]] -= share * step
        hit[going[met]] = True
        depths[going[~met]] += step
        before, going = value[~met], going[~met]
        inside = depths[going] < last[going]
        before, going = before[inside], going[inside]
    return hit.reshape(shape), starts[:, hit] + ahead * depths[hit]


def _within(starts, ahead, sides):
    """The depths at which rays enter and leave a block; they enter after they leave where they miss it."""
    ahead = np.where(np.abs(ahead) < 1e-12, 1e-12, ahead)
    faces = (-1 - starts) / ahead, (sides - starts) / ahead
    return np.minimum(*faces).max(axis=0), np.maximum(*faces).min(axis=0)


def _draw_far_edges(panel, corners, shape, pixel_nm):
    """The edges of the block that lie behind what is in it: all but those of the corner in front."""
    places = corners / pixel_nm + (0, (shape[0] - 1) / 2, (shape[1] - 1) / 2)
    front = corners[:, 0].argmin()
    for one, other in product(range(8), repeat=2):
        if one < other and (one ^ other).bit_count() == 1 and front not in (one, other):
            line = places[[one, other]]
            panel.plot(
                line[:, 2], line[:, 1], color=GREY, linewidth=0.7, zorder=-1, scalex=False, scaley=False
            )
