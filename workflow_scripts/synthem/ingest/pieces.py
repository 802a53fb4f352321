"""The stacks that make up a volume, and where each lies in it.

In z: the main stack, then the stacks of their own of the validation and the test block. In y and x: all begin
at 0; the smaller ones are filled up by reflection, and what is filled up counts as unknown.
"""

import numpy as np

from synthem.errors import SynthemError
from synthem.splits import split_slices

OWN = ("validation", "test")  # blocks that may be stacks of their own, in the order of z


def pieces_of(volume):
    """{block: {"image", "masks", "labels", ...}}; the main stack is "" and comes first."""
    own = {block: volume[block] for block in OWN if volume[block]}
    return {"": volume} | own


def blocks_of(volume, depths, split):
    """{"train" | ...: ranges of slices}; depths {block: slices of its stack}."""
    own = {block: depth for block, depth in depths.items() if block}
    gap_slices = 0 if volume["tiles"] else split["gap_slices"]  # tiles are no neighbours
    return split_slices(depths[""], **(split | {"gap_slices": gap_slices}), own=own)


def voxel_size_of(volume, image, where):
    """(z, y, x): the config's, else the file's."""
    known = volume["voxel_size_nm"] or image.voxel_size_nm
    if not known:
        raise SynthemError(
            "DATA_VALUE",
            where,
            "unknown: neither the file nor the config says it",
            expected="the size of a voxel in nm, z, y, x",
            fix=f"give {where}: [z, y, x]",
        )
    return tuple(float(size) for size in known)


def sizes_of(image):
    """(y, x) of every slice."""
    return image.shapes or (image.shape[1:3],) * image.shape[0]


def frame_of(images):
    """(y, x) that holds every slice of all stacks."""
    return tuple(max(image.shape[axis] for image in images) for axis in (1, 2))


def filled_up(planes, frame):
    """Planes [n, y, x(, c)] -> [n, *frame(, c)], by reflection."""
    missing = [(0, whole - size) for whole, size in zip(frame, planes.shape[1:3], strict=True)]
    if not any(after for _, after in missing):
        return planes
    return np.pad(planes, [(0, 0), *missing, *[(0, 0)] * (planes.ndim - 3)], mode="reflect")


def origin_in(image, stack, voxel_size_nm):
    """Where the first voxel of a mask or of labels lies in their image: (z, y, x) in voxels."""
    if len(stack.shape) != 3:
        raise _mismatch(stack, f"shape {stack.shape}", "one number a voxel", "save it in grey")
    if stack.shape == image.shape[:3] and sizes_of(stack) == sizes_of(image):
        return 0, 0, 0
    if stack.offset_nm is None or stack.shapes:
        raise _misfit(image, stack)
    apart = np.subtract(stack.offset_nm, image.offset_nm or (0, 0, 0)) / voxel_size_nm
    origin = tuple(int(place) for place in np.rint(apart))
    words = f"shape {stack.shape} from {apart.round(3).tolist()} voxels on"
    if np.abs(apart - origin).max() > 0.01:  # sizes and offsets are written with few digits
        found, fix = f"{words}, by their offsets", "correct the offsets or voxel_size_nm"
        raise _mismatch(stack, found, "an offset of whole voxels", fix)
    ends = np.add(origin, stack.shape)
    if min(origin) < 0 or (ends > image.shape[:3]).any():
        fix = "correct the offsets, or use files that belong together"
        raise _mismatch(stack, words, f"it to lie inside the image, {image.shape[:3]}", fix)
    return origin


def _misfit(image, stack):
    if stack.shape == image.shape[:3]:  # tiles, of which one differs
        pairs = zip(sizes_of(stack), sizes_of(image), strict=True)
        tile, (size, wanted) = next((z, pair) for z, pair in enumerate(pairs) if pair[0] != pair[1])
        name = stack.names[tile] if stack.names else f"tile {tile}"
        fix = "use files that belong together"
        return _mismatch(
            stack, f"{name} has {size[0]} x {size[1]}", f"{wanted[0]} x {wanted[1]} as the image", fix
        )
    turned = sorted(stack.shape) == sorted(image.shape[:3])
    fix = "transpose it to z, y, x" if turned else "use files that belong together"
    return _mismatch(stack, f"shape {stack.shape}", f"{image.shape[:3]} as the image", fix)


def _mismatch(stack, found, expected, fix):
    return SynthemError("DATA_SHAPE", stack.source, found, expected=expected, fix=fix)
