"""Masks as label maps, for a generator that invents masks: of some classes, every pixel has one.

A class is a combination of masks that occurs (in the structure and in the membrane, in the structure alone,
in none, ...): nothing is lost where masks overlap.
"""

import numpy as np

from synthem.errors import SynthemError
from synthem.patches.places import PatchSet

CERTAIN = 255  # a byte of the channel of a pixel's class: 1 for a network, as 0 is -1


def classes_of(masks):
    """The classes of masks {name: {0, 1} [z, y, x]}: tuples of 0 and 1 in the order of the masks.

    The background, in no mask, is the first, whether it occurs or not.
    """
    found = set(np.unique(_codes(masks)).tolist()) | {0}
    return [tuple(code >> number & 1 for number in range(len(masks))) for code in sorted(found)]


def label_maps(masks, ignore, *, scale):
    """Masks {name: {0, 1} [z, y, x]} as the PatchSet of a generator of masks: a channel for each class.

    `scale` times smaller along y and x: each pixel has the share of each class in what it stands for. ignore
    {0, 1} [z, y, x]: where masks are unknown, or None.
    """
    classes, codes = classes_of(masks), _codes(masks)
    depth, height, width = (codes.shape[0], *(side // scale for side in codes.shape[1:]))
    if not height or not width:
        raise SynthemError(
            "CONFIG_VALUE",
            "mask_generator.scale",
            f"{scale} with slices of {codes.shape[1]} x {codes.shape[2]} pixels",
            expected=f"at most {min(codes.shape[1:])}",
            fix="lower it",
        )
    maps = np.empty((depth, height, width, len(classes)), np.uint8)
    for number, of_class in enumerate(classes):
        code = sum(bit << place for place, bit in enumerate(of_class))
        for z in range(depth):
            maps[z, ..., number] = np.rint(_blocks(codes[z] == code, scale).mean(axis=(1, 3)) * CERTAIN)
    unknown = None if ignore is None else np.stack([_blocks(p, scale).max(axis=(1, 3)) for p in ignore])
    return PatchSet("masks", maps, ignore=unknown)


def masks_of(numbers, classes, names):
    """Numbers of classes [z, y, x] -> the masks {name: uint8 {0, 1} [z, y, x]} that they stand for."""
    table = np.array(classes, np.uint8)
    return {name: table[:, place][numbers] for place, name in enumerate(names)}


def _codes(masks):
    """A number for each pixel: bit n is set in the n-th mask."""
    first = next(iter(masks.values()))
    codes = np.zeros(first.shape, np.int64)
    for place, mask in enumerate(masks.values()):
        codes |= (mask != 0).astype(np.int64) << place
    return codes


def _blocks(plane, scale):
    """A plane [y, x] as [y // scale, scale, x // scale, scale]; what is left over at far borders is cut."""
    height, width = (side // scale for side in plane.shape)
    return plane[: height * scale, : width * scale].reshape(height, scale, width, scale)
