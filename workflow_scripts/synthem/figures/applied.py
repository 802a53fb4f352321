"""Slices of a stack without labels, as networks of a study have segmented it."""

import numpy as np

from synthem.figures.colouring import colour_labels
from synthem.figures.instances import HUES, REACH, fill
from synthem.figures.sheets import bare, brightness_range, label_row, png, sheet, show, to_rgb, true_aspect
from synthem.storage.arrays import read_array
from synthem.storage.splits import spread_slices
from synthem.storage.volumes import read_facts

MOST = 4  # slices
SHOWN = 1024  # pixels of a side, at most; the picture is 1400 wide, for three columns
TITLES = ("image", "segmentation", "confidence: bright where sure")


def slices_to_show(depth, doubtful, word="slice"):
    """{slice: words}: some spread over a stack of so many slices, and the `doubtful` ones, in a list."""
    shown = {z: f"{word} {z}" for z in spread_slices([(0, depth)], MOST - len(doubtful))}
    shown |= {z: f"{word} {z}, least sure" for z in doubtful}
    return dict(sorted(shown.items()))


def stack_sheet(slices, *, volume, segmentation):
    """`applied_sheet` of {slice: words} of a stack, from the files of its volume and its segmentation.

    Of large slices it takes every second pixel, or every third, ...: a picture has no more.
    """
    parts = [(volume, "image"), (segmentation, "labels"), (segmentation, "confidence")]
    arrays = [
        np.stack([thinned(read_array(path, name, block=[(z, z + 1)])[0]) for z in slices])
        for path, name in parts
    ]
    facts = read_facts(volume)
    (z, y, x), step = facts.voxel_size_nm, step_of(read_array(segmentation, "labels", block=[(0, 1)])[0])
    tiles = (
        [tuple(-(-side // step) for side in facts.tiles[number]) for number in slices] if facts.tiles else ()
    )
    return applied_sheet(*arrays, list(slices.values()), (z, y * step, x * step), tiles=tiles)


def step_of(plane):
    """How many pixels of a slice lie in one of the picture, along each side."""
    return max(1, -(-max(plane.shape[:2]) // SHOWN))


def thinned(plane):
    step = step_of(plane)
    return plane[::step, ::step].copy()


def applied_sheet(images, labels, confidence, words, voxel_size_nm, *, tiles=()):
    """Rows: slices. Columns: image | instances, neighbours in different colours | confidence uint8.

    images [n, y, x] or [n, y, x, c], labels and confidence [n, y, x]; words: what each row is called; tiles:
    sizes (y, x) of those that the slices hold, () where they are whole.
    """
    aspect, brightness = true_aspect(images.shape[1:3], voxel_size_nm), brightness_range(images)
    figure, axes = sheet(len(images), len(TITLES), aspect=aspect)
    colours = colour_labels(labels, reach=REACH, most=len(HUES))
    sizes = tiles or [()] * len(images)
    for row, plane, numbers, sure, text, size in zip(
        axes, images, colours, confidence, words, sizes, strict=True
    ):
        image = to_rgb(plane, brightness)
        show(row[0], bare(image, size), voxel_size_nm, bar=True, tile=size)
        label_row(row[0], text)
        show(row[1], bare(fill(image, numbers, opacity=0.55), size), voxel_size_nm)
        show(row[2], bare(np.repeat(sure[..., None], 3, axis=2), size), voxel_size_nm)
    for panel, title in zip(axes[0], TITLES, strict=True):
        panel.set_title(title)
    return png(figure)
