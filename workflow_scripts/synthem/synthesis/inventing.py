"""What belongs to invented masks: their instances, and pieces of real masks to hold them against."""

import numpy as np
from scipy import ndimage

from synthem.patches.places import PatchSet, cut_patch, draw_places, one_after_the_other
from synthem.seeds import derived_seed


def parts_of(mask):
    """The connected parts of each slice of a mask {0, 1} [z, y, x], numbered from 1 in each: uint32.

    Pixels that touch by a corner are apart: two objects that an invented mask lets touch count as one, for
    nobody has drawn where one ends.
    """
    return np.stack([ndimage.label(plane)[0] for plane in mask]).astype(np.uint32)


def real_pieces(masks, ignore, *, count, shape, seed):
    """`count` pieces of masks {name: {0, 1} [z, y, x]}, as large as `shape` (y, x), from places by chance.

    A slice that is smaller is mirrored at its far borders. ignore: where masks are unknown, or None.
    """
    first = next(iter(masks.values()))
    size = max(shape)
    examples = PatchSet("masks", first, masks, ignore=ignore)
    places = draw_places(
        [examples], one_after_the_other(0, count), size=size, seed=derived_seed(seed, "real masks")
    )
    pieces = np.stack([cut_patch(examples, place, size).conditions for place in places])
    return {name: pieces[:, n, : shape[0], : shape[1]] for n, name in enumerate(masks)}


def mask_numbers(mask, pixel_nm):
    """How a mask {0, 1} [z, y, x] looks in numbers; pixel_nm: the sides (y, x) of a pixel.

    parts: how many connected ones a µm² has; part_nm2: their median area, None where there are none.
    """
    areas = [np.bincount(plane.ravel())[1:] for plane in parts_of(mask)]
    pixel = pixel_nm[0] * pixel_nm[1]
    all_areas = np.concatenate(areas)
    return {
        "parts": float(len(all_areas) / (mask.size * pixel / 1e6)),
        "part_nm2": float(np.median(all_areas) * pixel) if len(all_areas) else None,
    }
